/**
 * One introduction over a route, at one of its two ends: a signalling stream whose every word is signed for the
 * other end. Nobody on the way is trusted: what is not signed by the other end for us, here and now, in its place, is
 * dropped and counted.
 *
 * Kept at all times:
 * 1. What is handed up was said by the other end, in this order, nothing left out.
 * 2. Words go out in the order in which they were said.
 */
import type { Keys, SignalHandlers, SignalStream } from '#lib/io/ports.ts';
import {
	concat,
	publicKeyOf,
	type IntroductionId,
	type PeerId,
	type RoomId
} from '#lib/p2p/wire/ids.ts';
import {
	SIGNAL_BYTES_MAX,
	SIGNAL_STREAM_BYTES_MAX,
	SIGNALS_PER_STREAM_MAX
} from '#lib/p2p/wire/limits.ts';
import {
	encodeSaid,
	introductionSigningBytes,
	NO_ANSWER,
	type Between,
	type OpenedSaid,
	type Passage,
	type Said,
	type SaidKind,
	type Side
} from '#lib/p2p/wire/routed.ts';

/** What was dropped, by reason. */
export interface RoutedDrops {
	/** Nothing that anybody would say. */
	malformed: number;
	/** Not signed by whom it claims to be of. */
	forged: number;
	/** Said before. */
	replayed: number;
	/** Of no introduction that we know, or along another route than its own. */
	foreign: number;
	/** More than anybody needs. */
	overload: number;
}

export interface House {
	readonly me: PeerId;
	readonly room: RoomId;
	readonly keys: Pick<Keys, 'sign' | 'verify'>;
	readonly send: (passage: Passage) => void;
	readonly drops: RoutedDrops;
}

export interface ConversationOptions {
	readonly side: Side;
	/** From us to the other end. */
	readonly route: readonly PeerId[];
	readonly other: PeerId;
	readonly introduction: IntroductionId;
	/** The other end has proven who it is, by `open` or `accept`. */
	readonly onBegun: () => void;
	/** Its first message has come. */
	readonly onMessage: () => void;
	/** Nothing more comes or goes. Once. */
	readonly onEnd: (reason: string) => void;
}

export interface Conversation {
	readonly route: readonly PeerId[];
	readonly stream: SignalStream;
	/** Something that claims to be of the other end, along the right route. */
	take(opened: OpenedSaid): void;
	say(kind: SaidKind, content?: Uint8Array): void;
	/** As the other end from now on expects it to be bound. */
	answer(answer: Uint8Array): void;
	/** Ends it, and tells the other end where `tell`. */
	end(reason: string, tell?: boolean): void;
}

const NOTHING = new Uint8Array(0);

interface State {
	readonly house: House;
	readonly options: ConversationOptions;
	readonly inbox: Uint8Array[];
	readonly stream: SignalStream;
	handlers: SignalHandlers | null;
	answer: Uint8Array;
	sent: number;
	heard: number;
	/** Words of the other end that are being checked. */
	checking: number;
	sentBytes: number;
	heardBytes: number;
	closed: boolean;
	ended: boolean;
	/** Words are signed and sent one after the other, and checked and heard one after the other. */
	saying: Promise<void>;
	hearing: Promise<void>;
}

export function createConversation(house: House, options: ConversationOptions): Conversation {
	const state: State = {
		house,
		options,
		inbox: [],
		stream: streamOf(() => state),
		handlers: null,
		answer: NO_ANSWER,
		sent: 0,
		heard: 0,
		checking: 0,
		sentBytes: 0,
		heardBytes: 0,
		closed: false,
		ended: false,
		saying: Promise.resolve(),
		hearing: Promise.resolve()
	};
	return {
		route: options.route,
		stream: state.stream,
		take(opened) {
			take(state, opened);
		},
		say(kind, content = NOTHING) {
			say(state, kind, content);
		},
		answer(answer) {
			state.answer = answer;
		},
		end(reason, tell = true) {
			end(state, reason, tell);
		}
	};
}

