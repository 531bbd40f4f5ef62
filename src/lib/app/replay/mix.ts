/** Everybody mixed, from any tick on: a frame of sound for each tick, silence included. */
import {
	lendFrameDecoder,
	openFrameDecoder,
	type FrameDecoder
} from '#lib/io/audio/opus-frames.ts';
import { FRAME_SAMPLES } from '#lib/p2p/playout/units.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { endOf, saidFrom, type SaidWish } from './said.ts';

/** Frames handed on at once. */
const TOGETHER = 50;
/** Below this two voices are added as they are; above, the loudest peaks are bent rather than cut. */
const BENT_ABOVE = 0.8;

/**
 * Whole frames, one behind the other, some at a time, at first no more than `first`: all of the left before all of the
 * right, where there are two channels.
 */
export async function* mixFrom(
	wish: SaidWish,
	channels: 1 | 2,
	first = TOGETHER
): AsyncGenerator<Float32Array<ArrayBuffer>, void, undefined> {
	const end = endOf(wish);
	const decoders = new Map<PeerId, FrameDecoder>();
	const mixed = new Map<number, Float32Array>();
	let tick = wish.fromTick;
	let together = first;
	try {
		for await (const { said, fromTick } of saidFrom(wish)) {
			while (tick < fromTick) {
				const frames = Math.min(together, fromTick - tick);
				yield taken(mixed, { tick, frames, channels });
				tick += frames;
				together = TOGETHER;
			}
			for (const { peer, tick: at, opus } of said) {
				const decoder = decoders.get(peer) ?? (await decoderOf(channels));
				decoders.set(peer, decoder);
				const samples = decoder.decode(opus);
				if (samples !== null) add(mixed, at, samples);
			}
		}
		while (tick < end) {
			const frames = Math.min(TOGETHER, end - tick);
			yield taken(mixed, { tick, frames, channels });
			tick += frames;
		}
	} finally {
		for (const decoder of decoders.values()) decoder.free();
	}
}

const decoderOf = (channels: 1 | 2): Promise<FrameDecoder> =>
	channels === 2 ? lendFrameDecoder() : openFrameDecoder();

function add(mixed: Map<number, Float32Array>, tick: number, samples: Float32Array): void {
	const there = mixed.get(tick);
	if (there === undefined) {
		mixed.set(tick, samples.slice());
		return;
	}
	for (let i = 0; i < samples.length; i++) there[i] = (there[i] ?? 0) + (samples[i] ?? 0);
}

interface Stretch {
	readonly tick: number;
	readonly frames: number;
	readonly channels: 1 | 2;
}

function taken(
	mixed: Map<number, Float32Array>,
	{ tick, frames, channels }: Stretch
): Float32Array<ArrayBuffer> {
	const out = new Float32Array(channels * frames * FRAME_SAMPLES);
	for (let i = 0; i < frames; i++) {
		const frame = mixed.get(tick + i)?.map(bent);
		if (frame === undefined) continue;
		mixed.delete(tick + i);
		for (let channel = 0; channel < channels; channel++) {
			const own = frame.subarray(channel * FRAME_SAMPLES, (channel + 1) * FRAME_SAMPLES);
			out.set(own, (channel * frames + i) * FRAME_SAMPLES);
		}
	}
	return out;
}

/** Goes on from BENT_ABOVE without a corner, and never reaches 1. */
function bent(sample: number): number {
	const size = Math.abs(sample);
	if (size <= BENT_ABOVE) return sample;
	const room = 1 - BENT_ABOVE;
	return Math.sign(sample) * (BENT_ABOVE + room * Math.tanh((size - BENT_ABOVE) / room));
}
