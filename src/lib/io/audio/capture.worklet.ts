/** What the microphone hears, cut into frames of 20 ms at 48 kHz and handed to the worker. */
import { FRAME_SAMPLES, SAMPLE_RATE } from '#lib/p2p/playout/units.ts';
import { createFrameCutter } from '#lib/p2p/voice/frame-cutter.ts';
import { createResampler } from '#lib/p2p/voice/resampler.ts';
import { CAPTURE_PROCESSOR, type CapturedFrame, type WorkletOrder } from './worklet-names.ts';
import { scope, type WorkletProcessor } from './worklet-scope.ts';

class CaptureProcessor extends scope.AudioWorkletProcessor implements WorkletProcessor {
	readonly #resample =
		scope.sampleRate === SAMPLE_RATE ? null : createResampler(scope.sampleRate, SAMPLE_RATE);
	readonly #cut = createFrameCutter(FRAME_SAMPLES, (samples) => {
		const frame: CapturedFrame = { type: 'captured', samples, atMs: Date.now() };
		this.#worker?.postMessage(frame, [samples.buffer]);
	});
	#worker: MessagePort | null = null;
	#open = true;

	constructor() {
		super();
		this.port.onmessage = ({ data }: MessageEvent<WorkletOrder>) => {
			this.#obey(data);
		};
	}

	process(inputs: readonly Float32Array[][]): boolean {
		const block = inputs[0]?.[0];
		if (block !== undefined) this.#cut(this.#resample?.(block) ?? block);
		return this.#open;
	}

	#obey(order: WorkletOrder): void {
		switch (order.type) {
			case 'port':
				this.#worker?.close();
				this.#worker = order.port;
				return;
			case 'close':
				this.#open = false;
				this.#worker?.close();
		}
	}
}

scope.registerProcessor(CAPTURE_PROCESSOR, CaptureProcessor);
