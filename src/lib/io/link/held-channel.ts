/**
 * A reliable channel that keeps in our hands what would stand before sound. libdatachannel has one queue for all
 * channels of a connection, first in, first out: a long list of events in it would hold up, and so drop, all sound
 * until the last of it is gone. So each message goes there when the one before has left; sound waits for one at most.
 */
import { copyOf } from './forwarded-channel.ts';

/** Makes `channel` wait for itself; it stays the object it is. */
export function heldChannel(channel: RTCDataChannel): RTCDataChannel {
	const prototype = Object.getPrototypeOf(channel) as RTCDataChannel;
	const sendNow = channel.send.bind(channel) as (data: ArrayBuffer) => void;
	const queuedBytes = (): number => Reflect.get(prototype, 'bufferedAmount', channel);
	const held: ArrayBuffer[] = [];
	let heldBytes = 0;
	const drop = (): void => {
		held.length = 0;
		heldBytes = 0;
	};
	const passOn = (): void => {
		while (held.length > 0 && channel.readyState === 'open' && queuedBytes() === 0) {
			const next = held.shift() as ArrayBuffer;
			heldBytes -= next.byteLength;
			try {
				sendNow(next);
			} catch {
				// Closed between the question and the sending, which its own event will tell.
				drop();
			}
		}
	};
	channel.addEventListener('bufferedamountlow', passOn);
	channel.addEventListener('close', drop);
	Object.defineProperty(channel, 'bufferedAmount', { get: () => heldBytes + queuedBytes() });
	return Object.assign(channel, {
		send(data: ArrayBuffer | ArrayBufferView<ArrayBuffer>) {
			const copy = copyOf(data);
			if (channel.readyState !== 'open') {
				// It throws, as any channel does.
				sendNow(copy);
				return;
			}
			held.push(copy);
			heldBytes += copy.byteLength;
			passOn();
		}
	});
}
