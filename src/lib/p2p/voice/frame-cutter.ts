/** Cuts a microphone's sound, which comes in blocks of any length, into frames of one length. */

/**
 * Feed it blocks that follow each other; `onFrame` gets each whole frame of `frameSamples`, to keep. What is left
 * over waits for the next block.
 */
export function createFrameCutter(
	frameSamples: number,
	onFrame: (frame: Float32Array<ArrayBuffer>) => void
): (block: Float32Array) => void {
	let frame = new Float32Array(frameSamples);
	let filled = 0;
	return (block) => {
		for (let at = 0; at < block.length;) {
			const part = block.subarray(at, at + frameSamples - filled);
			frame.set(part, filled);
			filled += part.length;
			at += part.length;
			if (filled < frameSamples) return;
			const whole = frame;
			frame = new Float32Array(frameSamples);
			filled = 0;
			onFrame(whole);
		}
	};
}
