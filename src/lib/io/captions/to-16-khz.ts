/** From the microphone's 48 kHz to the 16 kHz that speech models hear: every third sample, after a low pass. */

const FACTOR = 3;
/** Reach of the filter on each side, in input samples: -60 dB above 8.5 kHz. */
const HALF_TAPS = 48;
/** Pass band as a share of what 16 kHz can hold. */
const PASS = 0.9;

/** Windowed sinc (Hamming), the same for each output sample because the ratio is whole. */
const TAPS = Float32Array.from({ length: 2 * HALF_TAPS + 1 }, (_, i) => {
	const x = i - HALF_TAPS;
	const cut = PASS / FACTOR;
	const window = 0.54 + 0.46 * Math.cos((Math.PI * x) / (HALF_TAPS + 1));
	return (x === 0 ? cut : Math.sin(Math.PI * cut * x) / (Math.PI * x)) * window;
});

/**
 * Feed it blocks of 48 kHz that follow each other, each of a multiple of three samples; each call gives a third as many.
 * Delays by HALF_TAPS input samples (1 ms).
 */
export function createTo16kHz(): (block: Float32Array) => Float32Array<ArrayBuffer> {
	let before = new Float32Array(2 * HALF_TAPS);
	return (block) => {
		const input = new Float32Array(before.length + block.length);
		input.set(before);
		input.set(block, before.length);
		before = input.slice(block.length);
		const out = new Float32Array(block.length / FACTOR);
		for (let i = 0; i < out.length; i++) {
			let sum = 0;
			for (let k = 0; k < TAPS.length; k++) sum += (input[i * FACTOR + k] ?? 0) * (TAPS[k] ?? 0);
			out[i] = sum;
		}
		return out;
	};
}
