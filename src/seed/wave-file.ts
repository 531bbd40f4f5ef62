/** Sound as a file that every player knows. */

/** Samples a second. */
export const RATE = 48_000;

/** Mono of RATE, from -1 to 1, as 16-bit PCM in a RIFF WAVE file. */
export function waveFile(samples: Float32Array): Uint8Array {
	const bytes = new Uint8Array(44 + 2 * samples.length);
	const view = new DataView(bytes.buffer);
	const text = (at: number, word: string): void => bytes.set(new TextEncoder().encode(word), at);
	text(0, 'RIFF');
	view.setUint32(4, 36 + 2 * samples.length, true);
	text(8, 'WAVEfmt ');
	view.setUint32(16, 16, true);
	view.setUint16(20, 1, true);
	view.setUint16(22, 1, true);
	view.setUint32(24, RATE, true);
	view.setUint32(28, 2 * RATE, true);
	view.setUint16(32, 2, true);
	view.setUint16(34, 16, true);
	text(36, 'data');
	view.setUint32(40, 2 * samples.length, true);
	samples.forEach((sample, i) => {
		view.setInt16(44 + 2 * i, Math.round(Math.max(-1, Math.min(1, sample)) * 0x7fff), true);
	});
	return bytes;
}
