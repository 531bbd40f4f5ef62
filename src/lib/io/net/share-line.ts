/** Many questions over one stream of a direct connection; answers come in the order of the questions. */
import type { Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import type { ShareLine } from '#lib/io/ports.ts';
import { PIECES_ASKED_MAX } from '#lib/p2p/archive/limits.ts';
import { ANSWER_BYTES_MAX } from '#lib/p2p/archive/share-limits.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';

/** Answers that may have come before the first of them is read: all that are asked for at once, and a map. */
const BUFFER_BYTES = (PIECES_ASKED_MAX + 2) * ANSWER_BYTES_MAX;

interface Waiting {
	readonly resolve: (answer: Uint8Array) => void;
	readonly reject: (why: Error) => void;
}

export function createShareLine(peer: PeerId, stream: Stream): ShareLine {
	const framed = lpStream(stream, { maxDataLength: ANSWER_BYTES_MAX, maxBufferSize: BUFFER_BYTES });
	const waiting: Waiting[] = [];
	const listeners: (() => void)[] = [];
	let closed = false;
	let writing: Promise<unknown> = Promise.resolve();

	const end = (why: unknown): void => {
		if (closed) return;
		closed = true;
		const error = why instanceof Error ? why : new Error('The line is closed.');
		stream.abort(error);
		for (const { reject } of waiting.splice(0)) reject(error);
		for (const listener of listeners) listener();
	};
	const readAll = async (): Promise<void> => {
		while (stream.status === 'open') {
			const answer = (await framed.read()).subarray().slice();
			const first = waiting.shift();
			if (first === undefined) throw new Error('An answer came to no question.');
			first.resolve(answer);
		}
		throw new Error('The other side has hung up.');
	};
	stream.addEventListener('close', () => end(null), { once: true });
	readAll().catch(end);
	return {
		peer,
		ask: (question) =>
			new Promise((resolve, reject) => {
				if (closed) {
					reject(new Error('The line is closed.'));
					return;
				}
				waiting.push({ resolve, reject });
				writing = writing.then(() => framed.write(question)).catch(end);
			}),
		onClose(listener) {
			if (closed) listener();
			else listeners.push(listener);
		},
		close: () => end(null)
	};
}
