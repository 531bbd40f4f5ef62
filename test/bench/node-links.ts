/** How soon two Node peers of one machine are linked, one link after the other and many at once, beside plain connections. */
import * as datachannel from 'node-datachannel/polyfill';
import type SimplePeer from 'simple-peer';
import { nodeSimplePeer } from '#lib/io/link/node-simple-peer.ts';
import { pause, type Bench } from './bench.ts';
import { info, percentiles, type Row, type Table } from './report.ts';

/** A signal takes as long as through a seed on the same machine. */
const SIGNAL_MS = 5;
/** A lost handshake is repeated after a second. */
const REPEATED_MS = 700;
const GIVEN_UP_MS = 12_000;
const AT_ONCE = 20;
const ROUNDS = 5;
/** The threads of those that are closed have gone by then. */
const CLOSING_MS = 500;

interface Pair {
	/** Resolves when both ends are open; rejects where one of them fails. */
	readonly open: Promise<unknown>;
	close(): void;
}

export async function nodeLinks({ effort }: Bench): Promise<Table> {
	const rows: Row[] = [];
	for (const [how, together, rounds] of [
		['one by one', 1, 5 * effort.visits],
		[`${AT_ONCE} at once`, AT_ONCE, ROUNDS]
	] as const) {
		const ours = await open(linked, together, rounds);
		const plain = await open(plainly, together, rounds);
		rows.push(
			{ ...info(`${how}: open`, inWords(ours)), baseline: inWords(plain) },
			{ ...info('  after a second handshake', repeated(ours)), baseline: repeated(plain) },
			{ ...info('  not at all', failed(ours)), baseline: failed(plain) }
		);
	}
	return {
		title: 'Links of Node peers',
		notes: [
			`All in one process; each signal takes ${SIGNAL_MS} ms.`,
			'Baseline: the same library without what our links do around it.'
		],
		rows
	};
}

/** Milliseconds from the first signal; null where it did not open. */
async function open(
	make: () => Pair,
	together: number,
	rounds: number
): Promise<readonly (number | null)[]> {
	const all: (number | null)[] = [];
	for (let round = 0; round < rounds; round++) {
		all.push(...(await Promise.all(Array.from({ length: together }, () => timed(make)))));
		await pause(CLOSING_MS);
	}
	return all;
}

async function timed(make: () => Pair): Promise<number | null> {
	const startMs = performance.now();
	const pair = make();
	const isOpen = await Promise.race([
		pair.open.then(
			() => true,
			() => false
		),
		pause(GIVEN_UP_MS).then(() => false)
	]);
	const tookMs = performance.now() - startMs;
	pair.close();
	return isOpen ? tookMs : null;
}

function linked(): Pair {
	const one = nodeSimplePeer({ initiator: true, iceServers: [] });
	const other = nodeSimplePeer({ initiator: false, iceServers: [] });
	forward(one, other);
	forward(other, one);
	return {
		open: Promise.all([one, other].map(opened)),
		close() {
			one.destroy();
			other.destroy();
		}
	};
}

type End = ReturnType<typeof nodeSimplePeer>;

function forward(from: End, to: End): void {
	from.on('signal', (signal: SimplePeer.SignalData) => {
		later(() => {
			if (!to.destroyed) to.signal(signal);
		});
	});
}

const opened = (end: End): Promise<void> =>
	new Promise((resolve, reject) => {
		end.on('connect', resolve);
		end.on('error', reject);
		end.on('close', () => reject(new Error('closed')));
	});

const plainConnection = (): RTCPeerConnection =>
	new datachannel.RTCPeerConnection() as unknown as RTCPeerConnection;

function plainly(): Pair {
	const [one, other] = [plainConnection(), plainConnection()];
	const pass = (from: RTCPeerConnection, to: RTCPeerConnection): void => {
		from.onicecandidate = ({ candidate }) => {
			if (candidate) later(() => void to.addIceCandidate(candidate).catch(() => undefined));
		};
	};
	pass(one, other);
	pass(other, one);
	const channel = one.createDataChannel('plain');
	const ends = new Promise((resolve, reject) => {
		channel.onopen = resolve;
		one.onconnectionstatechange = () => {
			if (['failed', 'closed'].includes(one.connectionState)) reject(new Error('failed'));
		};
	});
	const describe = async (): Promise<void> => {
		const offer = await one.createOffer();
		await one.setLocalDescription(offer);
		await pause(SIGNAL_MS);
		await other.setRemoteDescription(offer);
		const answer = await other.createAnswer();
		await other.setLocalDescription(answer);
		await pause(SIGNAL_MS);
		await one.setRemoteDescription(answer);
	};
	return {
		open: Promise.all([ends, describe()]),
		close() {
			one.close();
			other.close();
		}
	};
}

const later = (act: () => void): void => void setTimeout(act, SIGNAL_MS);

const openOf = (links: readonly (number | null)[]): number[] => links.filter((ms) => ms !== null);
const inWords = (links: readonly (number | null)[]): string => percentiles(openOf(links), 'ms');
const repeated = (links: readonly (number | null)[]): string =>
	`${openOf(links).filter((ms) => ms > REPEATED_MS).length} of ${links.length}`;
const failed = (links: readonly (number | null)[]): string =>
	`${links.length - openOf(links).length} of ${links.length}`;
