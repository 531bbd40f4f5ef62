/** The signed original of a recording: its manifest, signed by who recorded it, its content as it lies on the disk, and the hashes. */
import { bytesAsSource, joined } from '#lib/io/disk/byte-sources.ts';
import type { PartSources } from '#lib/io/disk/recording-reader.ts';
import type { ByteSource, Keys } from '#lib/io/ports.ts';
import { encodeContentHead, encodeFileHead, PARTS } from '#lib/p2p/archive/container.ts';
import {
	encodeManifest,
	manifestMessage,
	pieceCount,
	pieceRange,
	sealManifest
} from '#lib/p2p/archive/manifest.ts';
import { pieceHash, rootOf } from '#lib/p2p/archive/merkle.ts';
import type { OpenRecording } from '#lib/p2p/archive/reader.ts';
import { deletedAtMs } from '#lib/p2p/archive/retention.ts';

/** The four parts in one piece, as pieces and root are taken over it. */
export function contentOf(recording: OpenRecording, parts: PartSources): ByteSource {
	const head = bytesAsSource(encodeContentHead(recording.sizes));
	return joined([head, ...PARTS.map((part) => parts[part])]);
}

export interface OriginalParts {
	readonly recording: OpenRecording;
	readonly content: ByteSource;
	/** Of the host, who recorded it. */
	readonly sign: Keys['sign'];
	readonly nowMs: number;
}

/** The whole file, piece by piece. It reads the content twice: the manifest, which stands first, speaks of all of it. */
export async function* originalOf(
	parts: OriginalParts,
	onShare: (share: number) => void = () => undefined
): AsyncGenerator<Uint8Array, void, undefined> {
	const { recording, content, sign, nowMs } = parts;
	const count = pieceCount(content.size);
	const hashes: Uint8Array[] = [];
	for (let i = 0; i < count; i++) {
		hashes.push(pieceHash(await pieceOf(content, i)));
		onShare((i + 1) / (2 * count));
	}
	const { meta } = recording;
	const unsigned = encodeManifest({
		id: meta.id,
		room: meta.room,
		hostKey: meta.hostKey,
		issuedAtMs: Math.floor(nowMs),
		state: 'shared',
		passedOn: false,
		sealed: meta.sealed,
		clip: false,
		expiresAtMs: deletedAtMs(meta, recording.lastMs),
		startedAtMs: meta.startedAtMs,
		durationMs: recording.durationMs,
		title: meta.title,
		bytes: content.size,
		root: rootOf(hashes),
		hostName: '',
		keysHash: null
	});
	yield encodeFileHead(sealManifest(unsigned, await sign(manifestMessage(unsigned))));
	for (let i = 0; i < count; i++) {
		yield await pieceOf(content, i);
		onShare((count + i + 1) / (2 * count));
	}
	yield* hashes;
}

function pieceOf(content: ByteSource, index: number): Promise<Uint8Array> {
	const { offset, length } = pieceRange(content.size, index);
	return content.read(offset, length);
}
