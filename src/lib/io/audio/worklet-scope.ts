/** The inside of an AudioWorklet, which TypeScript's DOM library does not describe (Web Audio API, 1.32). */

interface Processor {
	readonly port: MessagePort;
}

interface WorkletScope {
	readonly AudioWorkletProcessor: new () => Processor;
	registerProcessor(name: string, processor: new () => WorkletProcessor): void;
	/** Samples rendered since the context began. */
	readonly currentFrame: number;
	readonly sampleRate: number;
}

/** What `registerProcessor` takes. `process` is called for each block; false lets the node die. */
export interface WorkletProcessor extends Processor {
	process(inputs: readonly Float32Array[][], outputs: readonly Float32Array[][]): boolean;
}

export const scope = globalThis as unknown as WorkletScope;
