/** What is played comes back in at the microphone, or does not: real speech, made-up tones, and how often it is wrong. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createFeedbackWatch, type Feedback } from '#lib/p2p/voice/feedback.ts';
import { soundOfFrame, type FrameSound } from '#lib/p2p/voice/frame-sound.ts';
import { createResampler } from '#lib/p2p/voice/resampler.ts';
import { sine, RATE } from '../lib/sound.ts';
import { FRENCH, samplesOfWave, SENTENCES } from '../lib/speech.ts';
import { Dice } from '../sim/dice.ts';

const FRAME = RATE / 50;
const TOLD_EVERY = 25;
/** Ticks count from 1970. */
const FIRST_TICK = 89_500_000_000;

/** 48 kHz, at an even loudness of some -20 dBFS where somebody speaks. */
function speech(name: string): Float32Array {
	const file = new URL(`../fixtures/speech/${name}.wav`, import.meta.url);
	const { samples, rate } = samplesOfWave(readFileSync(file));
	const sound = rate === RATE ? samples : createResampler(rate, RATE)(samples);
	const peak = sound.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
	return sound.map((x) => (0.5 * x) / peak);
}

const VOICES = [...SENTENCES, FRENCH].map(speech);
/** One voice after the other, round and round, from one of them on. */
function talk(first: number, seconds: number, pauseS = 0.7): Float32Array {
	const out = new Float32Array(Math.round(seconds * RATE));
	for (let at = 0, i = first; at < out.length; i++) {
		const voice = VOICES[i % VOICES.length] ?? new Float32Array(RATE);
		out.set(voice.subarray(0, out.length - at), at);
		at += voice.length + Math.round(pauseS * RATE);
	}
	return out;
}

const noise = (seconds: number, peak: number, seed = 3): Float32Array => {
	const dice = new Dice(seed);
	return Float32Array.from({ length: seconds * RATE }, () => dice.between(-peak, peak));
};

/** What a microphone hears of a loudspeaker, so much later and so much softer. */
const echoOf = (played: Float32Array, lateMs: number, gain: number): Float32Array =>
	played.map((_, i) => gain * (played[i - lateMs * 48] ?? 0));

const sum = (...sounds: readonly Float32Array[]): Float32Array =>
	(sounds[0] ?? new Float32Array(0)).map((_, i) => sounds.reduce((all, x) => all + (x[i] ?? 0), 0));

interface Told {
	/** Seconds until the first warning; null where there was none. */
	readonly afterS: number | null;
	readonly what: Feedback | null;
	/** At the end. */
	readonly now: Feedback | null;
}

const framesOf = (sound: Float32Array): FrameSound[] =>
	Array.from({ length: Math.floor(sound.length / FRAME) }, (_, i) =>
		soundOfFrame(sound.subarray(i * FRAME, (i + 1) * FRAME))
	);

const watch = (played: Float32Array, heard: Float32Array): Told =>
	watchFrames(framesOf(played), framesOf(heard));

/** Both run beside each other; what was played is told twice a second, as the sound output does. */
function watchFrames(played: readonly FrameSound[], heard: readonly FrameSound[]): Told {
	const watcher = createFeedbackWatch();
	let first: { afterS: number; what: Feedback } | null = null;
	let now: Feedback | null = null;
	for (const [i, frame] of heard.entries()) {
		if (i % TOLD_EVERY === TOLD_EVERY - 1)
			watcher.played(played.slice(i - TOLD_EVERY + 1, i + 1), FIRST_TICK + i);
		now = watcher.captured(frame, FIRST_TICK + i);
		if (now !== null) first ??= { afterS: i / 50, what: now };
	}
	return { afterS: first?.afterS ?? null, what: first?.what ?? null, now };
}

