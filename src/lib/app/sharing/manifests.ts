/** Manifests: made and signed by who hands a recording out, checked by everybody else. */
import type { ByteSource, Keys } from '#lib/io/ports.ts';
import {
	encodeManifest,
	manifestMessage,
	openManifest,
	pieceCount,
	pieceRange,
	sealManifest,
	type Manifest
} from '#lib/p2p/archive/manifest.ts';
import { pieceHash } from '#lib/p2p/archive/merkle.ts';
import type { ShareLink } from '#lib/p2p/archive/share-link.ts';
import { sameBytes } from '#lib/p2p/wire/bytes.ts';

export interface SignedManifest {
	readonly manifest: Manifest;
	/** As it was signed. */
	readonly signed: Uint8Array;
}

export async function signManifest(manifest: Manifest, keys: Keys): Promise<SignedManifest> {
	const unsigned = encodeManifest(manifest);
	return { manifest, signed: sealManifest(unsigned, await keys.sign(manifestMessage(unsigned))) };
}

/** Null for what is none, is of something else than the link names, or was not signed by its host. Never rejects. */
export async function checkManifest(
	signed: Uint8Array,
	{ id, hostKey }: Pick<ShareLink, 'id' | 'hostKey'>,
	keys: Pick<Keys, 'verify'>
): Promise<SignedManifest | null> {
	const opened = openManifest(signed);
	if (opened === null) return null;
	const { manifest, unsigned, signature } = opened;
	if (manifest.id !== id || !sameBytes(manifest.hostKey, hostKey)) return null;
	const isGood = await keys.verify(hostKey, manifestMessage(unsigned), signature);
	return isGood ? { manifest, signed: signed.slice() } : null;
}

/** Whether it is over, by that clock: whoever has it deletes it. */
export const isExpired = ({ expiresAtMs }: Manifest, nowMs: number): boolean =>
	expiresAtMs !== null && nowMs >= expiresAtMs;

export async function readPieceOf(content: ByteSource, piece: number): Promise<Uint8Array> {
	const { offset, length } = pieceRange(content.size, piece);
	return content.read(offset, length);
}

/** Of all pieces, in their order. */
export async function hashesOf(content: ByteSource): Promise<Uint8Array[]> {
	const hashes: Uint8Array[] = [];
	for (let piece = 0; piece < pieceCount(content.size); piece++) {
		hashes.push(pieceHash(await readPieceOf(content, piece)));
	}
	return hashes;
}
