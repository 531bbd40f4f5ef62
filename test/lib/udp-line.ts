/** The line between the two ends of a link, which can be cut: it stands in both as the other's only address. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Signal } from '#lib/io/link/signals.ts';

const HOST = '127.0.0.1';

export interface UdpLine {
	/** What the other end is to be told of a signal of this one; null where it may not know. */
	passOn(from: LineEnd, signal: Signal): Signal | null;
	/** From now on nothing comes through, and nothing is kept. */
	cut(): void;
	mend(): void;
	close(): void;
}

export type LineEnd = 'left' | 'right';

interface Side {
	/** Where the other end reaches this one. */
	readonly door: Socket;
	/** Where this one really is. */
	port: number | null;
}

export async function createUdpLine(): Promise<UdpLine> {
	const sides: Record<LineEnd, Side> = {
		left: { door: createSocket('udp4').bind(0, HOST), port: null },
		right: { door: createSocket('udp4').bind(0, HOST), port: null }
	};
	const { left, right } = sides;
	await Promise.all([once(left.door, 'listening'), once(right.door, 'listening')]);
	let isCut = false;
	const join = (to: Side, from: Side): void => {
		to.door.on('message', (bytes) => {
			if (!isCut && to.port !== null) from.door.send(bytes, to.port, HOST);
		});
	};
	join(left, right);
	join(right, left);
	return {
		passOn: (from, signal) => disguised(sides[from], signal),
		cut: () => void (isCut = true),
		mend: () => void (isCut = false),
		close() {
			left.door.close();
			right.door.close();
		}
	};
}

/** One address of IPv4 is enough, and no description may bring others. */
function disguised(side: Side, signal: Signal): Signal | null {
	if (signal.type !== 'candidate') {
		const lines = signal.sdp.split(/(?<=\n)/).filter((line) => !line.startsWith('a=candidate'));
		return { ...signal, sdp: lines.join('') };
	}
	const words = (signal.candidate.candidate ?? '').split(' ');
	if (side.port !== null || !/^[\d.]+$/.test(words[4] ?? '')) return null;
	side.port = Number(words[5]);
	words.splice(4, 2, HOST, String(side.door.address().port));
	return { ...signal, candidate: { ...signal.candidate, candidate: words.join(' ') } };
}
