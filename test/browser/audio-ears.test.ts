import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { Dice } from '../sim/dice.ts';
import { goertzelDb, levelDb, RATE, sine, tenths } from '../lib/sound.ts';
import { setupVoice, type VoiceSetup } from '../lib/voice.ts';

let voice: VoiceSetup;

beforeEach(async () => {
	voice = await setupVoice();
});

afterEach(() => {
	voice.close();
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
