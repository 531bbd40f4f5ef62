/** A data channel with a test's hands on what goes through it. */
import type { DataChannel } from '#lib/io/ports.ts';

type Sent = ArrayBuffer | ArrayBufferView<ArrayBuffer>;

export interface Taps {
	/** What is to be sent; it goes where and when `send` is called. Left out: at once. */
	readonly out?: (data: Sent, send: (data: Sent) => void) => void;
	/** What came, and what the channel's owner is told of it. Left out: all. */
	readonly in?: (data: ArrayBuffer) => ArrayBuffer;
}

export function tapped(inner: DataChannel, taps: Taps): DataChannel {
	let onmessage: DataChannel['onmessage'] = null;
	return {
		get readyState() {
			return inner.readyState;
		},
		get bufferedAmount() {
			return inner.bufferedAmount;
		},
		get binaryType() {
			return inner.binaryType;
		},
		set binaryType(type) {
			inner.binaryType = type;
		},
		get onopen() {
			return inner.onopen;
		},
		set onopen(handler) {
			inner.onopen = handler;
		},
		get onclose() {
			return inner.onclose;
		},
		set onclose(handler) {
			inner.onclose = handler;
		},
		get onmessage() {
			return onmessage;
		},
		set onmessage(handler) {
			onmessage = handler;
			inner.onmessage = handler === null ? null : tappedHandler(handler, taps);
		},
		send(data) {
			if (taps.out === undefined) inner.send(data);
			else taps.out(data, (later) => inner.send(later));
		},
		close: () => inner.close()
	};
}

function tappedHandler(
	handler: NonNullable<DataChannel['onmessage']>,
	taps: Taps
): (event: MessageEvent<unknown>) => void {
	return (event) => {
		const { data } = event;
		const isTapped = taps.in !== undefined && data instanceof ArrayBuffer;
		handler(isTapped ? new MessageEvent('message', { data: taps.in(data) }) : event);
	};
}
