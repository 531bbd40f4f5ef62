/** Makes a good line as bad as the simulator's: what is sent on a channel is delayed, and some of it lost. */
import type { DataChannel, LinkChannels } from '#lib/io/ports.ts';
import { tapped } from '../lib/tapped-channel.ts';
import type { Line } from '../sim/wires.ts';
import type { Traffic } from '../sim/traffic.ts';

/** Only what we send: the other side does the same to its own. */
export function shapeLink(channels: LinkChannels, line: Line, traffic: Traffic): LinkChannels {
	const audio = shaped(channels.audio, (bytes, send) => {
		traffic.datagram(bytes);
		if (!line.loses()) setTimeout(send, line.delayMs());
	});
	// Reliable and in order: nothing overtakes what was sent before it.
	let lastMs = 0;
	const control = shaped(channels.control, (bytes, send) => {
		traffic.control(bytes);
		const nowMs = performance.now();
		lastMs = Math.max(lastMs, nowMs + line.delayMs());
		setTimeout(send, lastMs - nowMs);
	});
	return { audio, control };
}

type Post = (bytes: Uint8Array<ArrayBuffer>, send: () => void) => void;

function shaped(channel: DataChannel, post: Post): DataChannel {
	return tapped(channel, {
		out(data) {
			// The sender may use its buffer again before the line has brought it over.
			const bytes = copyOf(data);
			post(bytes, () => sendLate(channel, bytes));
		}
	});
}

function sendLate(channel: DataChannel, bytes: Uint8Array<ArrayBuffer>): void {
	if (channel.readyState !== 'open') return;
	try {
		channel.send(bytes);
	} catch {
		// It closed while this was on its way: lost, as on any line.
	}
}

function copyOf(data: ArrayBuffer | ArrayBufferView<ArrayBuffer>): Uint8Array<ArrayBuffer> {
	if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0));
	return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
}
