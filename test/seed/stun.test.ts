import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
	BINDING_REQUEST,
	BINDING_SUCCESS,
	parseStun,
	readXorAddress,
	writeStun,
	XOR_MAPPED_ADDRESS
} from '../../src/seed/stun-message.ts';
import { parseIp, replyTo } from '../../src/seed/stun-server.ts';
import { startSeed } from './seed-process.ts';

const TRANSACTION = Uint8Array.from({ length: 12 }, (_, i) => i);
const REQUEST = writeStun(BINDING_REQUEST, TRANSACTION, []);
const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
	addresses?.some(({ address }) => address === '::1')
);

/** Asks from a fresh socket, sends `before` first, and gives what came back and what should be in it. */
async function ask(host: string, port: number, before: readonly Uint8Array[] = []) {
	const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
	socket.bind(0, host);
	await once(socket, 'listening');
	const own = socket.address();
	for (const bytes of [...before, REQUEST]) socket.send(bytes, port, host);
	const [reply] = (await once(socket, 'message')) as [Buffer];
	socket.close();
	const message = parseStun(new Uint8Array(reply));
	const mapped = message?.attributes.find(({ type }) => type === XOR_MAPPED_ADDRESS);
	return {
		message,
		seen: mapped && readXorAddress(mapped.value, TRANSACTION),
		own: { ip: parseIp(own.address), port: own.port }
	};
}

describe('the STUN responder of a seed', () => {
	it.each(['127.0.0.1', ...(hasIpv6 ? ['::1'] : [])])(
		'says where a question came from, at %s',
		async (host) => {
			const seed = await startSeed('--host', host);
			const { message, seen, own } = await ask(host, seed.port);
			expect(message?.type).toBe(BINDING_SUCCESS);
			expect(message?.transaction).toEqual(TRANSACTION);
			expect(seen).toEqual(own);
		}
	);

	it('drops what is no question, and answers the next one', async () => {
		const seed = await startSeed();
		const noise = [
			new Uint8Array(0),
			Uint8Array.of(0),
			REQUEST.slice(0, 19),
			REQUEST.map((byte) => byte ^ 0xff),
			new Uint8Array(1_400).fill(7),
			writeStun(BINDING_SUCCESS, TRANSACTION, [])
		];
		const { seen, own } = await ask('127.0.0.1', seed.port, noise);
		expect(seen).toEqual(own);
	});

	it.each(['192.0.2.1', '2001:db8::1'])(
		'has no answer to a question from port 0, which nobody can send to, at %s',
		(address) => {
			expect(replyTo(REQUEST, { address, port: 0 })).toBeNull();
			for (const port of [1, 65_535]) {
				expect(parseStun(replyTo(REQUEST, { address, port })!)?.type).toBe(BINDING_SUCCESS);
			}
		}
	);
});
