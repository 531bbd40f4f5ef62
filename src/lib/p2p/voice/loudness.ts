/** How loud some samples are. */

/** Mean power in dBFS, 0 for a square wave at full scale; -Infinity for digital silence. */
export function loudnessOf(frame: Float32Array): number {
	let power = 0;
	for (const sample of frame) power += sample * sample;
	return 10 * Math.log10(power / Math.max(1, frame.length));
}
