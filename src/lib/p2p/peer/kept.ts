/** The last frames of one stream as they came: what pulls are answered from, and what copies are made of. */
import { KEPT_TICKS, PACKET_BYTES_MAX } from '../wire/limits.ts';
import { REPAIR_SPAN_TICKS } from '../wire/repair.ts';
import { seqAdd } from '../wire/seq.ts';

export interface Kept {
	/** Number and frame of each place; a number's place is its remainder. */
	readonly seqs: Uint32Array;
	readonly frames: (Uint8Array | undefined)[];
}

export function newKept(): Kept {
	return {
		seqs: new Uint32Array(KEPT_TICKS),
		frames: new Array<Uint8Array | undefined>(KEPT_TICKS).fill(undefined)
	};
}

/** A frame that is part of something large is copied, or it would keep all of that. */
export function keep(kept: Kept, seq: number, bytes: Uint8Array): void {
	const place = seq % KEPT_TICKS;
	kept.seqs[place] = seq;
	kept.frames[place] = bytes.buffer.byteLength > PACKET_BYTES_MAX ? bytes.slice() : bytes;
}

export function forgetFrame(kept: Kept, seq: number): void {
	if (keptFrame(kept, seq) !== undefined) kept.frames[seq % KEPT_TICKS] = undefined;
}

export function keptFrame(kept: Kept, seq: number): Uint8Array | undefined {
	const place = seq % KEPT_TICKS;
	return kept.seqs[place] === seq ? kept.frames[place] : undefined;
}

/** Bit i: the frame of tick `newest - i` is here. */
export function keptBits(kept: Kept, newest: number): number {
	let bits = 0;
	for (let back = 0; back < REPAIR_SPAN_TICKS; back++) {
		if (keptFrame(kept, seqAdd(newest, -back)) !== undefined) bits |= 1 << back;
	}
	return bits;
}
