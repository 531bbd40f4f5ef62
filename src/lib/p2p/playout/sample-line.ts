/** Samples waiting to be heard, with the recent past kept before them for pitch search and cross-fades. */

/** The past that is looked at: time stretching needs 25 ms, making up sound two loops of up to 20 ms and its glide. */
export const HISTORY_SAMPLES = 2400;
/** Pending never exceeds two frames and a jump; what is left holds the past and postpones compaction. */
const CAPACITY = 16_384;

export interface SampleLine {
	/** `side`: how left and right differ from the samples, their mean; of equal length, or null where they do not. */
	append(samples: Float32Array, side?: Float32Array | null): void;
	appendZeros(count: number): void;
	/** Adds the next `out.length` samples onto `out`, and what belongs to them of the side onto `side`. They must be pending. */
	addTo(out: Float32Array, side?: Float32Array): void;
	/** The last `HISTORY_SAMPLES` before whatever is appended next; a view, valid until the next call. */
	past(): Float32Array;
	/** The same of the side; null while everything was mono. */
	pastSide(): Float32Array | null;
	/** Removes and returns the pending samples: they will not be heard as they are. */
	cut(): { readonly samples: Float32Array; readonly side: Float32Array | null };
	readonly pending: number;
}

export function createSampleLine(): SampleLine {
	const data = new Float32Array(CAPACITY);
	/** Most voices never have any. */
	let sides: Float32Array | null = null;
	let read = HISTORY_SAMPLES;
	let end = HISTORY_SAMPLES;
	const makeRoom = (count: number): void => {
		if (end + count <= CAPACITY) return;
		data.copyWithin(0, read - HISTORY_SAMPLES, end);
		sides?.copyWithin(0, read - HISTORY_SAMPLES, end);
		end -= read - HISTORY_SAMPLES;
		read = HISTORY_SAMPLES;
	};
	return {
		append(samples, side = null) {
			makeRoom(samples.length);
			data.set(samples, end);
			if (side !== null) sides ??= new Float32Array(CAPACITY);
			if (side === null) sides?.fill(0, end, end + samples.length);
			else sides?.set(side, end);
			end += samples.length;
		},
		appendZeros(count) {
			makeRoom(count);
			data.fill(0, end, end + count);
			sides?.fill(0, end, end + count);
			end += count;
		},
		addTo(out, side) {
			add(data, read, out);
			if (sides !== null && side !== undefined) add(sides, read, side);
			read += out.length;
		},
		past: () => data.subarray(end - HISTORY_SAMPLES, end),
		pastSide: () => sides?.subarray(end - HISTORY_SAMPLES, end) ?? null,
		cut() {
			const cut = { samples: data.slice(read, end), side: sides?.slice(read, end) ?? null };
			end = read;
			return cut;
		},
		get pending() {
			return end - read;
		}
	};
}

function add(from: Float32Array, at: number, onto: Float32Array): void {
	for (let i = 0; i < onto.length; i++) onto[i] = (onto[i] ?? 0) + (from[at + i] ?? 0);
}
