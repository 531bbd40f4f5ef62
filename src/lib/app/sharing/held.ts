/** The pieces of a recording that are here, of one's own and of one that was fetched alike. */
import { bytesAsSource, joined, partOf } from '#lib/io/disk/byte-sources.ts';
import { fetchedBytes, fetchedSource, loadHashes } from '#lib/io/disk/fetched-files.ts';
import { folderSources } from '#lib/io/disk/recording-files.ts';
import type { ByteSource, Disk } from '#lib/io/ports.ts';
import { PARTS, readContentHead } from '#lib/p2p/archive/container.ts';
import { pieceCount, pieceRange } from '#lib/p2p/archive/manifest.ts';
import { pieceHash } from '#lib/p2p/archive/merkle.ts';
import { sameBytes } from '#lib/p2p/wire/bytes.ts';
import type { Share } from './share-book.ts';
import { readPieceOf } from './manifests.ts';

export interface Held {
	readonly hashes: readonly Uint8Array[];
	has(piece: number): boolean;
	/** Null where it is not here, or not what was signed any more. */
	read(piece: number): Promise<Uint8Array | null>;
}

/** As it lies on the disk, whole; null where it is not. */
export async function openHeld(disk: Disk, share: Share): Promise<Held | null> {
	const { id } = share.link;
	const { bytes } = share.signed.manifest;
	const hashes = await loadHashes(disk, id);
	const content = await contentHeld(disk, share);
	if (hashes.length !== pieceCount(bytes) || content?.size !== bytes) return null;
	return {
		hashes,
		has: (piece) => piece < hashes.length,
		read: async (piece) =>
			ifRight(hashes[piece], bytes, {
				piece,
				content: piece < hashes.length ? await readPieceOf(content, piece) : null
			})
	};
}

/** The piece, where it is the one that was signed. */
export function ifRight(
	hash: Uint8Array | undefined,
	bytes: number,
	of: { readonly piece: number; readonly content: Uint8Array | null }
): Uint8Array | null {
	const { piece, content } = of;
	if (hash === undefined || content === null) return null;
	const isWhole = content.length === pieceRange(bytes, piece).length;
	return isWhole && sameBytes(pieceHash(content), hash) ? content : null;
}

function contentHeld(disk: Disk, share: Share): Promise<ByteSource | null> {
	const { id } = share.link;
	const { clip, bytes } = share.signed.manifest;
	if (clip) return fetchedBytes(disk, id, bytes);
	if (share.role === 'holder') return fetchedSource(disk, id);
	// Clips are all that else there is of ours.
	return share.from.type === 'clip' ? Promise.resolve(null) : ownContent(disk, id, share.from.head);
}

/** What a recording held when it was shared; null where less is there. It may have gone on since, behind that. */
export async function ownContent(
	disk: Disk,
	id: string,
	head: Uint8Array
): Promise<ByteSource | null> {
	const sizes = readContentHead(head);
	if (sizes === null) return null;
	const sources = await folderSources(disk, id);
	const parts = PARTS.map((part) => partOf(sources[part], 0, sizes[part]));
	return joined([bytesAsSource(head), ...parts]);
}
