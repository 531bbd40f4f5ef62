/** Takes channels over, tells the page what happens on them, and sends back what comes on them. */
import { takeOver } from '#lib/io/link/hand-over.ts';
import type { DataChannel } from '#lib/io/ports.ts';
import { lastWord } from '#lib/p2p/wire/last-word.ts';

/** Sent by the page to be told what waits on each channel. */
const ASK: EchoReport['event'] = 'waiting';

export interface EchoReport {
	readonly kind: 'audio' | 'control';
	/** 'waiting': asked for. */
	readonly event: 'open' | 'message' | 'close' | 'waiting';
	readonly bytes: readonly number[];
	readonly bufferedAmount: number;
}

/** Sent by the page to have so many words said on the control channel, and the last behind them. */
export interface Farewell {
	readonly words: number;
}

let askers: (() => void)[] = [];
let control: DataChannel | null = null;

onmessage = (event: MessageEvent<unknown>) => {
	if (event.data === ASK) {
		for (const ask of askers) ask();
		return;
	}
	const link = takeOver(event.data);
	if (link === null) {
		const { words } = event.data as Farewell;
		for (let i = 0; i < words; i++) control?.send(new Uint8Array(1_000).fill(i));
		control?.send(lastWord());
		return;
	}
	({ control } = link.channels);
	askers = [serve('audio', link.channels.audio), serve('control', control)];
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
