import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPlayoutStream } from '#lib/p2p/playout/stream.ts';
import { FRAME_SAMPLES, SAMPLE_RATE, SAMPLES_PER_MS } from '#lib/p2p/playout/units.ts';
import { PLAYOUT_QUEUE_MAX_FRAMES } from '#lib/p2p/wire/limits.ts';
import { Dice } from '../sim/dice.ts';
import { frames, playoutRig } from '../lib/playout-rig.ts';

const tick = FRAME_SAMPLES;
const MINUTE_TICKS = 50 * 60;

describe('drift and jitter', () => {
	it.each([200, -200])(
		'keeps its delay for an hour at a drift of %i ppm',
		{ timeout: 60_000 },
		(ppm) => {
			const rig = playoutRig({ block: 480 });
			const drift = (t: number): number => (t * tick * ppm) / 1e6;
			for (let minute = 0; minute < 60; minute++) {
				const from = minute * MINUTE_TICKS;
				const to = from + MINUTE_TICKS - 1;
				rig.run(frames(from, to, drift), (to + 1) * tick + drift(to));
				const behind = rig.delay - drift(to);
				expect(behind / SAMPLES_PER_MS).toBeGreaterThan(0);
				expect(behind / SAMPLES_PER_MS).toBeLessThan(30);
			}
			const { concealed, late, stretchedMs } = rig.stream.report();
			expect(concealed + late).toBeLessThanOrEqual(2);
			expect(Math.abs(stretchedMs - 3.6 * ppm)).toBeLessThan(40);
		}
	);

	it('waits longer when the line is rough and less when it is calm again', () => {
		const rig = playoutRig();
		const roll = new Dice(7);
		const rough = (): number => roll.next() * 80 * SAMPLES_PER_MS;
		rig.run(frames(0, 499), 500 * tick);
		const calm = rig.stream.report().targetMs;
		rig.run(frames(500, 1499, rough), 1500 * tick);
		const raised = rig.stream.report();
		rig.run(frames(1506, 5999), 6000 * tick);
		const after = rig.stream.report().targetMs;
		expect(calm).toBe(35);
		expect(raised.targetMs).toBeGreaterThan(80);
		expect(raised.targetMs).toBeLessThan(120);
		expect(after).toBe(35);
	});

	it('loses next to nothing once it knows the jitter', () => {
		const rig = playoutRig();
		const roll = new Dice(11);
		const rough = (): number => roll.next() * 60 * SAMPLES_PER_MS;
		rig.run(frames(0, 999, rough), 1000 * tick);
		const before = rig.stream.report();
		rig.run(frames(1003, 2999, rough), 3000 * tick);
		const after = rig.stream.report();
		expect(after.late - before.late).toBeLessThan(20);
		expect(after.concealed - before.concealed).toBeLessThan(20);
	});
});

type Action =
	| { readonly do: 'frame'; readonly seq: number; readonly bytes: number }
	| { readonly do: 'silence'; readonly seq: number; readonly ticks: number }
	| { readonly do: 'pause' }
	| { readonly do: 'pull'; readonly blocks: number };

const near = fc.integer({ min: 0, max: 400 });
const anySeq = fc.oneof({ weight: 6, arbitrary: near }, fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const action: fc.Arbitrary<Action> = fc.oneof(
	{
		weight: 5,
		arbitrary: fc.record({
			do: fc.constant('frame' as const),
			seq: anySeq,
			bytes: fc.integer({ min: 0, max: 1500 })
		})
	},
	fc.record({
		do: fc.constant('silence' as const),
		seq: anySeq,
		ticks: fc.integer({ min: 0, max: 70_000 })
	}),
	fc.record({ do: fc.constant('pause' as const) }),
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant('pull' as const),
			blocks: fc.integer({ min: 1, max: 60 })
		})
	}
);

describe('whatever arrives', () => {
	it('never throws, plays nothing twice in one count and stays within its bounds', () => {
		fc.assert(
			fc.property(fc.array(action, { maxLength: 400 }), (actions) => {
				expect(play(actions)).toEqual({ repeated: 0, overfull: false, finite: true });
			}),
			{ numRuns: 300 }
		);
	});
});

/** Each frame is numbered by its arrival: playing the same arrival twice is the mistake looked for. */
function play(actions: readonly Action[]): {
	repeated: number;
	overfull: boolean;
	finite: boolean;
} {
	const played = new Map<number, number>();
	const stream = createPlayoutStream({
		ready: true,
		decode(opus) {
			if (opus.length < 4) return null;
			const id = new DataView(opus.buffer).getUint32(0);
			played.set(id, (played.get(id) ?? 0) + 1);
			return new Float32Array(FRAME_SAMPLES).fill(0.1);
		},
		conceal: () => new Float32Array(FRAME_SAMPLES).fill(0.1)
	});
	let now = 0;
	let finite = true;
	let overfull = false;
	actions.forEach((act, id) => {
		if (act.do === 'frame') {
			const opus = new Uint8Array(act.bytes);
			if (opus.length >= 4) new DataView(opus.buffer).setUint32(0, id);
			stream.frame(act.seq, opus, now);
		} else if (act.do === 'silence') stream.silence(act.seq, act.ticks, now);
		else if (act.do === 'pause') stream.pause();
		else {
			for (let i = 0; i < act.blocks; i++, now += 128) {
				const out = new Float32Array(128);
				stream.pull(out, now);
				finite &&= out.every((x) => Number.isFinite(x) && Math.abs(x) < 1);
			}
		}
		overfull ||= stream.report().bufferMs > (PLAYOUT_QUEUE_MAX_FRAMES + 4) * 20;
	});
	const repeated = [...played.values()].filter((times) => times > 1).length;
	return { repeated, overfull, finite };
}

it('counts samples at 48 kHz', () => {
	expect(FRAME_SAMPLES * 50).toBe(SAMPLE_RATE);
});
