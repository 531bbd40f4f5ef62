/**
 * What the microphone hears, read from its track without Web Audio in between: 20 to 30 ms sooner than the
 * capture worklet, where the browser can. Same frames, same port.
 */
import { FRAME_SAMPLES, SAMPLE_RATE } from '#lib/p2p/playout/units.ts';
import { createFrameCutter } from '#lib/p2p/voice/frame-cutter.ts';
import { createResampler } from '#lib/p2p/voice/resampler.ts';
import type { CapturedFrame } from './worklet-names.ts';

/** From the page, once; both are transferred. */
export interface CaptureOrder {
	readonly sound: ReadableStream<AudioData>;
	readonly port: MessagePort;
}

onmessage = ({ data }: MessageEvent<CaptureOrder>) => {
	// The stream ends with the track, and breaks only with it: the page is told by the track itself.
	pump(data.sound, data.port).catch(() => undefined);
};

async function pump(sound: ReadableStream<AudioData>, port: MessagePort): Promise<void> {
	const cut = createFrameCutter(FRAME_SAMPLES, (samples) => {
		const frame: CapturedFrame = { type: 'captured', samples, atMs: Date.now() };
		port.postMessage(frame, [samples.buffer]);
	});
	let rate = SAMPLE_RATE;
	let resample: ((block: Float32Array) => Float32Array) | null = null;
	const reader = sound.getReader();
	for (let next = await reader.read(); !next.done; next = await reader.read()) {
		const { sampleRate } = next.value;
		if (sampleRate !== rate) {
			rate = sampleRate;
			resample = rate === SAMPLE_RATE ? null : createResampler(rate, SAMPLE_RATE);
		}
		const block = monoOf(next.value);
		next.value.close();
		cut(resample?.(block) ?? block);
	}
}

/** Chromium may give stereo although one channel was asked for: the mean of both is what a mono device hears. */
function monoOf(sound: AudioData): Float32Array {
	const mono = new Float32Array(sound.numberOfFrames);
	const plane = new Float32Array(sound.numberOfFrames);
	for (let channel = 0; channel < sound.numberOfChannels; channel++) {
		sound.copyTo(plane, { planeIndex: channel, format: 'f32-planar' });
		for (let i = 0; i < mono.length; i++) {
			mono[i] = (mono[i] ?? 0) + (plane[i] ?? 0) / sound.numberOfChannels;
		}
	}
	return mono;
}
