/**
 * What is fetched, on the disk: pieces one behind the other as they came, and beside them which is which. Nothing is ever
 * moved, so that a reload costs no piece, and what came whole is read where it lies.
 */
import { CONTENT_HEAD_BYTES, contentBytes, readContentHead } from '#lib/p2p/archive/container.ts';
import { PIECE_BYTES, PIECES_MAX } from '#lib/p2p/archive/limits.ts';
import { pieceRange } from '#lib/p2p/archive/manifest.ts';
import { HASH_BYTES } from '#lib/p2p/archive/merkle.ts';
import type { AppendFile, ByteSource, Disk } from '../ports.ts';

export const PIECES = 'pieces';
const ORDER = 'order';
const HASHES = 'hashes';
/** Of a piece's number. */
const NUMBER_BYTES = 4;

/** Where each piece lies, by its number. */
type Slots = Map<number, number>;

export interface FetchedFiles {
	has(piece: number): boolean;
	readonly count: number;
	/** `bytes` is the piece, checked by whoever puts it. One after the other; rejects where the disk does not take it. */
	put(piece: number, bytes: Uint8Array): Promise<void>;
	/** Null where it is not here. */
	read(piece: number): Promise<Uint8Array | null>;
	/** Takes a piece for missing from now on: it is not what it should be. */
	drop(piece: number): void;
	close(): Promise<void>;
}

/** To be written to; one at a time. `bytes`: length of the content. Of what a crash left half written nothing is taken. */
export async function openFetched(
	disk: Disk,
	folder: string,
	bytes: number
): Promise<FetchedFiles> {
	const pieces = await disk.open(folder, PIECES);
	const order = await disk.open(folder, ORDER).catch(async (error: unknown) => {
		await pieces.close();
		throw error;
	});
	await cutToWhole(pieces, order);
	const slots = await readSlots(disk, folder);
	let writing: Promise<void> = Promise.resolve();
	const write = async (piece: number, content: Uint8Array): Promise<void> => {
		const padded = new Uint8Array(PIECE_BYTES);
		padded.set(content);
		await pieces.append(padded);
		await order.append(u32(piece));
		await pieces.flush();
		await order.flush();
		slots.set(piece, pieces.size / PIECE_BYTES - 1);
	};
	return {
		has: (piece) => slots.has(piece),
		get count() {
			return slots.size;
		},
		put(piece, content) {
			writing = writing.then(() => write(piece, content));
			return writing;
		},
		read: (piece) => readPiece({ disk, folder, bytes, slots }, piece),
		drop: (piece) => void slots.delete(piece),
		async close() {
			// What failed was told to whoever put it.
			await writing.catch(() => undefined);
			await pieces.close();
			await order.close();
		}
	};
}

async function cutToWhole(pieces: AppendFile, order: AppendFile): Promise<void> {
	const whole = Math.min(
		Math.floor(pieces.size / PIECE_BYTES),
		Math.floor(order.size / NUMBER_BYTES)
	);
	await pieces.cut(whole * PIECE_BYTES);
	await order.cut(whole * NUMBER_BYTES);
}

async function readSlots(disk: Disk, folder: string): Promise<Slots> {
	const order = await disk.read(folder, ORDER, 0, PIECES_MAX * NUMBER_BYTES);
	const slots: Slots = new Map();
	const view = new DataView(order.buffer, order.byteOffset, order.length);
	for (let slot = 0; (slot + 1) * NUMBER_BYTES <= order.length; slot++) {
		slots.set(view.getUint32(slot * NUMBER_BYTES), slot);
	}
	return slots;
}

interface Fetched {
	readonly disk: Disk;
	readonly folder: string;
	/** Of the content. */
	readonly bytes: number;
	readonly slots: Slots;
}

async function readPiece(
	{ disk, folder, bytes, slots }: Fetched,
	piece: number
): Promise<Uint8Array | null> {
	const slot = slots.get(piece);
	if (slot === undefined) return null;
	return disk.read(folder, PIECES, slot * PIECE_BYTES, pieceRange(bytes, piece).length);
}

/** The content of what was fetched, in one piece; null where something of it is missing. */
export async function fetchedSource(disk: Disk, folder: string): Promise<ByteSource | null> {
	const slots = await readSlots(disk, folder);
	const first = slots.get(0);
	if (first === undefined) return null;
	const head = await disk.read(folder, PIECES, first * PIECE_BYTES, CONTENT_HEAD_BYTES);
	const sizes = readContentHead(head);
	return sizes === null ? null : whole({ disk, folder, bytes: contentBytes(sizes), slots });
}

/** What was fetched whole and is no recording's content: `bytes` long. Null where something of it is missing. */
export async function fetchedBytes(
	disk: Disk,
	folder: string,
	bytes: number
): Promise<ByteSource | null> {
	return whole({ disk, folder, bytes, slots: await readSlots(disk, folder) });
}

function whole(fetched: Fetched): ByteSource | null {
	const { bytes, slots } = fetched;
	for (let piece = 0; piece * PIECE_BYTES < bytes; piece++) if (!slots.has(piece)) return null;
	return { size: bytes, read: (offset, length) => readAt(fetched, offset, length) };
}

async function readAt(of: Fetched, offset: number, length: number): Promise<Uint8Array> {
	const end = Math.min(of.bytes, offset + length);
	const out = new Uint8Array(Math.max(0, end - offset));
	for (let at = offset; at < end;) {
		const piece = Math.floor(at / PIECE_BYTES);
		const from = at - piece * PIECE_BYTES;
		const wanted = Math.min(PIECE_BYTES - from, end - at);
		const slot = of.slots.get(piece) ?? 0;
		const some = await of.disk.read(of.folder, PIECES, slot * PIECE_BYTES + from, wanted);
		// The file was cut short behind our back: what is there is given.
		if (some.length < wanted) return out.subarray(0, at - offset);
		out.set(some, at - offset);
		at += wanted;
	}
	return out;
}

/** Of all pieces, in their order; empty where they are not here. */
export async function loadHashes(disk: Disk, folder: string): Promise<Uint8Array[]> {
	const all = await disk.read(folder, HASHES, 0, PIECES_MAX * HASH_BYTES);
	return Array.from({ length: Math.floor(all.length / HASH_BYTES) }, (_, i) =>
		all.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES)
	);
}

export async function saveHashes(
	disk: Disk,
	folder: string,
	hashes: readonly Uint8Array[]
): Promise<void> {
	const file = await disk.open(folder, HASHES);
	try {
		await file.cut(0);
		const all = new Uint8Array(hashes.length * HASH_BYTES);
		hashes.forEach((hash, i) => all.set(hash, i * HASH_BYTES));
		await file.append(all);
		await file.flush();
	} finally {
		await file.close();
	}
}

function u32(value: number): Uint8Array {
	const bytes = new Uint8Array(NUMBER_BYTES);
	new DataView(bytes.buffer).setUint32(0, value);
	return bytes;
}
