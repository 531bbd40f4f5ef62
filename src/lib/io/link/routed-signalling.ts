/**
 * Signalling over the links that a room has: streams to peers with whom we have no link yet, carried from neighbour
 * to neighbour (docs/PROTOCOL.md, "Routed introductions"). The core finds the routes and passes things on; here are
 * the two ends.
 */
import type { Clock, Signalling, SignalStream } from '#lib/io/ports.ts';
import { forgetOldest } from '#lib/p2p/wire/bounded.ts';
import { toHex, type IntroductionId, type PeerId } from '#lib/p2p/wire/ids.ts';
import {
	CONTACTS_MAX,
	INTRODUCTIONS_PER_NEIGHBOUR_MAX,
	KNOCK_ANSWER_MS,
	ROUTES_MAX,
	SIGNAL_STREAMS_MAX
} from '#lib/p2p/wire/limits.ts';
import {
	ANSWER_BYTES,
	INTRODUCTION_ID_BYTES,
	openSaid,
	type OpenedSaid,
	type Passage
} from '#lib/p2p/wire/routed.ts';
import { createConversation, type Conversation, type House } from './conversation.ts';
import { firstOf } from './first-of.ts';

/** A route that has not answered by then has a second one tried beside it: twelve hops there and back. */
const ROUTE_HEAD_START_MS = 500;

export interface RoutedSignalling extends Signalling {
	/** By which routes `peer` can be called, best first; these take the place of those known before. */
	know(peer: PeerId, routes: readonly (readonly PeerId[])[]): void;
	hasRoute(peer: PeerId): boolean;
	/** This came for us along its route. */
	take(passage: Passage): void;
	readonly drops: Readonly<House['drops']>;
	/** Closes all streams, and takes no more. */
	stop(): void;
}

export type RoutedSignallingOptions = Pick<House, 'me' | 'room' | 'keys' | 'send'> & {
	readonly clock: Clock;
};

interface Switchboard {
	readonly house: House;
	readonly clock: Clock;
	/** At most CONTACTS_MAX; least recently told first. */
	readonly routes: Map<PeerId, readonly (readonly PeerId[])[]>;
	/** By the other end and the name of the introduction; at most SIGNAL_STREAMS_MAX. */
	readonly conversations: Map<string, Conversation>;
	taker: ((stream: SignalStream) => void) | null;
	stopped: boolean;
}

export function createRoutedSignalling(options: RoutedSignallingOptions): RoutedSignalling {
	const { clock, ...ours } = options;
	const drops = { malformed: 0, forged: 0, replayed: 0, foreign: 0, overload: 0 };
	const board: Switchboard = {
		house: { ...ours, drops },
		clock,
		routes: new Map(),
		conversations: new Map(),
		taker: null,
		stopped: false
	};
	return {
		drops,
		know(peer, routes) {
			know(board, peer, routes);
		},
		hasRoute: (peer) => board.routes.has(peer),
		take(passage) {
			if (!board.stopped) take(board, passage);
		},
		async open(to, signal) {
			signal.throwIfAborted();
			const routes = board.routes.get(to.peer) ?? [];
			if (routes.length === 0 || board.stopped) throw new Error(`Nobody answers for ${to.peer}.`);
			const ways = routes.map((route, i) => ({
				afterMs: i * ROUTE_HEAD_START_MS,
				open: (given: AbortSignal) => call(board, to.peer, route, given)
			}));
			return firstOf(ways, clock, signal);
		},
		onStream(taker) {
			board.taker = taker;
			return () => {
				if (board.taker === taker) board.taker = null;
			};
		},
		stop() {
			board.taker = null;
			for (const conversation of [...board.conversations.values()]) conversation.end('stopped');
			board.stopped = true;
		}
	};
}

function know(board: Switchboard, peer: PeerId, routes: readonly (readonly PeerId[])[]): void {
	board.routes.delete(peer);
	if (routes.length > 0) board.routes.set(peer, routes.slice(0, ROUTES_MAX));
	forgetOldest(board.routes, CONTACTS_MAX);
}

const nameOf = (other: PeerId, introduction: IntroductionId): string => `${other} ${introduction}`;

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

