/** Samples waiting to be heard, with the recent past kept before them for pitch search and cross-fades. */

/** The past that is looked at: time stretching needs 25 ms, making up sound two loops of up to 20 ms and its glide. */
export const HISTORY_SAMPLES = 2400;
/** Pending never exceeds two frames and a jump; what is left holds the past and postpones compaction. */
const CAPACITY = 16_384;

export interface SampleLine {
	append(samples: Float32Array): void;
	appendZeros(count: number): void;
	/** Adds the next `out.length` samples onto `out`. They must be pending. */
	addTo(out: Float32Array): void;
	/** The last `HISTORY_SAMPLES` before whatever is appended next; a view, valid until the next call. */
	past(): Float32Array;
	/** Removes and returns the pending samples: they will not be heard as they are. */
	cut(): Float32Array;
	readonly pending: number;
}

export function createSampleLine(): SampleLine {
	const data = new Float32Array(CAPACITY);
	let read = HISTORY_SAMPLES;
	let end = HISTORY_SAMPLES;
	const makeRoom = (count: number): void => {
		if (end + count <= CAPACITY) return;
		data.copyWithin(0, read - HISTORY_SAMPLES, end);
		end -= read - HISTORY_SAMPLES;
		read = HISTORY_SAMPLES;
	};
	return {
		append(samples) {
			makeRoom(samples.length);
			data.set(samples, end);
			end += samples.length;
		},
		appendZeros(count) {
			makeRoom(count);
			data.fill(0, end, end + count);
			end += count;
		},
		addTo(out) {
			for (let i = 0; i < out.length; i++) out[i] = (out[i] ?? 0) + (data[read + i] ?? 0);
			read += out.length;
		},
		past: () => data.subarray(end - HISTORY_SAMPLES, end),
		cut() {
			const samples = data.slice(read, end);
			end = read;
			return samples;
		},
		get pending() {
			return end - read;
		}
	};
}
