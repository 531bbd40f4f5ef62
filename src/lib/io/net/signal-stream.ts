/** One signalling stream: whole messages, in order, over a libp2p stream. Bounded in number and bytes both ways. */
import type { Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import type { SignalHandlers, SignalStream } from '#lib/io/ports.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import {
	SIGNAL_BYTES_MAX,
	SIGNAL_STREAM_BYTES_MAX,
	SIGNALS_PER_STREAM_MAX
} from '#lib/p2p/wire/limits.ts';

/** How long the other side may take to close its end after we closed ours. */
const CLOSE_MS = 2_000;

/** `onEnd` is called once, when nothing more comes or goes. */
export function createSignalStream(peer: PeerId, stream: Stream, onEnd: () => void): SignalStream {
	const framed = lpStream(stream, {
		maxDataLength: SIGNAL_BYTES_MAX,
		maxBufferSize: SIGNAL_STREAM_BYTES_MAX
	});
	const outgoing = allowance();
	let handlers: SignalHandlers | null = null;
	let closed = false;
	let sending: Promise<unknown> = Promise.resolve();

	const isOpen = (): boolean => !closed;
	const end = (): void => {
		if (closed) return;
		closed = true;
		void sending.then(() => closeStream(stream)).then(onEnd);
		handlers?.closed();
	};
	const readAll = async (to: SignalHandlers): Promise<void> => {
		const incoming = allowance();
		while (isOpen()) {
			const message = (await framed.read()).subarray();
			if (!incoming(message.length)) end();
			if (isOpen()) to.message(message);
		}
	};
	return {
		peer,
		listen(to) {
			if (handlers) throw new Error('This stream is listened to already.');
			handlers = to;
			if (closed) to.closed();
			else readAll(to).catch(end);
		},
		send(message) {
			if (message.length === 0 || message.length > SIGNAL_BYTES_MAX) {
				throw new RangeError('A signalling message has 1 to 16,384 bytes.');
			}
			if (closed) return;
			if (!outgoing(message.length)) end();
			else sending = sending.then(() => framed.write(message)).catch(end);
		},
		close: end
	};
}

/** Says yes until the number of messages or their bytes is used up. */
function allowance(): (length: number) => boolean {
	let messages = 0;
	let bytes = 0;
	return (length) => {
		messages += 1;
		bytes += length;
		return messages <= SIGNALS_PER_STREAM_MAX && bytes <= SIGNAL_STREAM_BYTES_MAX;
	};
}

async function closeStream(stream: Stream): Promise<void> {
	try {
		await stream.close({ signal: AbortSignal.timeout(CLOSE_MS) });
		if (stream.status === 'open') await remoteEnd(stream);
	} catch {
		// The connection is gone, which closes it as well.
	}
	if (stream.status === 'open' || stream.status === 'closing') stream.abort(new Error('closed'));
}

/** Resolves when the other side has closed its end too, or has had its time. */
function remoteEnd(stream: Stream): Promise<void> {
	return new Promise((resolve) => {
		const done = (): void => {
			clearTimeout(timer);
			resolve();
		};
		const timer = setTimeout(done, CLOSE_MS);
		stream.addEventListener('remoteCloseWrite', done, { once: true });
		stream.addEventListener('close', done, { once: true });
	});
}
