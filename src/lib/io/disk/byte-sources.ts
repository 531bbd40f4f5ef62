/** Ways to see bytes as a source: in memory, as a part of another, several as one. */
import type { ByteSource } from '../ports.ts';

export const bytesAsSource = (bytes: Uint8Array): ByteSource => ({
	size: bytes.length,
	read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length))
});

/** A file that somebody chose, or that was fetched. */
export const blobAsSource = (blob: Blob): ByteSource => ({
	size: blob.size,
	async read(offset, length) {
		return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
	}
});

export function partOf(source: ByteSource, offset: number, size: number): ByteSource {
	return {
		size: Math.max(0, Math.min(size, source.size - offset)),
		read: (at, length) => source.read(offset + at, Math.max(0, Math.min(length, size - at)))
	};
}

/** One behind the other. */
export function joined(sources: readonly ByteSource[]): ByteSource {
	return {
		size: sources.reduce((sum, { size }) => sum + size, 0),
		async read(offset, length) {
			const pieces: Uint8Array[] = [];
			let at = 0;
			for (const source of sources) {
				const from = Math.max(offset, at);
				const to = Math.min(offset + length, at + source.size);
				if (from < to) pieces.push(await source.read(from - at, to - from));
				at += source.size;
			}
			return pieces.length === 1 ? (pieces[0] ?? new Uint8Array(0)) : concat(pieces);
		}
	};
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
	const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const piece of pieces) {
		whole.set(piece, at);
		at += piece.length;
	}
	return whole;
}