describe('a frame of sound', () => {
	it.each([220, 440, 997, 1500, 3100])('is known for a tone of %i Hz', (hz) => {
		const { dbfs, hz: found } = soundOfFrame(sine(hz, 0.02));
		expect(dbfs).toBeCloseTo(-20, 0);
		expect(Math.abs((found ?? 0) - hz) / hz).toBeLessThan(0.03);
	});

	it('is no tone where it is noise, silence, too soft, or somebody speaking', () => {
		expect(soundOfFrame(noise(1, 0.2).subarray(0, FRAME)).hz).toBeNull();
		expect(soundOfFrame(new Float32Array(FRAME))).toEqual({ dbfs: -Infinity, hz: null });
		expect(soundOfFrame(sine(440, 0.02, -60)).hz).toBeNull();
		const voice = talk(0, 20);
		let [tones, run, longest] = [0, 0, 0];
		for (let i = 0; i + FRAME <= voice.length; i += FRAME) {
			const isTone = soundOfFrame(voice.subarray(i, i + FRAME)).hz !== null;
			run = isTone ? run + 1 : 0;
			longest = Math.max(longest, run);
			if (isTone) tones++;
		}
		expect(tones / (voice.length / FRAME)).toBeLessThan(0.2);
		expect(longest).toBeLessThan(25);
	});
});

describe('what is played and comes back', () => {
	it.each([
		[40, 0.5],
		[120, 0.2],
		[250, 0.1],
		[450, 0.3]
	])('%i ms later, at a gain of %f, is told as an echo', (lateMs, gain) => {
		const played = talk(0, 20);
		const told = watch(played, sum(echoOf(played, lateMs, gain), noise(20, 0.002)));
		expect(told.what).toBe('echo');
		expect(told.afterS).toBeLessThan(12);
	});

	it('stops being told some seconds after it has stopped', () => {
		const played = talk(0, 30);
		const heard = echoOf(played, 100, 0.3).map((x, i) => (i < 14 * RATE ? x : 0));
		const told = watch(played, sum(heard, noise(30, 0.002)));
		expect(told.what).toBe('echo');
		expect(told.now).toBeNull();
	});

	it('howls where both hold a tone that does not go away', () => {
		const tone = sine(1_180, 4, -12).map((x, i) => x * Math.min(1, i / (0.7 * RATE)));
		const before = talk(1, 2);
		const played = Float32Array.from([...before, ...tone]);
		const told = watch(played, echoOf(played, 60, 0.6));
		expect(told.what).toBe('howl');
		expect(told.afterS).toBeLessThan(2 + 2);
	});
});

describe('what has nothing to do with what is played', () => {
	const [quiet, loud] = [noise(60, 0.001), noise(60, 0.05)];

	it('is told in not one of ten minutes of others who speak while we do', () => {
		const wrong: string[] = [];
		const voices = [0, 1, 2, 3];
		const others = voices.map((theirs) => framesOf(talk(theirs, 50, 0.9)));
		for (const mine of voices) {
			const heard = framesOf(sum(talk(mine, 50, 0.4), quiet));
			for (const theirs of voices.filter((voice) => voice !== mine)) {
				const told = watchFrames(others[theirs] ?? [], heard);
				if (told.what !== null) wrong.push(`${mine} and ${theirs}`);
			}
		}
		expect(wrong).toEqual([]);
	});

	it('is silence, a noisy room, or what echo cancelling leaves over', () => {
		const played = talk(0, 40);
		for (const heard of [
			new Float32Array(40 * RATE),
			loud.subarray(0, 40 * RATE),
			sum(echoOf(played, 90, 0.002), quiet.subarray(0, 40 * RATE))
		]) {
			expect(watch(played, heard).what).toBeNull();
		}
	});

	it('is one who answers the other, turn by turn', () => {
		const [one, other] = [talk(0, 60, 0), talk(2, 60, 0)];
		const isMine = (i: number): boolean => Math.floor(i / (3 * RATE)) % 2 === 0;
		const played = one.map((x, i) => (isMine(i) ? x : 0));
		const heard = other.map((x, i) => (isMine(i) ? 0 : x));
		expect(watch(played, heard).what).toBeNull();
	});

	it('is a note that only we hold, or that others hold while we speak', () => {
		const note = sine(660, 20, -18);
		expect(watch(talk(1, 20), note).what).toBeNull();
		expect(watch(note, talk(1, 20)).what).toBeNull();
		expect(watch(sine(523, 20, -18), note).what).toBeNull();
	});
});
