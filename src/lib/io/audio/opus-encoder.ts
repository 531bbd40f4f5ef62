/** The browser's own Opus encoder (WebCodecs), made for a Worker: sound in with a tag, packet out with the same tag. */
import { FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE } from '#lib/p2p/playout/units.ts';
import { ENCODER_REBUILDS_MAX, ENCODE_QUEUE_MAX_FRAMES } from '#lib/p2p/wire/limits.ts';

/**
 * Real speech comes out at 30 kbit/s then, 75 bytes a frame, and an hour of it is 15 MB with all that proves it. Asked for
 * 32,000 it comes out at 33, which nobody hears: 0.07 dB of spectral distance.
 */
const BITRATE = 29_000;
const FRAME_US = FRAME_MS * 1000;
/**
 * What is not a voice, left and right: 240 bytes a frame, each as long as the other, so that three who play at once and all
 * their proofs still fit a datagram. An hour of it is 46 MB.
 */
const MUSIC_BITRATE = 96_000;

/** Of what is encoded: one voice, or sound of any kind in stereo. */
export type EncodedKind = 'speech' | 'music';

/** `application` is in the standard (WebCodecs Opus registration, 2.2) and not yet in TypeScript's library. */
interface VoiceEncoderConfig extends AudioEncoderConfig {
	readonly opus: OpusEncoderConfig & { readonly application: 'voip' | 'audio' };
}

const CONFIG: VoiceEncoderConfig = {
	codec: 'opus',
	sampleRate: SAMPLE_RATE,
	numberOfChannels: 1,
	bitrate: BITRATE,
	bitrateMode: 'variable',
	opus: {
		application: 'voip',
		frameDuration: FRAME_US,
		format: 'opus',
		/** Chromium leaves out frames and lets timestamps slip: silence is our own decision. */
		usedtx: false,
		/** No decoder here makes use of it. */
		useinbandfec: false
	}
};

const MUSIC: VoiceEncoderConfig = {
	...CONFIG,
	numberOfChannels: 2,
	bitrate: MUSIC_BITRATE,
	bitrateMode: 'constant',
	opus: { ...CONFIG.opus, application: 'audio' }
};

export type EncodeOutcome =
	| 'taken'
	/** The encoder is too far behind: this frame is lost. */
	| 'dropped'
	/** The encoder cannot be had (any more); `failure` says why. */
	| 'broken';

export interface OpusEncoder<Tag> {
	/**
	 * Encodes one frame: 960 samples, 48 kHz, whose buffer is given away. `right`, where the kind is music: the samples are those
	 * of the left; without it both sides are alike.
	 */
	encode(
		samples: Float32Array<ArrayBuffer>,
		tag: Tag,
		right?: Float32Array<ArrayBuffer> | null
	): EncodeOutcome;
	/** Frames lost in front of the encoder. */
	readonly dropped: number;
	/** What went wrong last; null while all is well. */
	readonly failure: string | null;
	close(): void;
}

/** True where this browser encodes what we need. */
export async function canEncodeOpus(): Promise<boolean> {
	if (typeof AudioEncoder === 'undefined') return false;
	try {
		return (await AudioEncoder.isConfigSupported(CONFIG)).supported === true;
	} catch {
		return false;
	}
}

/** `output` gets each packet in the order of the frames. An encoder that breaks is made anew a few times. */
export function createOpusEncoder<Tag>(
	output: (tag: Tag, opus: Uint8Array<ArrayBuffer>) => void,
	kind: EncodedKind = 'speech'
): OpusEncoder<Tag> {
	const waiting = new Map<number, Tag>();
	let count = 0;
	let dropped = 0;
	let failure: string | null = null;
	let rebuilds = 0;
	let encoder: AudioEncoder | null = null;

	const fail = (error: unknown): null => {
		failure = error instanceof Error ? error.message : String(error);
		dropped += waiting.size;
		waiting.clear();
		return null;
	};
	const build = (): AudioEncoder | null => {
		if (rebuilds++ > ENCODER_REBUILDS_MAX) return null;
		try {
			const made = new AudioEncoder({ output: deliver, error: fail });
			made.configure(kind === 'music' ? MUSIC : CONFIG);
			return made;
		} catch (error) {
			return fail(error);
		}
	};
	const deliver = (chunk: EncodedAudioChunk): void => {
		const key = Math.round(chunk.timestamp / FRAME_US);
		const tag = waiting.get(key);
		if (tag === undefined) return;
		waiting.delete(key);
		const opus = new Uint8Array(chunk.byteLength);
		chunk.copyTo(opus);
		output(tag, opus);
	};
	return {
		encode(samples, tag, right = null) {
			if (encoder?.state !== 'configured') encoder = build();
			if (encoder === null) return 'broken';
			if (waiting.size >= ENCODE_QUEUE_MAX_FRAMES) {
				dropped++;
				return 'dropped';
			}
			waiting.set(count, tag);
			feed(encoder, kind === 'music' ? bothOf(samples, right) : samples, count++);
			return 'taken';
		},
		get dropped() {
			return dropped;
		},
		get failure() {
			return failure;
		},
		close() {
			rebuilds = Infinity;
			if (encoder !== null && encoder.state !== 'closed') encoder.close();
		}
	};
}

/** Left, and behind it right. */
function bothOf(left: Float32Array, right: Float32Array | null): Float32Array<ArrayBuffer> {
	const both = new Float32Array(2 * FRAME_SAMPLES);
	both.set(left);
	both.set(right ?? left, FRAME_SAMPLES);
	return both;
}

/** Timestamps count the frames that are encoded, without gaps: the encoder would take a gap for silence. */
function feed(encoder: AudioEncoder, samples: Float32Array<ArrayBuffer>, index: number): void {
	const data = new AudioData({
		format: 'f32-planar',
		sampleRate: SAMPLE_RATE,
		numberOfChannels: samples.length / FRAME_SAMPLES,
		numberOfFrames: FRAME_SAMPLES,
		timestamp: index * FRAME_US,
		data: samples,
		transfer: [samples.buffer]
	});
	encoder.encode(data);
	data.close();
}
