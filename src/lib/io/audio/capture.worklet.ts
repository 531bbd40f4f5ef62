/** What the microphone hears, cut into frames of 20 ms at 48 kHz and handed to the worker. */
import { FRAME_SAMPLES, SAMPLE_RATE } from '#lib/p2p/playout/units.ts';
import { createResampler } from '#lib/p2p/voice/resampler.ts';
import { CAPTURE_PROCESSOR, type CapturedFrame, type WorkletOrder } from './worklet-names.ts';
import { scope, type WorkletProcessor } from './worklet-scope.ts';

class CaptureProcessor extends scope.AudioWorkletProcessor implements WorkletProcessor {
	readonly #resample =
		scope.sampleRate === SAMPLE_RATE ? null : createResampler(scope.sampleRate, SAMPLE_RATE);
	#frame = new Float32Array(FRAME_SAMPLES);
	#filled = 0;
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
		if (block !== undefined) this.#add(this.#resample?.(block) ?? block);
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

	#add(samples: Float32Array): void {
		for (let at = 0; at < samples.length;) {
			const part = samples.subarray(at, at + FRAME_SAMPLES - this.#filled);
			this.#frame.set(part, this.#filled);
			this.#filled += part.length;
			at += part.length;
			if (this.#filled === FRAME_SAMPLES) this.#send();
		}
	}

	#send(): void {
		const frame: CapturedFrame = { type: 'captured', samples: this.#frame, atMs: Date.now() };
		this.#worker?.postMessage(frame, [frame.samples.buffer]);
		this.#frame = new Float32Array(FRAME_SAMPLES);
		this.#filled = 0;
	}
}

scope.registerProcessor(CAPTURE_PROCESSOR, CaptureProcessor);
