/** Keeps the sum of many voices within full scale: turns the whole down for a moment instead of clipping it. */

/** A little below full scale, for what a sound card's own filter adds. */
const CEILING = 0.97;
/** The level comes back at this rate for each block of 128 samples: about 100 ms to recover from half. */
const RECOVER_PER_BLOCK = 1.02;

/** A limiter that changes blocks in place, all channels alike: no voice wanders. Blocks follow each other without a gap. */
export function createLimiter(): (...channels: readonly Float32Array[]) => void {
	let gain = 1;
	return (...channels) => {
		const peak = channels.reduce((most, block) => Math.max(most, peakOf(block)), CEILING);
		const to = Math.min(1, CEILING / peak, gain * RECOVER_PER_BLOCK);
		if (gain < 1 || to < 1) for (const block of channels) turn(block, gain, to);
		gain = to;
	};
}

function peakOf(block: Float32Array): number {
	let peak = 0;
	for (const sample of block) peak = Math.max(peak, Math.abs(sample));
	return peak;
}

/** Glides from one gain to the other; what still sticks out at the beginning of a loud block is clamped. */
function turn(block: Float32Array, from: number, to: number): void {
	const step = (to - from) / block.length;
	for (let i = 0; i < block.length; i++) {
		const sample = (block[i] ?? 0) * (from + step * (i + 1));
		block[i] = Math.max(-CEILING, Math.min(CEILING, sample));
	}
}
