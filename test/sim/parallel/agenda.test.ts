/** Who does what when, in a thread of the simulated world. */
import { describe, expect, it } from 'vitest';
import { Agenda } from './agenda.ts';

const WINDOW_MS = 10;

function begin(startMs = 100): {
	readonly agenda: Agenda;
	readonly done: string[];
	readonly plan: (who: number, atMs: number, stamp: number, then?: () => void) => void;
	readonly now: () => number;
} {
	let nowMs = startMs;
	const agenda = new Agenda(WINDOW_MS, startMs, (ms) => (nowMs = ms));
	const done: string[] = [];
	const plan = (who: number, atMs: number, stamp: number, then?: () => void): void =>
		agenda.of(who, stamp).push(
			atMs,
			(one) => {
				done.push(`${one} ${nowMs}`);
				then?.();
			},
			`${who}:${stamp}`,
			undefined
		);
	return { agenda, done, plan, now: () => nowMs };
}

describe('an agenda', () => {
	it('has everybody do all that is due in a window by time and stamp, and everybody at once first', () => {
		const { agenda, done, plan } = begin();
		plan(2, 107, 1);
		plan(1, 108, 9);
		plan(1, 103, 4);
		plan(1, 103, 3);
		plan(-1, 109, 5);
		expect(agenda.run(110)).toBe(5);
		expect(done[0]).toBe('-1:5 109');
		expect(done.filter((one) => one.startsWith('1:'))).toEqual(['1:3 103', '1:4 103', '1:9 108']);
		expect(done).toContain('2:1 107');
	});

	it('begins in turns at either end', () => {
		const { agenda, done, plan } = begin();
		for (const [atMs, who] of [
			[101, 1],
			[101, 2],
			[111, 1],
			[111, 2]
		] as const) {
			plan(who, atMs, who);
		}
		agenda.run(110);
		agenda.run(120);
		const order = done.map((one) => one[0]);
		expect(order.slice(2)).toEqual(order.slice(0, 2).reverse());
	});

	it('leaves what is due at the end of a run, or later, for the next one', () => {
		const { agenda, done, plan } = begin();
		plan(1, 103, 1);
		plan(1, 104, 2);
		plan(1, 5_000, 3);
		expect(agenda.run(104)).toBe(1);
		expect(agenda.run(108)).toBe(1);
		for (let endMs = 118; endMs < 5_000; endMs += WINDOW_MS) expect(agenda.run(endMs)).toBe(0);
		expect(agenda.run(5_008)).toBe(1);
		expect(done).toEqual(['1:1 103', '1:2 104', '1:3 5000']);
	});

	it('does what somebody has for itself in the same window, and what is overdue at once', () => {
		const { agenda, done, plan } = begin();
		plan(1, 101, 1, () => {
			plan(1, 102, 3);
			plan(1, 50, 2);
		});
		plan(1, 103, 4);
		expect(agenda.run(110)).toBe(4);
		expect(done).toEqual(['1:1 101', '1:2 101', '1:3 102', '1:4 103']);
		plan(1, 20, 5);
		expect(agenda.run(120)).toBe(1);
		expect(done.at(-1)).toBe('1:5 110');
	});

	it('says so where somebody would reach another within a window', () => {
		const { agenda, plan } = begin();
		plan(1, 101, 1, () => plan(2, 105, 2));
		expect(() => agenda.run(110)).toThrow('What 1 does would reach 2 within the window.');
	});
});
