/** Voices between two ears: how loud, from where, and stereo that stays stereo. */
import { describe, expect, it } from 'vitest';
import { createVoicePlace, earsOf, GAIN_MAX, type Place } from '#lib/p2p/playout/mix.ts';
import { createPlayout, type OwnedDecoder } from '#lib/p2p/playout/playout.ts';
import { createPlayoutStream } from '#lib/p2p/playout/stream.ts';
import { FRAME_SAMPLES } from '#lib/p2p/playout/units.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { goertzelDb, RATE, sine } from '../lib/sound.ts';

const BLOCK = 128;
const ANN = 'ann' as StreamId;
const OPUS = Uint8Array.of(1);

interface Sound {
	readonly middle: (tick: number) => Float32Array;
	readonly side?: (tick: number) => Float32Array | null;
}

/** A decoder that knows from the packet which tick it is. */
function decoderOf({ middle, side = () => null }: Sound): OwnedDecoder {
	let last: Float32Array | null = null;
	return {
		ready: true,
		failures: 0,
		get side() {
			return last;
		},
		decode([tick = 0]) {
			last = side(tick)?.slice() ?? null;
			return middle(tick).slice();
		},
		conceal: () => null,
		free: () => undefined
	};
}

const steady = (level: number) => (): Float32Array => new Float32Array(FRAME_SAMPLES).fill(level);

function listen(sound: Sound) {
	const playout = createPlayout(() => decoderOf(sound));
	let now = 0;
	let tick = 0;
	const run = (ticks: number): { left: number[]; right: number[] } => {
		const heard: { left: number[]; right: number[] } = { left: [], right: [] };
		const [left, right] = [new Float32Array(BLOCK), new Float32Array(BLOCK)];
		for (const until = tick + ticks; tick < until || now < until * FRAME_SAMPLES; now += BLOCK) {
			for (; tick * FRAME_SAMPLES <= now && tick < until; tick++) {
				playout.handle({ type: 'frame', stream: ANN, seq: tick, opus: Uint8Array.of(tick) }, now);
			}
			playout.pull({ left, right }, now, now / 48);
			heard.left.push(...left);
			heard.right.push(...right);
		}
		return heard;
	};
	const place = (gain: number, pan: number): void =>
		playout.handle({ type: 'place', stream: ANN, place: { gain, pan } }, now);
	return { playout, run, place };
}

describe('a place between left and right', () => {
	it('has the same power everywhere, and in the middle what a voice without a place has', () => {
		for (let pan = -1; pan <= 1; pan += 0.125) {
			const { left, right } = earsOf({ gain: 1, pan });
			expect(left ** 2 + right ** 2).toBeCloseTo(2, 6);
		}
		expect(earsOf({ gain: 1, pan: 0 }).left).toBeCloseTo(1, 6);
		expect(earsOf({ gain: 1, pan: 0 }).right).toBeCloseTo(1, 6);
		expect(earsOf({ gain: 1, pan: -1 }).right).toBeCloseTo(0, 6);
	});

	it('never makes a voice louder than twice as loud, whatever it is told', () => {
		const wild: readonly Place[] = [
			{ gain: 50, pan: 0 },
			{ gain: -3, pan: 0 },
			{ gain: 1, pan: 7 }
		];
		for (const place of wild) {
			const { left, right } = earsOf(place);
			expect(Math.max(left, right)).toBeLessThanOrEqual(GAIN_MAX * Math.SQRT2);
			expect(Math.min(left, right)).toBeGreaterThanOrEqual(0);
		}
	});

	it('is taken and left without a click', () => {
		const place = createVoicePlace({ gain: 1, pan: 0 });
		const heard: number[] = [];
		const add = (): void => {
			const ears = { left: new Float32Array(BLOCK), right: new Float32Array(BLOCK) };
			place.add(new Float32Array(BLOCK).fill(0.5), null, ears);
			heard.push(...ears.left);
		};
		add();
		place.moveTo({ gain: 0, pan: -1 });
		for (let i = 0; i < 12; i++) add();
		const steps = heard.slice(1).map((x, i) => Math.abs(x - (heard[i] ?? 0)));
		expect(Math.max(...steps)).toBeLessThan(0.001);
		expect(heard.at(-1)).toBe(0);
	});
});

