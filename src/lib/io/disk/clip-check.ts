/**
 * What a clip proves: who said what is heard in it, that nothing of it was altered, and whether anything between the first
 * and the last word of each was left out.
 */
import type { ByteSource } from '../ports.ts';
import {
	CLIP_FILE_HEAD_BYTES_MAX,
	clipMessage,
	readClipFileHead,
	type Clip,
	type ClipFileHead
} from '#lib/p2p/archive/clip-head.ts';
import { peerIdOf, type PeerId, type StreamId } from '#lib/p2p/wire/ids.ts';
import type { Frame } from '#lib/p2p/wire/packet.ts';
import { seqDistance, TICK_MS } from '#lib/p2p/wire/seq.ts';
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

/** What somebody said, or was silent, and is not in it: lost on its way, said while nothing was recorded, or cut out. */
export interface Gap {
	readonly peer: PeerId;
	/** From the beginning of the recording, by its own clock. */
	readonly atMs: number;
	readonly lengthMs: number;
}

export interface CheckedClip {
	/** Null where the file is no clip. */
	readonly clip: Clip | null;
	readonly host: PeerId | null;
	/** Who cut and signed it. */
	readonly maker: PeerId | null;
	readonly texts: number;
	readonly voices: readonly RecordedVoice[];
	/** In the order of the voices. At most GAPS_MAX. */
	readonly gaps: readonly Gap[];
	/** Empty: every signature holds. */
	readonly faults: readonly Fault[];
}

/** More, and nobody reads them: it is full of holes. */
const GAPS_MAX = 50;

/** `file`: a clip. Rejects where it cannot be read. */
export async function checkClip(file: ByteSource, verify: Verify): Promise<CheckedClip> {
	const head = readClipFileHead(await file.read(0, CLIP_FILE_HEAD_BYTES_MAX));
	if (head === null) {
		const to = Math.min(file.size, CLIP_FILE_HEAD_BYTES_MAX);
		const fault: Fault = { fault: 'no-recording', from: 0, to, what: 'the file’s head' };
		const nothing = { clip: null, host: null, maker: null, texts: 0, voices: [], gaps: [] };
		return { ...nothing, faults: [fault] };
	}
	const { clip, contentAt } = head;
	const numbers = new Map<StreamId, Said[]>();
	const check = newCheck({
		...{ file, contentAt, verify, vouched: clip },
		onFrame: (frame, atMs) => note(numbers, frame, atMs)
	});
	await checkHead(check, head);
	await checkContent(check);
	return {
		clip,
		host: peerIdOf(clip.hostKey),
		maker: peerIdOf(clip.makerKey),
		texts: check.texts,
		voices: voicesIn(check),
		gaps: voicesIn(check)
			.flatMap(({ stream, peer }) => gapsIn(peer, numbers.get(stream) ?? []))
			.slice(0, GAPS_MAX),
		faults: check.faults
	};
}

async function checkHead(check: ContentCheck, head: ClipFileHead): Promise<void> {
	const { clip, unsigned, signature, contentAt } = head;
	if (await check.verify(clip.makerKey, clipMessage(unsigned), signature)) return;
	blame(check, { fault: 'manifest', from: 0, to: contentAt, what: 'what its maker says of it' });
}

/** Numbers that one frame speaks of: its own, and of a silence those before. */
interface Said {
	readonly last: number;
	readonly ticks: number;
	readonly atMs: number;
	readonly silent: boolean;
}

/** Of a silence there is a sign each 200 ms: what of it lies between the last one and the next word nobody has signed. */
const UNSIGNED_TICKS = 10;

function note(numbers: Map<StreamId, Said[]>, frame: Frame, atMs: number): void {
	const ticks = frame.kind === 'silence' ? frame.ticks : 1;
	const known = numbers.get(frame.stream) ?? [];
	numbers.set(frame.stream, known);
	known.push({ last: frame.seq, ticks, atMs, silent: frame.kind === 'silence' });
}

function gapsIn(peer: PeerId, said: readonly Said[]): Gap[] {
	const first = said[0]?.last ?? 0;
	const sorted = said
		.map((one) => ({ ...one, place: seqDistance(one.last, first) }))
		.sort((a, b) => a.place - b.place);
	const gaps: Gap[] = [];
	let upTo: number | null = null;
	let wasSilent = false;
	for (const { place, ticks, atMs, silent } of sorted) {
		const missing: number = upTo === null ? 0 : place - ticks - upTo;
		if (missing > (wasSilent ? UNSIGNED_TICKS : 0)) {
			const lengthMs = missing * TICK_MS;
			gaps.push({ peer, lengthMs, atMs: Math.max(0, atMs - (ticks - 1) * TICK_MS - lengthMs) });
		}
		upTo = Math.max(upTo ?? place, place);
		wasSilent = silent;
	}
	return gaps;
}
