/** One WebSocket that somebody opened to the seed, as the raw connection which libp2p then encrypts. */
import type { Duplex } from 'node:stream';
import { AbstractMultiaddrConnection, type SendResult } from '@libp2p/utils';
import type { Logger } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { WebSocket } from 'ws';

/** Unsent bytes at which a connection counts as full: two seconds of a slow mobile line (1 Mbit/s). */
const SEND_BUFFER_BYTES_MAX = 256 * 1024;
/** Bytes that may wait above that; a reader this far behind is cut off. Gossip's own bound is of this order. */
const WRITE_QUEUE_BYTES_MAX = 4 * 1024 * 1024;

type Bytes = Parameters<AbstractMultiaddrConnection['sendData']>[0];

export interface SeedSocketParts {
	readonly websocket: WebSocket;
	/** The TCP or TLS socket below; it tells when it has drained. */
	readonly socket: Duplex;
	readonly remoteAddr: Multiaddr;
	readonly log: Logger;
}

export class SeedSocket extends AbstractMultiaddrConnection {
	readonly #websocket: WebSocket;

	constructor({ websocket, socket, remoteAddr, log }: SeedSocketParts) {
		super({ remoteAddr, log, direction: 'inbound', maxWriteBufferLength: WRITE_QUEUE_BYTES_MAX });
		this.#websocket = websocket;
		websocket.binaryType = 'nodebuffer';
		websocket.on('message', (data: Buffer) => {
			this.onData(data);
		});
		websocket.on('close', () => {
			this.onTransportClosed();
		});
		// A broken frame, a reset: 'close' follows, and that is all there is to say.
		websocket.on('error', () => undefined);
		socket.on('drain', () => {
			if (websocket.bufferedAmount < SEND_BUFFER_BYTES_MAX) this.safeDispatchEvent('drain');
		});
	}

	sendData(data: Bytes): SendResult {
		for (const chunk of data) this.#websocket.send(chunk);
		return {
			sentBytes: data.byteLength,
			canSendMore: this.#websocket.bufferedAmount < SEND_BUFFER_BYTES_MAX
		};
	}

	sendReset(): void {
		this.#websocket.terminate();
	}

	sendClose(): Promise<void> {
		this.#websocket.close();
		return Promise.resolve();
	}

	sendPause(): void {
		this.#websocket.pause();
	}

	sendResume(): void {
		this.#websocket.resume();
	}
}
