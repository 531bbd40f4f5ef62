/** Takes channels over, tells the page what happens on them, and sends back what comes on them. */
import { takeOver } from '#lib/io/link/hand-over.ts';
import type { DataChannel } from '#lib/io/ports.ts';

/** Sent by the page to be told what waits on each channel. */
const ASK: EchoReport['event'] = 'waiting';

export interface EchoReport {
	readonly kind: 'audio' | 'control';
	/** 'waiting': asked for. */
	readonly event: 'open' | 'message' | 'close' | 'waiting';
	readonly bytes: readonly number[];
	readonly bufferedAmount: number;
}

let askers: (() => void)[] = [];

onmessage = (event: MessageEvent<unknown>) => {
	if (event.data === ASK) {
		for (const ask of askers) ask();
		return;
	}
	const link = takeOver(event.data);
	if (link === null) return;
	askers = [serve('audio', link.channels.audio), serve('control', link.channels.control)];
};

/** Gives how to be told what waits. */
function serve(kind: EchoReport['kind'], channel: DataChannel): () => void {
	const report = (event: EchoReport['event'], bytes: readonly number[] = []): void => {
		const message: EchoReport = { kind, event, bytes, bufferedAmount: channel.bufferedAmount };
		postMessage(message);
	};
	channel.binaryType = 'arraybuffer';
	channel.onopen = () => {
		report('open');
	};
	channel.onclose = () => {
		report('close');
	};
	channel.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
		const bytes = [...new Uint8Array(data)];
		report('message', bytes);
		// An echo of an echo ends here.
		if (bytes[0] !== 0) channel.send(Uint8Array.of(0, ...bytes));
	};
	if (channel.readyState === 'open') report('open');
	return () => report('waiting');
}
