import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { Dice } from '../sim/dice.ts';
import {
	crossCorrelationDelay,
	goertzelDb,
	levelDb,
	logSpectralDistance,
	median,
	quarterDelays,
	RATE,
	sine,
	voiceLike
} from '../lib/sound.ts';
import { setupVoice, type VoiceSetup } from '../lib/voice.ts';

let voice: VoiceSetup;

beforeEach(async () => {
	voice = await setupVoice();
});

afterEach(() => {
	voice.close();
});

/** The level of a tone in each tenth of a second. */
function tenths(heard: Float32Array, hz: number): number[] {
	const length = RATE / 10;
	return Array.from({ length: Math.floor(heard.length / length) }, (_, i) =>
		goertzelDb(heard.subarray(i * length, (i + 1) * length), hz)
	);
}

it('plays a voice as it was spoken', async () => {
	const source = voiceLike(2.5);
	const recording = voice.record(3.5);
	await voice.say('ana', source);
	const [heard = source] = await recording;
	const whole = crossCorrelationDelay(source.subarray(0, RATE), heard, 1.5 * RATE);
	const from = Math.max(0, whole.samples - RATE / 10);
	const pieces = quarterDelays(source, heard.subarray(from), RATE / 5);
	expect(median(pieces.map(({ correlation }) => correlation))).toBeGreaterThan(0.9);
	const second = source.subarray(RATE, 2 * RATE);
	const distance = logSpectralDistance(second, heard.subarray(RATE + whole.samples));
	expect(distance).toBeLessThan(6);
});

it('carries a tone across lost frames', async () => {
	const lost = [20, 37, 38, 60, 77, 78, 79, 90];
	const recording = voice.record(3);
	const said = voice.say('ben', sine(440, 2.4), { lost });
	const report = voice.report((r) => (r.streams['ben' as StreamId]?.played ?? 0) >= 110);
	const [heard] = await recording;
	await said;
	const levels = tenths(heard ?? sine(1, 1), 440);
	const loud = levels.filter((db) => db > -40);
	const { concealed } = voice.of(await report, 'ben');
	expect(concealed).toBeGreaterThanOrEqual(lost.length);
	expect(concealed).toBeLessThan(lost.length + 6);
	expect(loud.length).toBeGreaterThanOrEqual(22);
	expect(Math.min(...loud.slice(1, -1))).toBeGreaterThan(-24);
});

it('carries a tone across a rough line', async () => {
	const dice = new Dice(5);
	const lateMs = Array.from({ length: 250 }, () => dice.between(0, 50));
	const recording = voice.record(5.5);
	const said = voice.say('cy', sine(300, 5), { lateMs });
	await said;
	const report = voice.of(await voice.report(), 'cy');
	const [heard] = await recording;
	const levels = tenths(heard ?? sine(1, 1), 300);
	const loud = levels.filter((db) => db > -40);
	expect(loud.length).toBeGreaterThanOrEqual(46);
	expect(loud.slice(12, -2).filter((db) => db < -23)).toEqual([]);
	expect(report.targetMs).toBeGreaterThan(50);
});

it('mixes two voices and ends both in silence', async () => {
	const recording = voice.record(2.5);
	await Promise.all([
		voice.say('dee', sine(500, 1.5)),
		voice.say('eli', sine(900, 1.5)),
		voice.report((r) => r.firstHeard.some(({ stream }) => stream === ('eli' as StreamId)))
	]);
	const [heard = sine(1, 1)] = await recording;
	const levels = [500, 900].map((hz) => Math.max(...tenths(heard, hz)));
	expect(levels[0]).toBeCloseTo(-20, 0);
	expect(levels[1]).toBeCloseTo(-20, 0);
	expect(levelDb(heard.subarray(-RATE / 10))).toBe(-Infinity);
});

it('survives packets that no decoder understands, and counts them', async () => {
	for (let seq = 0; seq < 20; seq++) {
		const opus = Uint8Array.from({ length: 40 }, (_, i) => (i * 37 + seq * 91) & 0xff);
		voice.raw({ type: 'frame', stream: 'fay' as StreamId, seq, opus });
	}
	const recording = voice.record(1.5);
	await voice.say('gus', sine(700, 1));
	const report = await voice.report();
	const [heard = sine(1, 1)] = await recording;
	expect(report.decoderFailures).toBeGreaterThan(0);
	expect(Math.max(...tenths(heard, 700))).toBeCloseTo(-20, 0);
});

