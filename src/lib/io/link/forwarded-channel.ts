/** A data channel that stays on the page, and the one in the Worker that behaves as if it were it. */
import type { DataChannel } from '#lib/io/ports.ts';
import { FORWARD_REPORT_MS } from '#lib/p2p/wire/limits.ts';

type ToWorker =
	| { readonly type: 'open' }
	| { readonly type: 'close' }
	| { readonly type: 'message'; readonly data: ArrayBuffer }
	/** How much waits in the real channel, and how many bytes it had taken by then. */
	| { readonly type: 'report'; readonly bufferedAmount: number; readonly taken: number };

type ToPage = { readonly type: 'send'; readonly data: ArrayBuffer } | { readonly type: 'close' };

/** On the page: serves `channel` through the port that is returned. Its handlers are ours from now on. */
export function forwardChannel(channel: DataChannel): MessagePort {
	const { port1: port, port2 } = new MessageChannel();
	const tell = (message: ToWorker, transfer: Transferable[] = []): void => {
		port.postMessage(message, transfer);
	};
	let taken = 0;
	let reporting: ReturnType<typeof setTimeout> | null = null;
	/** At most every `FORWARD_REPORT_MS`, and until nothing waits any more. */
	const report = (): void => {
		reporting ??= setTimeout(() => {
			reporting = null;
			tell({ type: 'report', bufferedAmount: channel.bufferedAmount, taken });
			if (channel.bufferedAmount > 0 && channel.readyState === 'open') report();
		}, FORWARD_REPORT_MS);
	};
	channel.binaryType = 'arraybuffer';
	channel.onopen = () => {
		tell({ type: 'open' });
	};
	channel.onclose = () => {
		tell({ type: 'close' });
	};
	channel.onmessage = ({ data }: MessageEvent<unknown>) => {
		if (data instanceof ArrayBuffer) tell({ type: 'message', data }, [data]);
	};
	port.onmessage = ({ data }: MessageEvent<ToPage>) => {
		if (data.type === 'close') {
			channel.close();
			return;
		}
		taken += data.data.byteLength;
		send(channel, data.data);
		report();
	};
	return port2;
}

/** A channel that closed a moment ago loses the message, as a real one would have. */
function send(channel: DataChannel, data: ArrayBuffer): void {
	try {
		if (channel.readyState === 'open') channel.send(data);
	} catch {
		// Its own queue is full (16 MiB): as good as gone, and its reports say so.
	}
}

/** In the Worker: the channel behind the port. `bufferedAmount` counts what the page was not yet heard to have sent. */
export function forwardedChannel(port: MessagePort): DataChannel {
	let readyState: RTCDataChannelState = 'connecting';
	let given = 0;
	let waiting = 0;
	let taken = 0;
	const channel: DataChannel = {
		get readyState() {
			return readyState;
		},
		get bufferedAmount() {
			return waiting + given - taken;
		},
		binaryType: 'arraybuffer',
		onopen: null,
		onclose: null,
		onmessage: null,
		send(data) {
			if (readyState !== 'open')
				throw new DOMException('The channel is not open.', 'InvalidStateError');
			const copy = copyOf(data);
			given += copy.byteLength;
			const message: ToPage = { type: 'send', data: copy };
			port.postMessage(message, [copy]);
		},
		close() {
			if (readyState === 'closed') return;
			readyState = 'closing';
			const message: ToPage = { type: 'close' };
			port.postMessage(message);
		}
	};
	port.onmessage = ({ data: message }: MessageEvent<ToWorker>) => {
		switch (message.type) {
			case 'open':
				readyState = 'open';
				channel.onopen?.(new Event('open'));
				return;
			case 'close':
				readyState = 'closed';
				channel.onclose?.(new Event('close'));
				port.close();
				return;
			case 'message':
				channel.onmessage?.(new MessageEvent('message', { data: message.data }));
				return;
			case 'report':
				waiting = message.bufferedAmount;
				taken = message.taken;
				return;
		}
	};
	return channel;
}

/** The caller may use its array again at once, as with a real channel. */
export function copyOf(data: ArrayBuffer | ArrayBufferView<ArrayBuffer>): ArrayBuffer {
	if (data instanceof ArrayBuffer) return data.slice(0);
	return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
}
