/** What the microphone hears, cut into frames of 20 ms at 48 kHz and handed to the worker. */
import { FRAME_SAMPLES, SAMPLE_RATE } from '#lib/p2p/playout/units.ts';
import { createCaptureCutter, type CaptureCutter } from '#lib/p2p/voice/capture-cutter.ts';
import { CAPTURE_PROCESSOR, type CapturedFrame, type WorkletOrder } from './worklet-names.ts';
import { scope, type WorkletProcessor } from './worklet-scope.ts';

class CaptureProcessor extends scope.AudioWorkletProcessor implements WorkletProcessor {
	#cutter = this.#cutterFor(false);
	#worker: MessagePort | null = null;
	#open = true;

	constructor() {
		super();
		this.port.onmessage = ({ data }: MessageEvent<WorkletOrder>) => {
			this.#obey(data);
		};
	}

	process(inputs: readonly Float32Array[][]): boolean {
		const channels = inputs[0];
		if (channels?.[0] !== undefined) this.#cutter.take(channels, scope.sampleRate);
		return this.#open;
	}

	#cutterFor(stereo: boolean): CaptureCutter {
		return createCaptureCutter({
			rate: SAMPLE_RATE,
			frameSamples: FRAME_SAMPLES,
			stereo,
			onFrame: (samples, right) => {
				const frame: CapturedFrame = { type: 'captured', samples, right, atMs: Date.now() };
				const buffers = right === null ? [samples.buffer] : [samples.buffer, right.buffer];
				this.#worker?.postMessage(frame, buffers);
			}
		});
	}

	#obey(order: WorkletOrder): void {
		switch (order.type) {
			case 'port':
				this.#worker?.close();
				this.#worker = order.port;
				this.#cutter = this.#cutterFor(order.stereo === true);
				return;
			case 'turn':
				return;
			case 'close':
				this.#open = false;
				this.#worker?.close();
		}
	}
}

scope.registerProcessor(CAPTURE_PROCESSOR, CaptureProcessor);
