/**
 * Spoken sentences with their texts, and how far written words are from said ones. The English ones are LibriVox
 * readings (public domain), from Debian's pocketsphinx-testdata; the French one was spoken by a machine (espeak-ng).
 */

export const SENTENCES = ['0870', '0890', '0920'] as const;
export const FRENCH = 'french';

/** Mono, 16 bits a sample, at whatever rate it says: samples from -1 to 1. */
export function samplesOfWave(wave: Uint8Array): { samples: Float32Array; rate: number } {
	const view = new DataView(wave.buffer, wave.byteOffset, wave.byteLength);
	const rate = view.getUint32(24, true);
	// The chunk with the samples is not always the second.
	let at = 12;
	while (view.getUint32(at, false) !== 0x64617461) at += 8 + view.getUint32(at + 4, true);
	const count = view.getUint32(at + 4, true) / 2;
	const samples = Float32Array.from(
		{ length: count },
		(_, i) => view.getInt16(at + 8 + 2 * i, true) / 32_768
	);
	return { samples, rate };
}

/** Words without what writing adds to them. */
function wordsOf(text: string): string[] {
	return text
		.toLowerCase()
		.replace(/\bmr\b\.?/g, 'mister')
		.replace(/[^\p{L}\p{N}' ]+/gu, ' ')
		.split(' ')
		.filter((word) => word !== '');
}

/** Words that were left out, put in or changed, as a share of those that were said. */
export function wordErrorRate(said: string, written: string): number {
	const [a, b] = [wordsOf(said), wordsOf(written)];
	let row = Array.from({ length: b.length + 1 }, (_, j) => j);
	a.forEach((word, i) => {
		const next = [i + 1];
		b.forEach((other, j) => {
			const changed = (row[j] ?? 0) + Number(word !== other);
			next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, changed));
		});
		row = next;
	});
	return (row.at(-1) ?? 0) / Math.max(1, a.length);
}