/** Resolves once the other end has proven that it is there. */
function call(
	board: Switchboard,
	other: PeerId,
	route: readonly PeerId[],
	signal: AbortSignal
): Promise<SignalStream> {
	if (board.conversations.size >= SIGNAL_STREAMS_MAX) {
		return Promise.reject(new Error('Too many signalling streams are open.'));
	}
	const introduction = toHex(random(INTRODUCTION_ID_BYTES)) as IntroductionId;
	const name = nameOf(other, introduction);
	return new Promise((resolve, reject) => {
		const giveUp = (): void => {
			conversation.end('given up', false);
		};
		const cancel = board.clock.wake(board.clock.nowMs() + KNOCK_ANSWER_MS, giveUp);
		const settle = (): void => {
			cancel();
			signal.removeEventListener('abort', giveUp);
		};
		const conversation = createConversation(board.house, {
			side: 'caller',
			route,
			other,
			introduction,
			onBegun() {
				settle();
				resolve(conversation.stream);
			},
			onMessage: () => undefined,
			onEnd(reason) {
				settle();
				board.conversations.delete(name);
				reject(new Error(`Nobody answers for ${other}: ${reason}.`));
			}
		});
		board.conversations.set(name, conversation);
		signal.addEventListener('abort', giveUp, { once: true });
		conversation.say('open');
	});
}

function take(board: Switchboard, passage: Passage): void {
	const { drops } = board.house;
	if (passage.body.length === 0) return onUnreachable(board, passage);
	const opened = openSaid(passage.body);
	const back = [...passage.route].reverse();
	const [me, neighbour] = back;
	const other = back.at(-1);
	if (opened === null || me !== board.house.me || neighbour === undefined || other === undefined) {
		drops.malformed++;
		return;
	}
	const known = board.conversations.get(nameOf(other, passage.introduction));
	if (known !== undefined && isSame(known.route, back)) known.take(opened);
	else if (known !== undefined || opened.said.kind !== 'open') drops.foreign++;
	else if (isFull(board, neighbour)) drops.overload++;
	else receive(board, { back, other, introduction: passage.introduction }, opened);
}

/** One neighbour cannot take all places, whoever it says is calling. */
function isFull(board: Switchboard, neighbour: PeerId): boolean {
	const all = [...board.conversations.values()];
	const same = all.filter(({ route }) => route[1] === neighbour);
	return all.length >= SIGNAL_STREAMS_MAX || same.length >= INTRODUCTIONS_PER_NEIGHBOUR_MAX;
}

interface Caller {
	readonly back: readonly PeerId[];
	readonly other: PeerId;
	readonly introduction: IntroductionId;
}

/** Who calls is heard of when it says something: of several routes that it tries only one is used. */
function receive(
	board: Switchboard,
	{ back, other, introduction }: Caller,
	opened: OpenedSaid
): void {
	const name = nameOf(other, introduction);
	const answer = random(ANSWER_BYTES);
	const cancel = board.clock.wake(board.clock.nowMs() + KNOCK_ANSWER_MS, () => {
		conversation.end('nothing was said');
	});
	const conversation = createConversation(board.house, {
		side: 'called',
		route: back,
		other,
		introduction,
		onBegun() {
			conversation.say('accept', answer);
			conversation.answer(answer);
		},
		onMessage() {
			cancel();
			if (board.taker) board.taker(conversation.stream);
			else conversation.stream.close();
		},
		onEnd() {
			cancel();
			board.conversations.delete(name);
		}
	});
	board.conversations.set(name, conversation);
	conversation.take(opened);
}

/** Believed of those on the route alone, who could as well have kept it to themselves. */
function onUnreachable(board: Switchboard, { route, introduction }: Passage): void {
	const way = [...route].reverse();
	for (const [name, conversation] of board.conversations) {
		if (!name.endsWith(` ${introduction}`)) continue;
		if (!isSame(conversation.route.slice(0, way.length), way)) continue;
		if (way.length < conversation.route.length) return conversation.end('the way has ended', false);
	}
}

const isSame = (one: readonly PeerId[], other: readonly PeerId[]): boolean =>
	one.length === other.length && one.every((peer, i) => peer === other[i]);
