/** The runtime that models run on (ONNX, in WebAssembly, on one thread), started from bytes that were checked. */
import * as ort from 'onnxruntime-web/wasm';

export type Session = ort.InferenceSession;
export type Tensor = ort.Tensor;

/** Once, before the first model. `glue`: address of the script between it and us. Two threads take more in all and are no sooner done; they would need isolation, too. */
export function startRuntime(wasm: Uint8Array<ArrayBuffer>, glue: string): void {
	ort.env.wasm.numThreads = 1;
	ort.env.wasm.wasmBinary = wasm.buffer;
	ort.env.wasm.wasmPaths = { mjs: glue };
	ort.env.logLevel = 'error';
}

/** Rejects where these bytes are no model that runs here. */
export const openModel = (bytes: Uint8Array<ArrayBuffer>): Promise<Session> =>
	ort.InferenceSession.create(bytes, {
		executionProviders: ['wasm'],
		graphOptimizationLevel: 'all'
	});

export const floats = (data: Float32Array, ...shape: readonly number[]): Tensor =>
	new ort.Tensor('float32', data, shape);
export const wholes = (data: readonly number[], ...shape: readonly number[]): Tensor =>
	new ort.Tensor('int64', BigInt64Array.from(data, BigInt), shape);
export const yesOrNo = (yes: boolean): Tensor => new ort.Tensor('bool', [yes]);

/** What a model is known to give; a model that does not is not the one we were told of. */
export function given(outputs: ort.InferenceSession.OnnxValueMapType, name: string): Tensor {
	const value = outputs[name];
	if (value === undefined) throw new Error(`The model gives no ${name}.`);
	return value;
}

export const floatsOf = (tensor: Tensor): Float32Array => tensor.data as Float32Array;
