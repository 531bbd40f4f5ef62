/**
 * The last half minute of proven sound as it came, signatures and all, for who wants to report what was said. Kept on
 * this device alone, and only by apps of people.
 */
import { HELD_BYTES_MAX, HELD_MS } from '../wire/limits.ts';
import type { StreamId } from '../wire/ids.ts';

/** A frame with its proof, if it carries one, and when it had been proven here. */
export interface HeldFrame {
	readonly stream: StreamId;
	readonly seq: number;
	readonly bytes: Uint8Array;
	readonly atMs: number;
}

export interface HeldSound {
	/** Keeps a copy. The oldest make room: at most HELD_MS and HELD_BYTES_MAX. */
	hold(frame: HeldFrame): void;
	/** What is held now, in the order it was proven. */
	frames(nowMs: number): readonly HeldFrame[];
	readonly bytes: number;
}

export function createHeldSound(): HeldSound {
	const held: HeldFrame[] = [];
	let bytes = 0;
	const letGo = (nowMs: number): void => {
		let gone = 0;
		for (const frame of held) {
			if (bytes <= HELD_BYTES_MAX && nowMs - frame.atMs <= HELD_MS) break;
			bytes -= frame.bytes.length;
			gone++;
		}
		held.splice(0, gone);
	};
	return {
		hold(frame) {
			// Of its own: as it came it is a part of a packet, which would be kept with it.
			held.push({ ...frame, bytes: frame.bytes.slice() });
			bytes += frame.bytes.length;
			letGo(frame.atMs);
		},
		frames(nowMs) {
			letGo(nowMs);
			return [...held];
		},
		get bytes() {
			return bytes;
		}
	};
}
