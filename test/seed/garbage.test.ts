import { once } from 'node:events';
import { connect } from 'node:net';
import { createSocket } from 'node:dgram';
import type { Connection, Stream } from '@libp2p/interface';
import { describe, expect, it } from 'vitest';
import { DHT_PROTOCOL, LOBBY_PROTOCOL } from '#lib/io/net/protocols.ts';
import { Dice } from '../sim/dice.ts';
import { startSeed, type RunningSeed } from './seed-process.ts';
import { roomCid, visit } from './visitor.ts';

const PROTOCOLS = [
	DHT_PROTOCOL,
	LOBBY_PROTOCOL,
	'/libp2p/circuit/relay/0.2.0/hop',
	'/meshsub/1.2.0',
	'/meshsub/1.1.0',
	'/ipfs/id/1.0.0',
	'/ipfs/id/push/1.0.0',
	'/ipfs/ping/1.0.0'
];
const dice = new Dice(20_26);

function noise(length: number): Uint8Array<ArrayBuffer> {
	return Uint8Array.from({ length }, () => Math.floor(dice.between(0, 256)));
}

/** It runs, has nothing to complain about, and still does its work for the next visitor. */
async function expectWell(seed: RunningSeed): Promise<void> {
	expect(seed.child.exitCode).toBeNull();
	expect((await fetch(new URL('/healthz', seed.url))).status).toBe(200);
	const [addr = ''] = (await seed.info()).seeds;
	const visitor = await visit(addr);
	await visitor.services.dht.provide(roomCid('still here'))[Symbol.asyncIterator]().next();
	expect(seed.err()).toBe('');
}

/** Writes to the seed's port and waits until it hangs up, or half a connection is left hanging. */
async function shout(port: number, ...parts: (string | Uint8Array)[]): Promise<void> {
	const socket = connect(port, '127.0.0.1');
	await once(socket, 'connect');
	socket.on('error', () => undefined);
	for (const part of parts) socket.write(part);
	socket.end();
	socket.resume();
	await once(socket, 'close');
}

/** A WebSocket that is open; the seed expects libp2p's handshake on it now. */
async function openWebSocket(seed: RunningSeed): Promise<WebSocket> {
	const socket = new WebSocket(seed.url.replace('http', 'ws'));
	await once(socket, 'open');
	return socket;
}

describe('a seed among people who send rubbish', () => {
	it('survives what is no HTTP', async () => {
		const seed = await startSeed();
		await shout(seed.port, noise(100));
		await shout(seed.port, 'GET / HTTP/1.1\r\n', noise(5_000));
		await shout(seed.port, `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`);
		await shout(seed.port, 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n');
		await shout(
			seed.port,
			'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
		);
		await shout(
			seed.port,
			'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'
		);
		await expectWell(seed);
	});

	it('survives connections that are cut in the middle of everything', async () => {
		const seed = await startSeed();
		const cut = async (...parts: (string | Uint8Array)[]): Promise<void> => {
			const socket = connect(seed.port, '127.0.0.1');
			socket.on('error', () => undefined);
			await once(socket, 'connect');
			for (const part of parts) socket.write(part);
			socket.resetAndDestroy();
			await once(socket, 'close');
		};
		const upgrade =
			'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
			'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
		for (let run = 0; run < 50; run++) {
			await cut();
			await cut('GET / HT');
			await cut(upgrade);
			await cut(upgrade, noise(40));
		}
		await expectWell(seed);
	});

	it('survives WebSockets that speak something else', async () => {
		const seed = await startSeed();
		for (const message of [
			'hello',
			noise(10),
			noise(60_000),
			// More than one message may have: the seed hangs up.
			noise(300_000),
			new TextEncoder().encode('\x13/multistream/1.0.0\n\x07/noise\n')
		]) {
			const socket = await openWebSocket(seed);
			socket.send(message);
			socket.send(noise(1_000));
			socket.close();
			await once(socket, 'close');
		}
		await expectWell(seed);
	});

	it.each(PROTOCOLS)('survives noise on %s', async (protocol) => {
		const seed = await startSeed();
		const [addr = ''] = (await seed.info()).seeds;
		for (let run = 0; run < 8; run++) {
			const visitor = await visit(addr);
			const [connection] = visitor.getConnections();
			if (connection === undefined) throw new Error('not connected');
			await misuse(connection, protocol, run);
			await visitor.stop();
		}
		await expectWell(seed);
	});

	it('survives noise by UDP', async () => {
		const seed = await startSeed();
		const socket = createSocket('udp4');
		for (let run = 0; run < 200; run++) {
			await new Promise((resolve) => {
				socket.send(noise(Math.floor(dice.between(0, 600))), seed.port, '127.0.0.1', resolve);
			});
		}
		socket.close();
		await expectWell(seed);
	});
});

/** Opens streams and does with them what a broken or hostile peer does. */
async function misuse(connection: Connection, protocol: string, run: number): Promise<void> {
	const open = () => connection.newStream(protocol);
	const tries: ((stream: Stream) => unknown)[] = [
		(stream) => stream.send(noise(1 + run * 50)),
		// A length and too little after it.
		(stream) => stream.send(Uint8Array.of(200, 1, ...noise(20))),
		// A length that no message has.
		(stream) => stream.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)),
		// A whole message of noise, which decodes to nonsense or not at all.
		(stream) => stream.send(Uint8Array.of(100, ...noise(100))),
		(stream) => stream.send(Uint8Array.of(0)),
		(stream) => stream.close(),
		(stream) => {
			stream.send(noise(10));
			stream.abort(new Error('enough'));
		}
	];
	for (const attempt of tries) {
		// The seed may hang up whenever it likes: that is its good right, and no concern of this test.
		try {
			const stream = await open();
			await attempt(stream);
			if (run % 2 === 0) await stream.close();
		} catch {
			continue;
		}
	}
}
