/** Tells whoever asks by UDP which address and port the question came from (STUN Binding, RFC 8489). */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import { answerStun, parseStun } from './stun-message.ts';

/**
 * Answers a second. A page asks about three times as it joins; and a forged sender cannot make the seed shower a
 * victim (an answer is at most twice its question).
 */
const ANSWERS_PER_SECOND_MAX = 2_000;

export interface StunServer {
	/** Datagrams without an answer since the start: no question, from port 0, or one too many. */
	readonly dropped: number;
	close(): void;
}

/** Listens on `port` of the IP address `host`. Rejects with the socket's error (EADDRINUSE, ...). */
export async function startStun(host: string, port: number): Promise<StunServer> {
	const socket = createSocket({ type: isIPv4(host) ? 'udp4' : 'udp6' });
	socket.bind(port, host);
	await once(socket, 'listening');
	const counts = { dropped: 0, answered: 0 };
	const refill = setInterval(() => {
		counts.answered = 0;
	}, 1_000);
	refill.unref();
	socket.on('message', (bytes, from) => {
		const answered = counts.answered < ANSWERS_PER_SECOND_MAX && answer(socket, bytes, from);
		if (answered) counts.answered++;
		else counts.dropped++;
	});
	// Sending may fail for one asker (no route); the next one is none the worse for it.
	socket.on('error', () => {
		counts.dropped++;
	});
	return {
		get dropped() {
			return counts.dropped;
		},
		close() {
			clearInterval(refill);
			socket.close();
		}
	};
}

function answer(socket: Socket, bytes: Uint8Array, from: RemoteInfo): boolean {
	const reply = replyTo(bytes, from);
	if (reply) socket.send(reply, from.port, from.address);
	return reply !== null;
}

/**
 * What is sent back to where a datagram came from; null where it deserves no answer, or can have none: port 0 stands for
 * a sender without one (RFC 768), and to send there is an error.
 */
export function replyTo(
	bytes: Uint8Array,
	from: Pick<RemoteInfo, 'address' | 'port'>
): Uint8Array | null {
	if (from.port === 0) return null;
	const message = parseStun(bytes);
	const ip = parseIp(from.address);
	return message && ip && answerStun(message, { ip, port: from.port });
}

/** The bytes of an IP address as Node writes it; an IPv4 address seen through an IPv6 socket is IPv4. */
export function parseIp(text: string): Uint8Array | null {
	const bare = text.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
	if (isIPv4(bare)) return Uint8Array.from(bare.split('.'), Number);
	const [head = '', tail] = bare.split('::');
	const front = groupsOf(head);
	const back = tail === undefined ? [] : groupsOf(tail);
	const gap = 8 - front.length - back.length;
	if (gap < 0 || (tail === undefined && gap > 0)) return null;
	const groups = [...front, ...new Array<number>(gap).fill(0), ...back];
	return Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 0xff]));
}

function groupsOf(text: string): number[] {
	return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
