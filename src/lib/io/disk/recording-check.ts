/**
 * What the signed original of a recording proves. Everything in it is checked, and every place that is not as it was
 * signed is named: by what its host vouches for, piece by piece, and by what each speaker has signed.
 */
import type { ByteSource } from '../ports.ts';
import { FILE_HEAD_BYTES_MAX, readFileHead, type FileHead } from '#lib/p2p/archive/container.ts';
import { manifestMessage, type Manifest } from '#lib/p2p/archive/manifest.ts';
import { peerIdOf, type PeerId } from '#lib/p2p/wire/ids.ts';
import { createConsentCheck } from './consent-check.ts';
import {
	blame,
	checkContent,
	newCheck,
	voicesIn,
	type ContentCheck,
	type Fault,
	type RecordedVoice,
	type Verify
} from './content-check.ts';

export interface CheckedRecording {
	/** Null where the file is no recording. */
	readonly manifest: Manifest | null;
	readonly host: PeerId | null;
	readonly events: number;
	readonly texts: number;
	readonly voices: readonly RecordedVoice[];
	/** Who is heard, and of whom no answer to being recorded is there. */
	readonly unanswered: readonly PeerId[];
	/** Empty: every signature holds, and nothing was cut or changed. At most FAULTS_MAX. */
	readonly faults: readonly Fault[];
}

/** `file`: a signed original. Rejects where it cannot be read. */
export async function checkRecording(file: ByteSource, verify: Verify): Promise<CheckedRecording> {
	const head = readFileHead(await file.read(0, FILE_HEAD_BYTES_MAX));
	if (head === null) {
		const to = Math.min(file.size, FILE_HEAD_BYTES_MAX);
		const fault: Fault = { fault: 'no-recording', from: 0, to, what: 'the file’s head' };
		const nothing = { manifest: null, host: null, events: 0, texts: 0, voices: [], unanswered: [] };
		return { ...nothing, faults: [fault] };
	}
	const { manifest: vouched, contentAt } = head;
	const consents = createConsentCheck(peerIdOf(vouched.hostKey));
	const check = newCheck({
		...{ file, vouched, contentAt, verify },
		onEvent: (...told) => consents.onEvent(...told),
		onFrame: (...told) => consents.onFrame(...told)
	});
	await checkManifest(check, head);
	await checkContent(check);
	for (const fault of consents.faults()) blame(check, fault);
	return {
		manifest: vouched,
		host: peerIdOf(vouched.hostKey),
		events: check.events.length,
		texts: check.texts,
		voices: voicesIn(check),
		unanswered: consents.unanswered(),
		faults: check.faults
	};
}

async function checkManifest(check: ContentCheck, head: FileHead): Promise<void> {
	const { manifest, unsigned, signature, contentAt } = head;
	if (await check.verify(manifest.hostKey, manifestMessage(unsigned), signature)) return;
	blame(check, { fault: 'manifest', from: 0, to: contentAt, what: 'the manifest' });
}
