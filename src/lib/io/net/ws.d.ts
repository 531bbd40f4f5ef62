/** The part of `ws` 8 that the seed uses: it completes WebSocket handshakes on sockets of our own server. */
declare module 'ws' {
	import type { EventEmitter } from 'node:events';
	import type { IncomingMessage } from 'node:http';
	import type { Duplex } from 'node:stream';

	export class WebSocket extends EventEmitter {
		/** Bytes handed over and not yet on the wire. */
		readonly bufferedAmount: number;
		binaryType: 'nodebuffer' | 'arraybuffer' | 'fragments';
		send(data: Uint8Array): void;
		close(code?: number): void;
		/** Drops the connection without a closing handshake. */
		terminate(): void;
		pause(): void;
		resume(): void;
	}

	export class WebSocketServer {
		constructor(options: { noServer: true; maxPayload: number; perMessageDeflate: false });
		handleUpgrade(
			request: IncomingMessage,
			socket: Duplex,
			head: Buffer,
			done: (socket: WebSocket) => void
		): void;
	}
}
