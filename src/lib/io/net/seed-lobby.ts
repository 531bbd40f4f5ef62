/**
 * The lobby of a seed: takes listings from their hosts and tells them to whoever asks. In memory, bounded, and
 * only what is signed; a host tells its own over its own connection.
 */
import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import { isPrivate, lpStream } from '@libp2p/utils';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { Clock, Keys } from '#lib/io/ports.ts';
import type { Board } from '#lib/p2p/lobby/board.ts';
import { markVerified } from '#lib/p2p/wire/envelope.ts';
import {
	LISTING_RATE,
	LISTINGS_PER_ANSWER_MAX,
	LOBBY_ANSWER_MS,
	LOBBY_RATE
} from '#lib/p2p/wire/limits.ts';
import { readListing } from '#lib/p2p/wire/listing.ts';
import {
	decodeLobbyRequest,
	encodeAskAnswer,
	encodeTellAnswer,
	LOBBY_REQUEST_BYTES_MAX,
	type LobbyRequest,
	type TellAnswer
} from '#lib/p2p/wire/lobby.ts';
import { fullBucket, take, type Bucket } from '#lib/p2p/wire/rate.ts';
import { LOBBY_PROTOCOL } from './protocols.ts';

/** A look and some listings told at once, over one connection. */
const STREAMS_MAX = 8;

export interface SeedLobbyOptions {
	readonly node: Libp2p;
	readonly keys: Pick<Keys, 'verify'>;
	readonly clock: Clock;
	/** A number by chance, u32: revisions count from the start of the seed. */
	readonly epoch: number;
	readonly board: Board;
}

interface Caller {
	readonly peer: string;
	/** The address, where it tells people apart. */
	readonly source: string | null;
	readonly asks: Bucket;
	readonly tells: Bucket;
}

/** Resolves once the seed answers. */
export async function serveLobby(options: SeedLobbyOptions): Promise<void> {
	const { board } = options;
	// As many as there are connections, and gone with them.
	const callers = new Map<string, Caller>();
	const callerOf = (connection: Connection): Caller => {
		const known = callers.get(connection.id);
		if (known !== undefined) return known;
		const caller: Caller = {
			peer: connection.remotePeer.toString(),
			source: sourceOf(connection.remoteAddr),
			asks: fullBucket(LOBBY_RATE),
			tells: fullBucket(LISTING_RATE)
		};
		callers.set(connection.id, caller);
		connection.addEventListener('close', () => callers.delete(connection.id), { once: true });
		return caller;
	};
	await options.node.handle(
		LOBBY_PROTOCOL,
		(stream, connection) => {
			converse(stream, callerOf(connection), board, options).catch((error: unknown) => {
				stream.abort(error instanceof Error ? error : new Error('the lobby failed'));
			});
		},
		{ maxInboundStreams: STREAMS_MAX }
	);
}

async function converse(
	stream: Stream,
	caller: Caller,
	board: Board,
	options: SeedLobbyOptions
): Promise<void> {
	const signal = AbortSignal.timeout(LOBBY_ANSWER_MS);
	const framed = lpStream(stream, { maxDataLength: LOBBY_REQUEST_BYTES_MAX });
	const request = decodeLobbyRequest((await framed.read({ signal })).subarray());
	if (request === null) throw new Error('no request');
	const answer = await answerTo(request, caller, board, options);
	await framed.write(answer, { signal });
	await stream.close({ signal });
}

async function answerTo(
	request: LobbyRequest,
	caller: Caller,
	board: Board,
	{ keys, clock, epoch }: SeedLobbyOptions
): Promise<Uint8Array> {
	const nowMs = clock.nowMs();
	switch (request.type) {
		case 'ask':
			if (!take(caller.asks, LOBBY_RATE, 1, nowMs)) throw new Error('too many questions');
			return encodeAskAnswer(
				answerAsk(board, request.epoch === epoch ? request.since : 0, {
					nowMs,
					epoch
				})
			);
		case 'tell':
			if (!take(caller.tells, LISTING_RATE, 1, nowMs)) return encodeTellAnswer('busy');
			return encodeTellAnswer(await hear(request.listing, caller, board, { keys, nowMs }));
	}
}

function answerAsk(
	board: Board,
	since: number,
	{ nowMs, epoch }: { nowMs: number; epoch: number }
) {
	const changes = board.since(since, nowMs);
	// A newcomer has nothing that could be withdrawn.
	const wanted =
		since > 0 ? changes : changes.filter(({ listing }) => listing.state !== 'withdrawn');
	const few = wanted.slice(0, LISTINGS_PER_ANSWER_MAX);
	const more = few.length < wanted.length;
	return {
		epoch,
		revision: more ? (few.at(-1)?.revision ?? board.revision) : board.revision,
		more,
		posted: few.map(({ listing, heardAtMs }) => ({
			ageMs: Math.max(0, Math.floor(nowMs - heardAtMs)),
			listing: listing.bytes
		}))
	};
}

/** The cheap questions first: a signature costs a tenth of a millisecond. */
async function hear(
	bytes: Uint8Array,
	{ peer, source }: Caller,
	board: Board,
	{ keys, nowMs }: { readonly keys: Pick<Keys, 'verify'>; readonly nowMs: number }
): Promise<TellAnswer> {
	const reading = readListing(bytes);
	if (reading?.listing.host !== peer) return 'invalid';
	const { listing, signed, signature } = reading;
	const answer = board.judge(listing, source, nowMs);
	if (answer !== 'taken') return answer;
	if (!(await keys.verify(listing.hostKey, signed, signature))) return 'invalid';
	return board.put(markVerified(listing), { source }, nowMs);
}

/**
 * Whom a listing comes from, as far as an address tells: of IPv6 the first 64 bits, which one household has. Null
 * for private addresses: who comes from there sits behind the seed's own proxy or in its own house.
 */
export function sourceOf(addr: Multiaddr): string | null {
	if (isPrivate(addr)) return null;
	const host = addr.getComponents().find(({ name }) => name === 'ip4' || name === 'ip6');
	if (host?.value === undefined) return null;
	return host.name === 'ip4' ? host.value : firstHalf(host.value);
}

/** The first four groups of an IPv6 address, however it is shortened. */
function firstHalf(address: string): string {
	const [left = '', right] = address.split('::');
	const head = left === '' ? [] : left.split(':');
	const tail = right === undefined || right === '' ? [] : right.split(':');
	const zeros = right === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
	const groups = [...head, ...Array.from({ length: zeros }, () => '0'), ...tail];
	return groups
		.slice(0, 4)
		.map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
		.join(':');
}
