/**
 * Reading and writing of our binary formats: big-endian, lengths before contents. A reader never throws
 * on a peer's bytes: it goes bad once something does not fit, yields zeros and says so at `done()`.
 */
import { fromString } from 'uint8arrays/from-string';
import { toString } from 'uint8arrays/to-string';
import { SEALED_TEXT_EXTRA_BYTES } from './limits.ts';
import { sealedBytesOf, sealedText } from './text.ts';

const U16 = 2 ** 16;
/** In the length of a text that is sealed; none is that long. */
const SEALED_FLAG = 0x8000;

export interface ByteReader {
	u8(): number;
	u16(): number;
	u32(): number;
	u48(): number;
	/** The next `length` bytes, a view and not a copy. */
	bytes(length: number): Uint8Array;
	/** UTF-8 text after its u16 length; bad where it is longer than `maxBytes` or no UTF-8. */
	text(maxBytes: number): string;
	/** The same, or a sealed text, which is longer by SEALED_TEXT_EXTRA_BYTES at most. */
	sealable(maxBytes: number): string;
	/** A u16 length and that many bytes, at most `maxBytes`. */
	blob(maxBytes: number): Uint8Array;
	/** What has not been read yet. */
	rest(): Uint8Array;
	/** Marks the input as malformed for a reason outside the reader's sight (an unknown kind, say). */
	fail(): void;
	/** False once anything did not fit. */
	readonly ok: boolean;
	/** True where everything fitted and every byte was read. */
	done(): boolean;
}

export function reader(input: Uint8Array): ByteReader {
	let at = 0;
	let ok = true;
	const take = (length: number): Uint8Array => {
		if (!ok || length > input.length - at) {
			ok = false;
			return new Uint8Array(0);
		}
		at += length;
		return input.subarray(at - length, at);
	};
	const number = (length: number): number => {
		if (!ok || length > input.length - at) {
			ok = false;
			return 0;
		}
		let value = 0;
		for (const end = at + length; at < end; at++) value = value * 256 + (input[at] ?? 0);
		return value;
	};
	const blob = (maxBytes: number): Uint8Array => {
		const length = number(2);
		if (length > maxBytes) ok = false;
		return take(length);
	};
	const text = (length: number, maxBytes: number): string => {
		if (length > maxBytes) ok = false;
		const raw = take(length);
		const read = toString(raw);
		// What is no UTF-8 is replaced in decoding, and so does not come back.
		if (!sameBytes(fromString(read), raw)) ok = false;
		return ok ? read : '';
	};
	return {
		u8: () => number(1),
		u16: () => number(2),
		u32: () => number(4),
		u48: () => number(6),
		bytes: take,
		blob,
		text: (maxBytes) => text(number(2), maxBytes),
		sealable(maxBytes) {
			const length = number(2);
			if ((length & SEALED_FLAG) === 0) return text(length, maxBytes);
			const sealed = length & ~SEALED_FLAG;
			if (sealed === 0 || sealed > maxBytes + SEALED_TEXT_EXTRA_BYTES) ok = false;
			const raw = take(sealed);
			return ok ? sealedText(raw) : '';
		},
		rest: () => take(input.length - at),
		fail: () => {
			ok = false;
		},
		get ok() {
			return ok;
		},
		done: () => ok && at === input.length
	};
}

export interface ByteWriter {
	u8(value: number): ByteWriter;
	u16(value: number): ByteWriter;
	u32(value: number): ByteWriter;
	u48(value: number): ByteWriter;
	bytes(value: Uint8Array): ByteWriter;
	text(value: string): ByteWriter;
	blob(value: Uint8Array): ByteWriter;
	finish(): Uint8Array<ArrayBuffer>;
}

export function writer(): ByteWriter {
	let buffer = new Uint8Array(128);
	let at = 0;
	const room = (length: number): void => {
		if (at + length <= buffer.length) return;
		const larger = new Uint8Array(Math.max(2 * buffer.length, at + length));
		larger.set(buffer.subarray(0, at));
		buffer = larger;
	};
	const number = (value: number, length: number): ByteWriter => {
		room(length);
		for (let i = length - 1, left = value; i >= 0; i--, left = Math.floor(left / 256)) {
			buffer[at + i] = left % 256;
		}
		at += length;
		return self;
	};
	const self: ByteWriter = {
		u8: (value) => number(value, 1),
		u16: (value) => number(value, 2),
		u32: (value) => number(value, 4),
		u48: (value) => number(value, 6),
		bytes(value) {
			room(value.length);
			buffer.set(value, at);
			at += value.length;
			return self;
		},
		text(value) {
			const sealed = sealedBytesOf(value);
			if (sealed === null) return self.blob(fromString(value));
			return number(SEALED_FLAG | sealed.length, 2).bytes(sealed);
		},
		blob(value) {
			if (value.length >= U16) throw new RangeError('A blob has at most 65,535 bytes.');
			return number(value.length, 2).bytes(value);
		},
		finish: () => buffer.slice(0, at)
	};
	return self;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}
