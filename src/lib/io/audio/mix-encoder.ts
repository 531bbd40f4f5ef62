/** Encodes what was mixed, faster than it plays (WebCodecs): sound in, packets of 20 ms out. */
import { FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE } from '#lib/p2p/playout/units.ts';

/** Several who talk at once need more than one alone; left and right apart, twice as much. */
const BITRATE = 48_000;
/** Pieces of sound that wait in the encoder before more is made: enough to keep it busy. */
const WAITING_MAX = 8;
/** An encoder that wants more before it gives anything is not waited for. */
const FIRST_MAX_MS = 50;

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
	/** Resolves when the first packets are ready, or soon after. */
	first(): Promise<void>;
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
	let onFirst = (): void => undefined;
	const isThere = new Promise<void>((resolve) => (onFirst = resolve));
	const encoder = new AudioEncoder({
		output(chunk) {
			const opus = new Uint8Array(chunk.byteLength);
			chunk.copyTo(opus);
			packets.push(opus);
			onFirst();
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
		first: () => Promise.race([isThere, new Promise<void>((go) => setTimeout(go, FIRST_MAX_MS))]),
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
