/**
 * Questions about what is shared, and their answers: a short one through a seed's relay, many, and the pieces, over a
 * direct connection. A seed carries no piece: whoever asks there for more than a look is told so by who answers.
 * Who was answered over a relay may call directly for a while, and nobody else.
 */
import type { Connection, Libp2p, MultiaddrConnection, Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import type { Clock, ShareAnswerer, ShareLine, Sharing } from '#lib/io/ports.ts';
import {
	ANSWER_BYTES_MAX,
	QUESTION_BYTES_MAX,
	SHARE_ASKERS_MAX,
	SHARE_ASK_MS,
	SHARE_DIAL_MS,
	SHARE_EXPECTED_MAX,
	SHARE_EXPECTED_MS,
	SHARE_IDLE_MS,
	SHARE_LINES_MAX,
	SHARE_QUESTIONS_FROM_ONE_RATE,
	SHARE_QUESTIONS_RATE
} from '#lib/p2p/archive/share-limits.ts';
import { putNewest } from '#lib/p2p/wire/bounded.ts';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import { parsePeerId, type PeerId } from '#lib/p2p/wire/ids.ts';
import { createAskerRates, type AskerRates } from './asker-rates.ts';
import { isDirect, reach, reachRelayed } from './calling.ts';
import type { DirectLines } from './direct-lines.ts';
import { SHARE_PROTOCOL } from './protocols.ts';
import type { SeedAddress } from './rendezvous.ts';
import { createShareLine } from './share-line.ts';

/** Of one connection: what is asked, and what is closing. */
const STREAMS_MAX = 4;
/** Questions that wait on one stream for their answers. */
const QUESTIONS_BUFFERED_MAX = 16;

interface Options {
	readonly node: Libp2p;
	readonly lines: DirectLines;
	readonly seeds: readonly SeedAddress[];
	readonly clock: Clock;
	/** Gossip uses a direct connection to that peer: it stays when nothing more is shared over it. */
	readonly isNeighbour: (peer: PeerId) => boolean;
}

export interface ShareDesk extends Sharing {
	/** For libp2p's gater: whether it is somebody who may call directly. */
	admits(from: string, connection: MultiaddrConnection): boolean;
	/** Whether a direct connection to that peer is there for sharing, or about to be. */
	uses(peer: PeerId): boolean;
	stop(): void;
}

interface Sharers extends Options {
	answer: ShareAnswerer | null;
	readonly rates: AskerRates;
	/** Until when somebody may call, by clock. At most SHARE_EXPECTED_MAX. */
	readonly expected: Map<PeerId, number>;
	/** Whom we call now. */
	readonly calling: Set<PeerId>;
	/** Direct connections that are there for sharing, and how to stop waiting for their end. */
	readonly direct: Map<Connection, () => void>;
}

/** Resolves once the node takes questions. */
export async function createSharing(options: Options): Promise<ShareDesk> {
	const { node, lines, clock } = options;
	const rates = createAskerRates(clock, {
		one: SHARE_QUESTIONS_FROM_ONE_RATE,
		all: SHARE_QUESTIONS_RATE,
		askersMax: SHARE_ASKERS_MAX
	});
	const sharers: Sharers = {
		...options,
		...{ answer: null, rates, expected: new Map(), calling: new Set(), direct: new Map() }
	};
	await node.handle(
		SHARE_PROTOCOL,
		(stream, connection) => {
			serve(sharers, stream, connection).catch((error: unknown) => abort(stream, error));
		},
		{ runOnLimitedConnection: true, maxInboundStreams: STREAMS_MAX }
	);
	const stopWatching = watch(sharers);
	return {
		ask: (to, question, signal) => ask(sharers, to, { question, signal }),
		line: (to, signal) => openLine(sharers, to, signal),
		onQuestion(answer) {
			sharers.answer = answer;
			return () => {
				if (sharers.answer === answer) sharers.answer = null;
			};
		},
		listen(on) {
			// Each call tries to load it again; without it pieces are fetched and not given.
			if (on) lines.open('sharing').catch(() => undefined);
			else lines.close('sharing');
		},
		admits: (from, connection) => admits(sharers, from, connection),
		uses: (peer) => uses(sharers, peer),
		stop() {
			sharers.answer = null;
			stopWatching();
			lines.close('sharing');
			for (const cancel of sharers.direct.values()) cancel();
			sharers.direct.clear();
		}
	};
}

function watch(sharers: Sharers): () => void {
	const { node } = sharers;
	const opened = ({ detail }: CustomEvent<Connection>): void => {
		const peer = parsePeerId(detail.remotePeer.toString());
		if (peer === null || !isDirect(detail) || !uses(sharers, peer)) return;
		keepWhileUsed(sharers, detail);
	};
	const closed = ({ detail }: CustomEvent<Connection>): void => {
		sharers.direct.get(detail)?.();
		sharers.direct.delete(detail);
	};
	node.addEventListener('connection:open', opened);
	node.addEventListener('connection:close', closed);
	return () => {
		node.removeEventListener('connection:open', opened);
		node.removeEventListener('connection:close', closed);
	};
}

/** Closes it when nothing was shared over it for a while. */
function keepWhileUsed(sharers: Sharers, connection: Connection): void {
	const { clock, isNeighbour } = sharers;
	const cancel = clock.wake(clock.nowMs() + SHARE_IDLE_MS, () => {
		const inUse = connection.streams.some(({ protocol }) => protocol === SHARE_PROTOCOL);
		const peer = parsePeerId(connection.remotePeer.toString());
		if (connection.status === 'open' && (inUse || (peer !== null && isNeighbour(peer)))) {
			keepWhileUsed(sharers, connection);
			return;
		}
		sharers.direct.delete(connection);
		connection.close().catch((error: unknown) => {
			connection.abort(error instanceof Error ? error : new Error('idle'));
		});
	});
	sharers.direct.set(connection, cancel);
}

function uses({ expected, calling, direct, clock }: Sharers, peer: PeerId): boolean {
	if (calling.has(peer) || (expected.get(peer) ?? 0) > clock.nowMs()) return true;
	return [...direct.keys()].some(({ remotePeer }) => remotePeer.toString() === peer);
}

function admits(sharers: Sharers, from: string, connection: MultiaddrConnection): boolean {
	const peer = parsePeerId(from);
	if (peer === null || !connection.remoteAddr.toString().startsWith('/webrtc')) return false;
	const isExpected = (sharers.expected.get(peer) ?? 0) > sharers.clock.nowMs();
	return isExpected && sharers.direct.size < SHARE_LINES_MAX;
}

/** Answers one question after the other, until the other side has asked its last. */
async function serve(sharers: Sharers, stream: Stream, connection: Connection): Promise<void> {
	const from = parsePeerId(connection.remotePeer.toString());
	if (from === null) throw new Error('no Ed25519 peer');
	const way = connection.limits === undefined ? 'direct' : 'relayed';
	const framed = lpStream(stream, {
		maxDataLength: QUESTION_BYTES_MAX,
		maxBufferSize: QUESTIONS_BUFFERED_MAX * QUESTION_BYTES_MAX
	});
	for (;;) {
		const question = await nextOf(framed);
		if (question === null) return stream.close({ signal: AbortSignal.timeout(SHARE_ASK_MS) });
		if (way === 'relayed' && !sharers.rates.take(from)) throw new Error('too many questions');
		const answer = (await sharers.answer?.(from, question, way)) ?? null;
		if (answer === null) throw new Error('no answer');
		if (way === 'relayed') {
			const untilMs = sharers.clock.nowMs() + SHARE_EXPECTED_MS;
			putNewest(sharers.expected, from, untilMs, SHARE_EXPECTED_MAX);
		}
		await framed.write(answer, { signal: AbortSignal.timeout(SHARE_IDLE_MS) });
	}
}

/** Null where the other side has asked its last, or has asked nothing for long. */
async function nextOf(framed: {
	read(options: { signal: AbortSignal }): Promise<{ subarray(): Uint8Array }>;
}): Promise<Uint8Array | null> {
	try {
		return (await framed.read({ signal: AbortSignal.timeout(SHARE_IDLE_MS) })).subarray().slice();
	} catch {
		return null;
	}
}

async function ask(
	{ node, seeds }: Sharers,
	to: Contact,
	of: { readonly question: Uint8Array; readonly signal: AbortSignal }
): Promise<Uint8Array> {
	const signal = AbortSignal.any([of.signal, AbortSignal.timeout(SHARE_ASK_MS)]);
	const connection = await reach(to, { node, seeds, signal });
	const stream = await openStream(connection, signal);
	try {
		const framed = lpStream(stream, {
			maxDataLength: ANSWER_BYTES_MAX,
			maxBufferSize: 2 * ANSWER_BYTES_MAX
		});
		await framed.write(of.question, { signal });
		const answer = (await framed.read({ signal })).subarray().slice();
		await stream.close({ signal });
		return answer;
	} catch (error) {
		abort(stream, error);
		throw error;
	}
}

async function openLine(sharers: Sharers, to: Contact, given: AbortSignal): Promise<ShareLine> {
	const signal = AbortSignal.any([given, AbortSignal.timeout(SHARE_DIAL_MS)]);
	const connection = standing(sharers, to) ?? (await callDirectly(sharers, to, signal));
	return createShareLine(to.peer, await openStream(connection, signal));
}

const standing = ({ node }: Sharers, { peer }: Contact): Connection | undefined =>
	node.getConnections().find((one) => one.remotePeer.toString() === peer && isDirect(one));

async function callDirectly(
	{ node, seeds, lines, calling }: Sharers,
	to: Contact,
	signal: AbortSignal
): Promise<Connection> {
	calling.add(to.peer);
	try {
		await reachRelayed(to, { node, seeds, signal });
		return await lines.call(to.peer, signal);
	} finally {
		calling.delete(to.peer);
	}
}

const openStream = (connection: Connection, signal: AbortSignal): Promise<Stream> =>
	connection.newStream(SHARE_PROTOCOL, {
		runOnLimitedConnection: true,
		negotiateFully: false,
		maxOutboundStreams: STREAMS_MAX,
		signal
	});

function abort(stream: Stream, error: unknown): void {
	stream.abort(error instanceof Error ? error : new Error('nothing is shared'));
}
