/** A speaker, a network and a sound card for one playout stream, all in sample time and all by argument. */
import { createPlayoutStream, type PlayoutStream } from '#lib/p2p/playout/stream.ts';
import { FRAME_SAMPLES, SAMPLE_RATE } from '#lib/p2p/playout/units.ts';
import { seqAdd } from '#lib/p2p/wire/seq.ts';

/** 200 Hz: four whole periods in a frame. */
const TONE = Float32Array.from(
	{ length: FRAME_SAMPLES },
	(_, i) => 0.5 * Math.sin((2 * Math.PI * 200 * i) / SAMPLE_RATE)
);

export interface Arrival {
	/** Samples of the output's clock. */
	readonly at: number;
	readonly tick: number;
	/** Absent: a frame. */
	readonly silentTicks?: number;
}

export interface Rig {
	readonly stream: PlayoutStream;
	/** Ticks in the order in which they were decoded. */
	readonly decoded: number[];
	readonly now: number;
	/** Delivers arrivals at their times and pulls until `until` (samples); gives the sound. */
	run(arrivals: readonly Arrival[], until: number): Float32Array;
	/** Delay from a frame's capture (tick * 20 ms) to its play, in samples, for the frame last decoded. */
	readonly delay: number;
}

export interface RigOptions {
	readonly firstSeq?: number;
	/** Samples the sound card takes at once. */
	readonly block?: number;
}

/** Packets say their tick; the decoder sings one steady tone, so that every seam is a step in it. */
export function playoutRig({ firstSeq = 1000, block = 128 }: RigOptions = {}): Rig {
	const decoded: number[] = [];
	let now = 0;
	let delay = 0;
	let last = 0;
	const stream = createPlayoutStream({
		ready: true,
		decode(opus) {
			last = tickIn(opus);
			decoded.push(last);
			delay = now - last * FRAME_SAMPLES;
			return TONE.slice();
		},
		conceal: () => TONE.slice()
	});
	const deliver = ({ tick, silentTicks, at }: Arrival): void => {
		const seq = seqAdd(firstSeq, tick);
		if (silentTicks === undefined) stream.frame(seq, packetOf(tick), at);
		else stream.silence(seq, silentTicks, at);
	};
	return {
		stream,
		decoded,
		get now() {
			return now;
		},
		get delay() {
			return delay;
		},
		run(arrivals, until) {
			const waiting = [...arrivals].sort((a, b) => a.at - b.at);
			const sound = new Float32Array(Math.max(0, Math.ceil((until - now) / block) * block));
			for (let at = 0; now < until; at += block, now += block) {
				while ((waiting[0]?.at ?? Infinity) <= now)
					deliver({ ...(waiting.shift() as Arrival), at: now });
				stream.pull(sound.subarray(at, at + block), now);
			}
			return sound;
		}
	};
}

function packetOf(tick: number): Uint8Array {
	const opus = new Uint8Array(4);
	new DataView(opus.buffer).setInt32(0, tick);
	return opus;
}

function tickIn(opus: Uint8Array): number {
	return new DataView(opus.buffer, opus.byteOffset).getInt32(0);
}

/** Frames `from` to `to` (inclusive), each arriving `lateBy(tick)` samples after its capture. */
export function frames(
	from: number,
	to: number,
	lateBy: (tick: number) => number = () => 0
): Arrival[] {
	return Array.from({ length: to - from + 1 }, (_, i) => ({
		tick: from + i,
		at: (from + i) * FRAME_SAMPLES + lateBy(from + i)
	}));
}
