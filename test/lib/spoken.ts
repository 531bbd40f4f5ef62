/** The spoken sentences of the fixtures, for tests in a browser: sound and text by their names. */
import { createResampler } from '#lib/p2p/voice/resampler.ts';
import { RATE } from './sound.ts';
import { samplesOfWave } from './speech.ts';

const waves = import.meta.glob<string>('../fixtures/speech/*.wav', {
	query: '?url',
	import: 'default',
	eager: true
});
const texts = import.meta.glob<string>('../fixtures/speech/*.txt', {
	query: '?raw',
	import: 'default',
	eager: true
});
const urlOf = (name: string): string => waves[`../fixtures/speech/${name}.wav`] ?? '';

export const textOf = (name: string): string => texts[`../fixtures/speech/${name}.txt`] ?? '';

/** Mono, 48 kHz. */
export async function spoken(name: string): Promise<Float32Array> {
	const wave = new Uint8Array(await (await fetch(urlOf(name))).arrayBuffer());
	const { samples, rate } = samplesOfWave(wave);
	return createResampler(rate, RATE)(samples);
}
