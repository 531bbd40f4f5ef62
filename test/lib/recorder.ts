/** Records what passes through nodes of an AudioContext, for tests that look at samples. */
import recorderUrl from './recorder.worklet.ts?worker&url';
import { RATE } from './sound.ts';

export interface Recorder {
	/** The next `seconds` of every node given to `openRecorder`, in that order, aligned to the sample. */
	record(seconds: number): Promise<Float32Array[]>;
}

export async function openRecorder(context: AudioContext, nodes: AudioNode[]): Promise<Recorder> {
	await context.audioWorklet.addModule(recorderUrl);
	const node = new AudioWorkletNode(context, 'test-recorder', { numberOfInputs: nodes.length });
	nodes.forEach((source, i) => source.connect(node, 0, i));
	node.connect(context.destination);
	return {
		record: (seconds) =>
			new Promise((resolve) => {
				node.port.onmessage = ({ data }: MessageEvent<Float32Array[]>) => {
					resolve(data);
				};
				node.port.postMessage({ tracks: nodes.length, samples: Math.round(seconds * RATE) });
			})
	};
}