describe('one voice', () => {
	it('is as loud as it is wanted, told before it was heard or while it speaks', () => {
		const { run, place } = listen({ middle: steady(0.2) });
		place(0.5, 0);
		expect(run(20).left.at(-1)).toBeCloseTo(0.1, 4);
		place(2, 0);
		expect(run(10).right.at(-1)).toBeCloseTo(0.4, 4);
		place(0, 0);
		expect(run(10).left.at(-1)).toBe(0);
	});

	it('keeps how loud it is wanted where it is forgotten and heard again', () => {
		const { playout, run, place } = listen({ middle: steady(0.2) });
		place(0.5, 0.6);
		run(10);
		playout.handle({ type: 'drop', stream: ANN }, 0);
		const { left, right } = run(20);
		expect(left.at(-1)).toBeCloseTo(0.1 * earsOf({ gain: 1, pan: 0.6 }).left, 3);
		expect(right.at(-1)).toBeCloseTo(0.1 * earsOf({ gain: 1, pan: 0.6 }).right, 3);
	});

	it('is silent while the room is, and goes on after', () => {
		const { playout, run } = listen({ middle: steady(0.2) });
		run(20);
		playout.turn(0);
		expect(
			run(10)
				.left.slice(-BLOCK)
				.every((x) => x === 0)
		).toBe(true);
		expect(playout.report().streams[ANN]?.played).toBeGreaterThan(20);
		playout.turn(1);
		expect(run(10).left.at(-1)).toBeCloseTo(0.2, 4);
	});
});

describe('stereo', () => {
	it('gives each ear its own, and both the same where a frame is mono', () => {
		const { run } = listen({
			middle: steady(0.3),
			side: (tick) => (tick < 15 ? steady(0.1)() : null)
		});
		const stereo = run(15);
		expect(stereo.left.at(-1)).toBeCloseTo(0.4, 4);
		expect(stereo.right.at(-1)).toBeCloseTo(0.2, 4);
		const mono = run(15);
		expect(mono.left.at(-1)).toBeCloseTo(0.3, 4);
		expect(mono.right.at(-1)).toBeCloseTo(0.3, 4);
		const steps = mono.left.slice(1).map((x, i) => Math.abs(x - (mono.left[i] ?? 0)));
		expect(Math.max(...steps)).toBeLessThan(0.01);
	});

	it('keeps its own image wherever the voice would be placed, and follows its loudness', () => {
		const { run, place } = listen({ middle: steady(0.3), side: steady(0.1) });
		place(0.5, -0.8);
		const { left, right } = run(20);
		expect(left.at(-1)).toBeCloseTo(0.2, 3);
		expect(right.at(-1)).toBeCloseTo(0.1, 3);
	});

	it('stays apart where sound is stretched, squeezed and made up', () => {
		const [left, right] = [sine(440, 6), sine(660, 6)];
		const cut = (of: Float32Array, tick: number): Float32Array =>
			of.subarray(tick * FRAME_SAMPLES, (tick + 1) * FRAME_SAMPLES);
		let tick = 0;
		let side: Float32Array | null = null;
		const stream = createPlayoutStream({
			ready: true,
			get side() {
				return side;
			},
			decode([low = 0, high = 0]) {
				const [l, r] = [cut(left, low + 256 * high), cut(right, low + 256 * high)];
				side = l.map((x, i) => (x - (r[i] ?? 0)) / 2);
				return l.map((x, i) => (x + (r[i] ?? 0)) / 2);
			},
			conceal: () => null
		});
		const heard = { left: [] as number[], right: [] as number[] };
		for (let now = 0; now < 5 * RATE; now += BLOCK) {
			// The speaker's clock runs 0.4 % fast, every fortieth frame is lost, some are late.
			for (; tick * FRAME_SAMPLES * 0.996 + (tick % 7) * 120 <= now; tick++) {
				if (tick % 40 === 39) continue;
				stream.frame(tick, Uint8Array.of(tick % 256, Math.floor(tick / 256)), now);
			}
			const [mid, beside] = [new Float32Array(BLOCK), new Float32Array(BLOCK)];
			stream.pull(mid, now, beside);
			heard.left.push(...mid.map((x, i) => x + (beside[i] ?? 0)));
			heard.right.push(...mid.map((x, i) => x - (beside[i] ?? 0)));
		}
		const { stretchedMs, concealed } = stream.report();
		expect(Math.abs(stretchedMs)).toBeGreaterThan(5);
		expect(concealed).toBeGreaterThan(3);
		const [l, r] = [heard.left, heard.right].map((one) =>
			Float32Array.from(one.slice(RATE, 4 * RATE))
		);
		for (const [own, other, ear] of [
			[440, 660, l],
			[660, 440, r]
		] as const) {
			const away = goertzelDb(ear ?? sine(1, 1), own) - goertzelDb(ear ?? sine(1, 1), other);
			expect(away).toBeGreaterThan(12);
		}
	});

	it('costs nothing where nobody plays any', () => {
		const stream = createPlayoutStream(decoderOf({ middle: steady(0.2) }));
		for (let i = 0; i < 10; i++) stream.frame(i, OPUS, 0);
		stream.pull(new Float32Array(BLOCK), 4 * FRAME_SAMPLES, new Float32Array(BLOCK));
		expect(stream.stereo).toBe(false);
	});
});