describe('two ears', () => {
	/** How loud a tone is in each of them, at its loudest. */
	const loudest = (ears: readonly Float32Array[], hz: number): number[] =>
		ears.map((ear) => Math.max(...tenths(ear, hz)));

	it('hear each voice as loud as it is wanted, and from its place', async () => {
		const place = (stream: string, gain: number, pan: number): void =>
			voice.raw({ type: 'place', stream: stream as StreamId, place: { gain, pan } });
		// One is told before its first frame, the other beside it, a third is as it is.
		place('ann', 0.5, 0);
		place('bob', 1, -0.6);
		const recording = voice.recordEars(2);
		await Promise.all([
			voice.say('ann', sine(500, 1.2)),
			voice.say('bob', sine(900, 1.2)),
			voice.say('cat', sine(1400, 1.2))
		]);
		const ears = await recording;
		const [ann, bob, cat] = [500, 900, 1400].map((hz) => loudest(ears, hz));
		for (const level of ann ?? []) expect(level).toBeCloseTo(-26, 0);
		for (const level of cat ?? []) expect(level).toBeCloseTo(-20, 0);
		// cos and sin of 18 degrees: as much power as from the middle, 9.8 dB between the ears.
		const [left = 0, right = 0] = bob ?? [];
		expect(left - right).toBeCloseTo(9.8, 0);
		expect(10 * Math.log10((10 ** (left / 10) + 10 ** (right / 10)) / 2)).toBeCloseTo(-20, 0);
	});

	it('hear nothing while the room is silenced, and all of it again after', async () => {
		const said = voice.say('dan', sine(600, 2.6));
		voice.speaker.turn(0);
		await voice.report((r) => (r.streams['dan' as StreamId]?.played ?? 0) > 20);
		const [silent] = await voice.recordEars(0.5);
		voice.speaker.turn(0.5);
		const loud = await voice.recordEars(0.6);
		await said;
		expect(levelDb(silent ?? sine(1, 1))).toBe(-Infinity);
		for (const level of loudest(loud, 600)) expect(level).toBeCloseTo(-26, 0);
	});

	it('tell a worker that listens how loud they heard, and which tone, frame by frame', async () => {
		// What would be told goes out before each report.
		let told = false;
		void voice.heard(() => true).then(() => (told = true));
		await voice.report();
		await voice.report();
		expect(told).toBe(false);
		voice.raw({ type: 'listen', on: true });
		const said = voice.say('gil', sine(660, 1.6));
		// The first of all has hardly a frame yet, or none.
		const { frames, untilMs } = await voice.heard(
			({ frames: all }) => all.length > 20 && all.every(({ hz }) => hz !== null)
		);
		expect(frames.length).toBeLessThan(30);
		expect(Math.abs(Date.now() - untilMs)).toBeLessThan(500);
		// The first is still rising.
		for (const { dbfs, hz } of frames.slice(2)) {
			expect(dbfs).toBeCloseTo(-20, 0);
			expect(Math.abs((hz ?? 0) - 660)).toBeLessThan(10);
		}
		await said;
	});

	it.each([
		{ line: 'a good line', lost: [], roughMs: 0 },
		{ line: 'a rough one that loses frames', lost: [70, 91, 92, 110], roughMs: 40 }
	])('hear music left and right as it was played, on $line', async ({ lost, roughMs }) => {
		const dice = new Dice(9);
		const lateMs = Array.from({ length: 200 }, () => dice.between(0, roughMs));
		const recording = voice.recordEars(3.2);
		await voice.play('eve', sine(523, 2.8), sine(811, 2.8), { lost, lateMs });
		const ears = await recording;
		const report = await voice.report();
		expect(report.decoderFailures).toBe(0);
		const [leftOwn = -99, rightOther = 0] = loudest(ears, 523);
		const [leftOther = 0, rightOwn = -99] = loudest(ears, 811);
		for (const own of [leftOwn, rightOwn]) expect(own).toBeCloseTo(-20, 0);
		if (lost.length > 0) return;
		// Until the first packet has said that it is stereo, and a decoder for it was made, both come from the middle.
		const later = ears.map((ear) => ear.subarray(1.2 * RATE, 2.4 * RATE));
		expect(goertzelDb(later[0] ?? sine(1, 1), 811)).toBeLessThan(-50);
		expect(goertzelDb(later[1] ?? sine(1, 1), 523)).toBeLessThan(-50);
		expect([leftOther, rightOther].every((level) => level < -18)).toBe(true);
	});
});
