/** Encodes what was mixed, faster than it plays (WebCodecs): sound in, packets of 20 ms out. */
import { FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE } from '#lib/p2p/playout/units.ts';

/** Several who talk at once need more than one alone; left and right apart, twice as much. */
const BITRATE = 48_000;
/** Pieces of sound that wait in the encoder before more is made: enough to keep it busy. */
const WAITING_MAX = 8;

const configOf = (channels: 1 | 2): AudioEncoderConfig => ({
	codec: 'opus',
	sampleRate: SAMPLE_RATE,
	numberOfChannels: channels,
	bitrate: channels * BITRATE,
	bitrateMode: 'variable',
	opus: { frameDuration: FRAME_MS * 1_000, format: 'opus', usedtx: false }
});

export interface MixEncoder {
	/** Whole frames, 48 kHz: all of the left before all of the right, where there are two. Resolves when more may come; rejects where encoding failed. */
	encode(samples: Float32Array<ArrayBuffer>): Promise<void>;
	/** Packets that are ready, in order, each once. */
	taken(): Uint8Array[];
	/** Resolves when everything that was put in is ready. */
	flush(): Promise<void>;
	close(): void;
}

/** Throws where this browser has no encoder. */
export function createMixEncoder(channels: 1 | 2 = 1): MixEncoder {
	let packets: Uint8Array[] = [];
	let failure: Error | null = null;
	let frames = 0;
	const encoder = new AudioEncoder({
		output(chunk) {
			const opus = new Uint8Array(chunk.byteLength);
			chunk.copyTo(opus);
			packets.push(opus);
		},
		error: (error) => (failure = error)
	});
	encoder.configure(configOf(channels));
	return {
		async encode(samples) {
			if (failure !== null) throw failure;
			const data = new AudioData({
				format: 'f32-planar',
				sampleRate: SAMPLE_RATE,
				numberOfChannels: channels,
				numberOfFrames: samples.length / channels,
				timestamp: frames * FRAME_MS * 1_000,
				data: samples
			});
			frames += samples.length / channels / FRAME_SAMPLES;
			encoder.encode(data);
			data.close();
			while (encoder.encodeQueueSize > WAITING_MAX) {
				await new Promise((resolve) => {
					encoder.addEventListener('dequeue', resolve, { once: true });
				});
			}
		},
		taken() {
			const ready = packets;
			packets = [];
			return ready;
		},
		async flush() {
			await encoder.flush();
			if (failure !== null) throw failure;
		},
		close() {
			if (encoder.state !== 'closed') encoder.close();
		}
	};
}
