/** Brings a microphone's sound to another sample rate: windowed sinc, good enough for voice, cheap enough for a phone. */

/** Reach of the filter on each side, in input samples at equal or lower input rate. */
const HALF_TAPS = 16;
/** Pass band as a share of the lower of both rates' half. */
const PASS = 0.92;

/**
 * A resampler from one rate to another, both in Hz. Feed it blocks that follow each other; each call gives
 * what is complete by then. Delays by `HALF_TAPS` input samples (times the ratio, when going down).
 */
export function createResampler(
	fromRate: number,
	toRate: number
): (block: Float32Array) => Float32Array<ArrayBuffer> {
	const step = fromRate / toRate;
	const cut = PASS * Math.min(1, toRate / fromRate);
	const half = Math.ceil(HALF_TAPS * Math.max(1, step));
	let held = new Float32Array(half);
	/** Where in `held` the next output sample lies. */
	let at = half;
	return (block) => {
		const input = new Float32Array(held.length + block.length);
		input.set(held);
		input.set(block, held.length);
		const count = Math.max(0, Math.ceil((input.length - half - at) / step));
		const out = new Float32Array(count);
		for (let i = 0; i < count; i++) out[i] = sampleAt(input, at + i * step, { half, cut });
		const keepFrom = Math.max(0, Math.floor(at + count * step) - half);
		held = input.slice(keepFrom);
		at += count * step - keepFrom;
		return out;
	};
}

function sampleAt(
	input: Float32Array,
	at: number,
	{ half, cut }: { readonly half: number; readonly cut: number }
): number {
	const first = Math.floor(at) - half + 1;
	let sum = 0;
	for (let i = first; i < first + 2 * half; i++) {
		const distance = i - at;
		const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / (half + 1));
		sum += (input[i] ?? 0) * cut * sinc(distance * cut) * window;
	}
	return sum;
}

function sinc(x: number): number {
	return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
