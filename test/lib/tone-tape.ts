/** A recording of three people, a tone each, on this browser's disk: who is heard is told by the tone. */
import { createMixEncoder } from '#lib/io/audio/mix-encoder.ts';
import { onThisDisk } from './tape-on-disk.ts';
import { makeTape, type MadeTape, type TapeWish } from './tape-maker.ts';

const RATE = 48_000;
const FRAME = 960;
export const TONE_SECONDS = 9;
/** Three seconds each in turn; the first once more beside the last, from the eighth second on. */
export const TONES = [440, 660, 990] as const;

const talks = (speaker: number, tick: number): boolean =>
	Math.floor(tick / 150) === speaker || (speaker === 0 && tick >= 400);

/** Ready-made packets of a tone. */
export function tonePackets(hertz: number, count: number): Promise<Uint8Array[]> {
	const samples = Float32Array.from(
		{ length: count * FRAME },
		(_, n) => Math.sin((2 * Math.PI * hertz * n) / RATE) / 4
	);
	return packetsOf(samples);
}

/** Ready-made packets of music: a tone at the left, another at the right. */
export function stereoPackets(left: number, right: number, count: number): Promise<Uint8Array[]> {
	const samples = Float32Array.from({ length: 2 * count * FRAME }, (_, n) => {
		const hertz = n < count * FRAME ? left : right;
		return Math.sin((2 * Math.PI * hertz * (n % (count * FRAME))) / RATE) / 4;
	});
	return packetsOf(samples, 2);
}

/** Of whole frames of 20 ms; of two channels all of the left before all of the right. */
export async function packetsOf(
	samples: Float32Array<ArrayBuffer>,
	channels: 1 | 2 = 1
): Promise<Uint8Array[]> {
	const encoder = createMixEncoder(channels);
	await encoder.encode(samples);
	await encoder.flush();
	encoder.close();
	return encoder.taken().slice(0, samples.length / channels / FRAME);
}

/** It is removed by `remove`. */
export async function toneTape(
	tell?: TapeWish['tell'],
	music: readonly Uint8Array[] | null = null
): Promise<{ readonly tape: MadeTape; readonly remove: () => Promise<void> }> {
	const packets = await Promise.all(TONES.map((hertz) => tonePackets(hertz, 50)));
	const tape = await makeTape({
		...{ seconds: TONE_SECONDS, speakers: 3, talks, ...(tell === undefined ? {} : { tell }) },
		// The second one may play instead of talking.
		opus: (speaker, tick) => ((speaker === 1 && music) || packets[speaker]!)[tick % 50]!
	});
	return { tape, remove: await onThisDisk(tape) };
}

/** Sound of a file, by the browser's own demuxer and decoder. */
export const heard = async (file: Uint8Array): Promise<Float32Array> =>
	(await heardBy(file))[0] ?? new Float32Array(0);

/** The same for each channel that the file has. */
export async function heardBy(file: Uint8Array): Promise<Float32Array[]> {
	const context = new OfflineAudioContext(1, RATE, RATE);
	const sound = await context.decodeAudioData(file.slice().buffer);
	return Array.from({ length: sound.numberOfChannels }, (_, i) => sound.getChannelData(i));
}

/** How much of a tone is in the half second around that time, 0.25 as it was made (Goertzel). */
function strength(samples: Float32Array, hertz: number, atS: number): number {
	const part = samples.subarray(Math.round((atS - 0.25) * RATE), Math.round((atS + 0.25) * RATE));
	let [re, im] = [0, 0];
	part.forEach((sample, i) => {
		re += sample * Math.cos((2 * Math.PI * hertz * i) / RATE);
		im += sample * Math.sin((2 * Math.PI * hertz * i) / RATE);
	});
	return (2 * Math.hypot(re, im)) / part.length;
}

/** Which of the tones are there, at that time. */
export const tonesAt = (samples: Float32Array, atS: number): number[] =>
	TONES.filter((hertz) => strength(samples, hertz, atS) > 0.1);
