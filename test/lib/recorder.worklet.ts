/** Records its inputs side by side, aligned to the sample, and posts them when the time is over. */
import { scope, type WorkletProcessor } from '#lib/io/audio/worklet-scope.ts';

class Recorder extends scope.AudioWorkletProcessor implements WorkletProcessor {
	#tracks: Float32Array<ArrayBuffer>[] = [];
	#at = 0;

	constructor() {
		super();
		this.port.onmessage = ({ data }: MessageEvent<{ tracks: number; samples: number }>) => {
			this.#tracks = Array.from({ length: data.tracks }, () => new Float32Array(data.samples));
			this.#at = 0;
		};
	}

	process(inputs: readonly Float32Array[][]): boolean {
		const length = this.#tracks[0]?.length ?? 0;
		if (length === 0) return true;
		this.#tracks.forEach((track, i) => {
			const block = inputs[i]?.[0];
			if (block) track.set(block.subarray(0, length - this.#at), this.#at);
		});
		this.#at = Math.min(length, this.#at + 128);
		if (this.#at < length) return true;
		this.port.postMessage(this.#tracks);
		this.#tracks = [];
		return true;
	}
}

scope.registerProcessor('test-recorder', Recorder);
