/** Decodes Opus frames of one speaker that lie ready, outside the AudioWorklet: as fast as the device can. */
import { OpusDecoder } from 'opus-decoder';
import { FRAME_SAMPLES } from '#lib/p2p/playout/units.ts';

/** Opus for 20 ms of silence: full band, mono, CELT. */
export const SILENCE = Uint8Array.of(0xf8, 0xff, 0xfe);
/** As many as talk at once as a rule. Each takes some ten milliseconds to begin, which whoever seeks would wait for. */
const BEGUN_FIRST = 3;
/** Nobody needs more: everybody on stage. */
const BEGUN_MAX = 11;

export interface FrameDecoder {
	/** 960 samples of each channel, left before right; null for what is no Opus. */
	decode(opus: Uint8Array): Float32Array | null;
	free(): void;
}

/** Of one channel, what is stereo becomes mono; of two, what is mono is the same in both. */
export async function openFrameDecoder(channels: 1 | 2 = 1): Promise<FrameDecoder> {
	const decoder = new OpusDecoder({
		channels,
		streamCount: 1,
		coupledStreamCount: channels - 1,
		channelMappingTable: channels === 1 ? [0] : [0, 1]
	});
	await decoder.ready;
	return {
		decode(opus) {
			try {
				const { channelData, samplesDecoded } = decoder.decodeFrame(opus);
				const [left, right] = channelData;
				if (left === undefined || samplesDecoded === 0) return null;
				if (right === undefined) return left.subarray(0, FRAME_SAMPLES);
				const both = new Float32Array(2 * FRAME_SAMPLES);
				both.set(left.subarray(0, FRAME_SAMPLES));
				both.set(right.subarray(0, FRAME_SAMPLES), FRAME_SAMPLES);
				return both;
			} catch {
				return null;
			}
		},
		free: () => decoder.free()
	};
}

/** Of two channels, begun, and lent to nobody. */
const begun: FrameDecoder[] = [];

/** Some are begun before anybody needs them. */
export async function beginFrameDecoders(): Promise<void> {
	while (begun.length < BEGUN_FIRST) begun.push(await openFrameDecoder(2));
}

/** One of two channels, which goes back where it is let go of. */
export async function lendFrameDecoder(): Promise<FrameDecoder> {
	const decoder = begun.pop() ?? (await openFrameDecoder(2));
	return {
		decode: (opus) => decoder.decode(opus),
		free() {
			if (begun.length >= BEGUN_MAX) {
				decoder.free();
				return;
			}
			// Nothing of this voice is left over in the next.
			decoder.decode(SILENCE);
			begun.push(decoder);
		}
	};
}
