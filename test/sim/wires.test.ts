/** The models of the net, held against what they are said to be. */
import { describe, expect, it } from 'vitest';
import { peerIdOf } from '#lib/p2p/wire/ids.ts';
import { Dice } from './dice.ts';
import { createHeard, keyOf, speech, uplinkMs, whoSaid, type Member } from './member.ts';
import { distanceMs, placeIn, type Land } from './places.ts';
import { createQueue } from './queue.ts';
import { CALM, openRoom, range } from './room.ts';
import { isGood, signatureOf } from './signatures.ts';
import { createWires, FIRST_LISTENER, type End, type WireOptions } from './wires.ts';

const SEED = 7;

function endsOf(options: WireOptions, count: number): readonly End[] {
	const wires = createWires(options, SEED);
	return range(count).map((i) => {
		const number = FIRST_LISTENER + i;
		return { number, id: peerIdOf(keyOf(number)), place: wires.placeOf(number) };
	});
}

const mean = (values: readonly number[]): number =>
	values.reduce((a, b) => a + b, 0) / values.length;

describe('distances', () => {
	const lands = [
		['continent', 33, 1.5, [10, 50]],
		['world', 70, 3, [10, 180]]
	] as const satisfies readonly [Land, number, number, [number, number]][];
	it.each(lands)('on the %s are %i ms on average', (land, wanted, within, [least, most]) => {
		const dice = new Dice(SEED);
		const places = range(400).map(() => placeIn(land, dice, 0));
		const all = places.flatMap((a, i) => places.slice(0, i).map((b) => distanceMs(a, b)));
		expect(Math.abs(mean(all) - wanted)).toBeLessThan(within);
		expect(Math.min(...all)).toBeGreaterThanOrEqual(least);
		expect(Math.max(...all)).toBeLessThanOrEqual(most);
	});
});

describe('a line', () => {
	const lossy = [
		[0.1, 1],
		[0.1, 3],
		[0.02, 5]
	] as const;
	it.each(lossy)('loses %f of all in bursts of %i', (loss, burst) => {
		const options: WireOptions = { ...CALM, loss, burst };
		const [from, to] = endsOf(options, 2) as [End, End];
		const line = createWires(options, SEED).line(from, to);
		const lost = range(200_000).map(() => line.loses());
		const bursts = lost.filter((one, i) => one && lost[i - 1] !== true).length;
		const share = lost.filter(Boolean).length / lost.length;
		expect(Math.abs(share / loss - 1)).toBeLessThan(0.06);
		// Lost independently, some follow each other by chance as well.
		const expected = burst === 1 ? 1 / (1 - loss) : burst;
		expect(Math.abs((share * lost.length) / bursts / expected - 1)).toBeLessThan(0.06);
	});

	it('has the same story for the same seed, and another one for another line', () => {
		const options: WireOptions = { ...CALM, loss: 0.3 };
		const [a, b] = endsOf(options, 2) as [End, End];
		const story = (from: End, to: End): string => {
			const line = createWires(options, SEED).line(from, to);
			return range(50)
				.map(() => `${line.delayMs()} ${line.loses()}`)
				.join();
		};
		expect(story(a, b)).toBe(story(a, b));
		expect(story(a, b)).not.toBe(story(b, a));
	});
});

describe('walls', () => {
	it('stand between as many pairs of listeners as asked for, and never before a speaker', () => {
		const options: WireOptions = { ...CALM, walledPairs: 0.3 };
		const wires = createWires(options, SEED);
		const ends = endsOf(options, 400);
		const pairs = ends.flatMap((a, i) => ends.slice(0, i).map((b) => wires.connects(a, b)));
		expect(Math.abs(pairs.filter((open) => !open).length / pairs.length - 0.3)).toBeLessThan(0.06);
		const host = { ...ends[0]!, place: wires.placeOf(0) };
		expect(ends.every((end) => wires.connects(host, end))).toBe(true);
	});

	it('cost a walled room time, and nobody the sound', { timeout: 60_000 }, () => {
		const { world, listeners } = openRoom(
			{ ...CALM, seed: SEED, walledPairs: 0.3 },
			{ speakers: 1, listeners: 30, fanout: 3 }
		);
		world.run(30_000);
		expect(listeners.every((one) => one.peer.view().phase === 'joined')).toBe(true);
	});
});

describe('an uplink', () => {
	it('sends one thing after the other, at its rate', () => {
		const device = { uplinkBytesPerS: 10_000, lateMs: 0 };
		const from = { device, uplinkFreeMs: 1_000 } as Member;
		expect(uplinkMs(from, 500, 2_000)).toBe(50);
		expect(uplinkMs(from, 500, 990)).toBe(60);
	});
});

describe('the queue', () => {
	it('does everything in the order of its time, and of its coming where times are equal', () => {
		const queue = createQueue();
		const dice = new Dice(SEED);
		const done: [number, number][] = [];
		for (const order of range(5_000)) {
			const atMs = Math.floor(dice.next() * 300);
			queue.push(atMs, (at: number, by: number) => done.push([at, by]), atMs, order);
			if (dice.chance(0.3)) queue.run();
		}
		const drained = done.length;
		while (queue.size > 0) queue.run();
		expect(done).toHaveLength(5_000);
		const rest = done.slice(drained);
		expect(rest).toEqual([...rest].sort((a, b) => a[0] - b[0] || a[1] - b[1]));
	});
});

describe('what is said', () => {
	it('is known by every byte', () => {
		const opus = speech(300, 70_000);
		expect(whoSaid(opus, 70_000)).toBe(300);
		expect(whoSaid(opus, 70_001)).toBeNull();
		for (const at of opus.keys()) {
			const changed = opus.slice();
			changed[at] = changed[at]! ^ 1;
			// Another number is another speaker, whose bytes are others.
			expect(whoSaid(changed, 70_000)).toBeNull();
		}
	});

	it('is marked as heard once', () => {
		const heard = createHeard();
		const dice = new Dice(SEED);
		const numbers = range(3_000).map(() => Math.floor(dice.next() * 5_000));
		const first = numbers.map((seq) => heard.mark(seq));
		expect(first).toEqual(numbers.map((seq, i) => numbers.indexOf(seq) === i));
		expect(heard.size).toBe(new Set(numbers).size);
	});

	it('is signed so that no changed byte passes', () => {
		const message = Uint8Array.from({ length: 60 }, (_, i) => i);
		const signature = signatureOf(keyOf(1), message);
		expect(isGood(keyOf(1), message, signature)).toBe(true);
		expect(isGood(keyOf(2), message, signature)).toBe(false);
		for (const at of message.keys()) {
			const changed = message.slice();
			changed[at] = changed[at]! ^ 0x10;
			expect(isGood(keyOf(1), changed, signature)).toBe(false);
		}
		expect(
			isGood(
				keyOf(1),
				message,
				signature.map((byte, i) => (i === 40 ? byte ^ 1 : byte))
			)
		).toBe(false);
	});
});
