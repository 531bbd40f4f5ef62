/** Decodes Opus frames of one speaker that lie ready, outside the AudioWorklet: as fast as the device can. */
import { OpusDecoder } from 'opus-decoder';
import { FRAME_SAMPLES } from '#lib/p2p/playout/units.ts';

export interface FrameDecoder {
	/** 960 samples; null for what is no Opus. */
	decode(opus: Uint8Array): Float32Array | null;
	free(): void;
}

export async function openFrameDecoder(): Promise<FrameDecoder> {
	const decoder = new OpusDecoder({
		channels: 1,
		streamCount: 1,
		coupledStreamCount: 0,
		channelMappingTable: [0]
	});
	await decoder.ready;
	return {
		decode(opus) {
			try {
				const { channelData, samplesDecoded } = decoder.decodeFrame(opus);
				const samples = channelData[0];
				return samples !== undefined && samplesDecoded > 0
					? samples.subarray(0, FRAME_SAMPLES)
					: null;
			} catch {
				return null;
			}
		},
		free: () => decoder.free()
	};
}
