/** A clip as a file: what its maker signs of it, its content, and the hashes of its pieces. */
import type { RecordingReader } from '#lib/io/disk/recording-reader.ts';
import type { Keys } from '#lib/io/ports.ts';
import { cutWithin, type Cut } from '#lib/p2p/archive/clip.ts';
import { clipMessage, encodeClip, encodeClipFileHead } from '#lib/p2p/archive/clip-head.ts';
import { pieceCount, pieceRange } from '#lib/p2p/archive/manifest.ts';
import { pieceHash, rootOf } from '#lib/p2p/archive/merkle.ts';
import { concat } from '#lib/p2p/wire/ids.ts';

export interface ClipParts {
	readonly reader: RecordingReader;
	readonly cut: Cut;
	/** Of who cuts it. */
	readonly keys: Pick<Keys, 'publicKey' | 'sign'>;
	readonly nowMs: number;
}

/** Null where nobody is heard in it. */
export async function clipFile({
	reader,
	cut,
	keys,
	nowMs
}: ClipParts): Promise<Uint8Array | null> {
	const { meta, durationMs } = reader.recording;
	const within = cutWithin(cut, durationMs);
	const content = await reader.clip(within);
	if (content === null) return null;
	const hashes = Array.from({ length: pieceCount(content.length) }, (_, i) => {
		const { offset, length } = pieceRange(content.length, i);
		return pieceHash(content.subarray(offset, offset + length));
	});
	const unsigned = encodeClip({
		...{ id: meta.id, room: meta.room, hostKey: meta.hostKey, makerKey: keys.publicKey },
		...{ madeAtMs: Math.floor(nowMs), startedAtMs: meta.startedAtMs, title: meta.title },
		...{ fromMs: within.fromMs, toMs: within.toMs, bytes: content.length, root: rootOf(hashes) }
	});
	const signature = await keys.sign(clipMessage(unsigned));
	return concat(encodeClipFileHead(unsigned, signature), content, ...hashes);
}
