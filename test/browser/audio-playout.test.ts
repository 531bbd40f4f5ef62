import { afterEach, beforeEach, expect, it } from 'vitest';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { Dice } from '../sim/dice.ts';
import {
	crossCorrelationDelay,
	levelDb,
	logSpectralDistance,
	median,
	quarterDelays,
	RATE,
	sine,
	tenths,
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