function streamOf(get: () => State): SignalStream {
	return {
		get peer() {
			return get().options.other;
		},
		listen(handlers) {
			const state = get();
			if (state.handlers) throw new Error('This stream is listened to already.');
			state.handlers = handlers;
			if (state.closed) handlers.closed();
			else
				queueMicrotask(() => {
					drain(state);
				});
		},
		send(message) {
			if (message.length === 0 || message.length > SIGNAL_BYTES_MAX) {
				throw new RangeError('A signalling message has 1 to 16,384 bytes.');
			}
			const state = get();
			if (state.ended) return;
			state.sentBytes += message.length;
			const over = state.sent > SIGNALS_PER_STREAM_MAX || state.sentBytes > SIGNAL_STREAM_BYTES_MAX;
			if (over) end(state, 'too much was said', true);
			else say(state, 'message', message.slice());
		},
		close() {
			end(get(), 'closed by us', true);
		}
	};
}

/** Signs and sends; what cannot be signed ends it. */
function say(state: State, kind: SaidKind, content: Uint8Array): void {
	const { house, options } = state;
	const { me, keys, send } = house;
	const { side, other, route, introduction } = options;
	const unsigned = encodeSaid({ side, kind, count: state.sent++, content });
	state.saying = state.saying
		.then(async () => {
			// The answer binds all that follows it, and is known before any of that is said.
			const answer = kind === 'open' || kind === 'accept' ? NO_ANSWER : state.answer;
			const message = introductionSigningBytes(between(state, me, other, answer), unsigned);
			const body = concat(unsigned, await keys.sign(message));
			send({ route, introduction, body });
		})
		.catch(() => {
			end(state, 'our words could not be signed', false);
		});
}

const between = (state: State, from: PeerId, to: PeerId, answer: Uint8Array): Between => ({
	room: state.house.room,
	from,
	to,
	introduction: state.options.introduction,
	answer
});

function take(state: State, opened: OpenedSaid): void {
	const { house, options } = state;
	if (state.ended) return;
	if (opened.said.side === options.side) {
		house.drops.forged++;
		return;
	}
	if (state.checking >= SIGNALS_PER_STREAM_MAX) {
		house.drops.overload++;
		return;
	}
	state.checking++;
	state.hearing = state.hearing
		.then(() => check(state, opened))
		.catch(() => false)
		.then((good) => {
			state.checking--;
			if (good && !state.ended) hear(state, opened.said);
			if (good) return;
			house.drops.forged++;
			// Nobody has called us then.
			if (state.heard === 0 && options.side === 'called') end(state, 'forged', false);
		});
}

async function check(state: State, { said, unsigned, signature }: OpenedSaid): Promise<boolean> {
	const { me, keys } = state.house;
	const { other } = state.options;
	const key = publicKeyOf(other);
	if (key === null) return false;
	const answer = said.kind === 'open' || said.kind === 'accept' ? NO_ANSWER : state.answer;
	const message = introductionSigningBytes(between(state, other, me, answer), unsigned);
	return keys.verify(key, message, signature);
}

function hear(state: State, { kind, count, content }: Said): void {
	if (count < state.heard) {
		state.house.drops.replayed++;
		return;
	}
	if (count > state.heard) {
		end(state, 'something was lost on the way', true);
		return;
	}
	state.heard++;
	switch (kind) {
		case 'open':
			return state.options.onBegun();
		case 'accept':
			state.answer = content.slice();
			return state.options.onBegun();
		case 'message':
			return onMessage(state, content);
		case 'close':
			return end(state, 'closed by the other side', false);
	}
}

function onMessage(state: State, content: Uint8Array): void {
	state.heardBytes += content.length;
	// What is said first of all, `open` or `accept`, is counted as well.
	const over =
		state.heard > SIGNALS_PER_STREAM_MAX + 1 || state.heardBytes > SIGNAL_STREAM_BYTES_MAX;
	if (over) return end(state, 'too much was said', true);
	state.inbox.push(content.slice());
	if (state.heard === 2) state.options.onMessage();
	drain(state);
}

function drain(state: State): void {
	while (state.handlers && !state.closed) {
		const message = state.inbox.shift();
		if (message === undefined) break;
		state.handlers.message(message);
	}
	if (state.ended && state.inbox.length === 0) close(state);
}

/** What had come before is still handed up where the other end closed it. */
function end(state: State, reason: string, tell: boolean): void {
	if (state.ended) return;
	state.ended = true;
	if (tell) {
		say(state, 'close', NOTHING);
		state.inbox.length = 0;
	}
	state.options.onEnd(reason);
	if (state.handlers === null && state.inbox.length > 0) return;
	drain(state);
}

function close(state: State): void {
	if (state.closed) return;
	state.closed = true;
	state.handlers?.closed();
}
