/**
 * What the microphone hears, read from its track without Web Audio in between: 20 to 30 ms sooner than the
 * capture worklet, where the browser can. Same frames, same port.
 */
import { FRAME_SAMPLES, SAMPLE_RATE } from '#lib/p2p/playout/units.ts';
import { createCaptureCutter } from '#lib/p2p/voice/capture-cutter.ts';
import type { CapturedFrame } from './worklet-names.ts';

/** From the page, once; sound and port are transferred. */
export interface CaptureOrder {
	readonly sound: ReadableStream<AudioData>;
	readonly port: MessagePort;
	readonly stereo: boolean;
}

onmessage = ({ data }: MessageEvent<CaptureOrder>) => {
	// The stream ends with the track, and breaks only with it: the page is told by the track itself.
	pump(data).catch(() => undefined);
};

async function pump({ sound, port, stereo }: CaptureOrder): Promise<void> {
	const cutter = createCaptureCutter({
		rate: SAMPLE_RATE,
		frameSamples: FRAME_SAMPLES,
		stereo,
		onFrame(samples, right) {
			const frame: CapturedFrame = { type: 'captured', samples, right, atMs: Date.now() };
			port.postMessage(frame, right === null ? [samples.buffer] : [samples.buffer, right.buffer]);
		}
	});
	const reader = sound.getReader();
	for (let next = await reader.read(); !next.done; next = await reader.read()) {
		cutter.take(channelsOf(next.value), next.value.sampleRate);
		next.value.close();
	}
}

/** Chromium may give stereo although one channel was asked for. */
function channelsOf(sound: AudioData): Float32Array[] {
	return Array.from({ length: sound.numberOfChannels }, (_, planeIndex) => {
		const plane = new Float32Array(sound.numberOfFrames);
		sound.copyTo(plane, { planeIndex, format: 'f32-planar' });
		return plane;
	});
}
