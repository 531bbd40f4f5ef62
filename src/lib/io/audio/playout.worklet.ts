/** What is heard: runs the playout core on the audio thread. Messages in and out go to the worker, not the page. */
import { createOutputClock } from '#lib/p2p/playout/output-clock.ts';
import { createPlayout, type OwnedDecoder } from '#lib/p2p/playout/playout.ts';
import { SAMPLE_RATE } from '#lib/p2p/playout/units.ts';
import { createOpusFrameDecoder } from './opus-frame-decoder.ts';
import { createOutputEar, type OutputEar } from './output-ear.ts';
import {
	PLAYOUT_PROCESSOR,
	type PlayoutAnswer,
	type PlayoutMessage,
	type WorkletOrder
} from './worklet-names.ts';
import { scope, type WorkletProcessor } from './worklet-scope.ts';

/** Reports go out twice a second. */
const REPORT_EVERY_SAMPLES = SAMPLE_RATE / 2;

class PlayoutProcessor extends scope.AudioWorkletProcessor implements WorkletProcessor {
	readonly #playout = createPlayout(decoderSource());
	readonly #clock = createOutputClock();
	#worker: MessagePort | null = null;
	/** Only while the worker listens. */
	#ear: OutputEar | null = null;
	#reportAt = 0;
	#open = true;

	constructor() {
		super();
		this.port.onmessage = ({ data }: MessageEvent<WorkletOrder>) => {
			this.#obey(data);
		};
	}

	process(_inputs: readonly Float32Array[][], outputs: readonly Float32Array[][]): boolean {
		const nowMs = Date.now();
		this.#clock.rendered(scope.currentFrame, nowMs);
		const [left, right] = outputs[0] ?? [];
		if (left !== undefined && right !== undefined) {
			this.#playout.pull({ left, right }, scope.currentFrame, nowMs);
			this.#ear?.take(left, right);
		}
		this.#report(nowMs);
		return this.#open;
	}

	#obey(order: WorkletOrder): void {
		switch (order.type) {
			case 'port':
				this.#worker?.close();
				this.#worker = order.port;
				this.#worker.onmessage = ({ data }: MessageEvent<PlayoutMessage>) => {
					this.#take(data);
				};
				return;
			case 'turn':
				this.#playout.turn(order.gain);
				return;
			case 'close':
				this.#open = false;
				this.#worker?.close();
		}
	}

	#take(message: PlayoutMessage): void {
		if ('type' in message && message.type === 'listen') {
			this.#ear = message.on ? createOutputEar() : null;
			return;
		}
		const inputs = 'type' in message ? [message] : message;
		const now = this.#clock.at(Date.now());
		for (const input of inputs) this.#playout.handle(input, now);
	}

	#report(nowMs: number): void {
		const isDue = scope.currentFrame >= this.#reportAt;
		if (isDue && this.#ear !== null)
			this.#tell({ type: 'heard', frames: this.#ear.taken(), untilMs: nowMs });
		if (!this.#playout.news && !isDue) return;
		this.#reportAt = scope.currentFrame + REPORT_EVERY_SAMPLES;
		this.#tell(this.#playout.report());
	}

	#tell(answer: PlayoutAnswer): void {
		this.#worker?.postMessage(answer);
	}
}

/** One decoder is always made in advance, so that a new voice need not wait for WebAssembly to start. */
function decoderSource(): () => OwnedDecoder {
	let spare = createOpusFrameDecoder();
	return () => {
		const decoder = spare;
		spare = createOpusFrameDecoder();
		return decoder;
	};
}

scope.registerProcessor(PLAYOUT_PROCESSOR, PlayoutProcessor);
