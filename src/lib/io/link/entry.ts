/** One attempt at a link with one peer, and the link it becomes: its connection, its stream, its time. */
import type { Clock, LinkEvent, Signalling, SignalStream } from '#lib/io/ports.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import {
	CONNECTIONS_MADE_MAX,
	CONNECTIONS_MADE_WINDOW_MS,
	KNOCK_ANSWER_MS,
	LINK_OPEN_MS,
	SIGNALS_PER_STREAM_MAX
} from '#lib/p2p/wire/limits.ts';
import { createConnection, type Connection, type SimplePeerFactory } from './connection.ts';
import { createRate, type Rate } from './rates.ts';
import { decodeLinkMessage, encodeLinkMessage, type LinkMessage, type Signal } from './signals.ts';

export interface LinksOptions {
	readonly me: PeerId;
	readonly signalling: Signalling;
	readonly simplePeer: SimplePeerFactory;
	/** STUN servers, the seeds' own; empty on one network. */
	readonly iceServers: readonly RTCIceServer[];
	/** By those of them that relay (TURN), or not at all. */
	readonly relayOnly?: boolean;
	readonly clock: Clock;
	/** Called synchronously; 'channels' must be taken within the call. */
	readonly onEvent: (event: LinkEvent) => void;
}

/** An attempt, or a link once `openedMs` is set. */
export interface Entry {
	readonly peer: PeerId;
	/** 'knocked': we opened it. 'admitted': the other side did. */
	readonly how: 'knocked' | 'admitted';
	readonly connection: Connection;
	readonly givenUp: AbortController;
	/** What is to be said before there is a stream to say it on. */
	readonly unsent: LinkMessage[];
	stream: SignalStream | null;
	/** The other side has said something. */
	answered: boolean;
	/** The other side has described itself. */
	described: boolean;
	openedMs: number | null;
	cancelAlarm: () => void;
}

/** All entries, and what the door wants to know of them. */
export interface Entries {
	readonly options: LinksOptions;
	readonly byPeer: Map<PeerId, Entry>;
	readonly made: Rate;
	readonly onOpen: (entry: Entry) => void;
	/** An entry is gone, and the peer may be given another. */
	readonly onOver: (peer: PeerId) => void;
}

export function createEntries(
	options: LinksOptions,
	outcomes: Pick<Entries, 'onOpen' | 'onOver'>
): Entries {
	const max = CONNECTIONS_MADE_MAX;
	const made = createRate({ max, windowMs: CONNECTIONS_MADE_WINDOW_MS, namesMax: 1 });
	return { options, byPeer: new Map(), made, ...outcomes };
}

/** Reports 'channels'. Null where no connection can be made now: too many lately, or the browser says no. */
export function makeEntry(entries: Entries, peer: PeerId, how: Entry['how']): Entry | null {
	const { clock, simplePeer, iceServers, relayOnly = false, onEvent } = entries.options;
	if (!entries.made.allow('all', clock.nowMs())) return null;
	const peerOptions = { initiator: how === 'knocked', iceServers, relayOnly };
	const connection = createConnection(simplePeer, peerOptions, {
		signal: (signal) => {
			say(entry, { type: 'signal', signal });
		},
		open: () => {
			opened(entries, entry);
		},
		closed: (reason) => {
			fail(entries, entry, reason);
		}
	});
	if (connection === null) return null;
	const entry: Entry = {
		peer,
		how,
		connection,
		givenUp: new AbortController(),
		unsent: [],
		stream: null,
		answered: false,
		described: false,
		openedMs: null,
		cancelAlarm: clock.wake(clock.nowMs() + LINK_OPEN_MS, () => {
			fail(entries, entry, 'the link did not open in time');
		})
	};
	entries.byPeer.set(peer, entry);
	onEvent({ type: 'channels', peer, channels: connection.channels });
	return entry;
}

/** Removes an entry with its 'closed', if it still stands; what follows from it is the caller's to report. */
export function remove(entries: Entries, entry: Entry): boolean {
	if (!stands(entries, entry)) return false;
	entries.byPeer.delete(entry.peer);
	entry.cancelAlarm();
	entry.givenUp.abort();
	entries.options.onEvent({ type: 'closed', peer: entry.peer });
	if (entry.openedMs === null) entry.stream?.send(encodeLinkMessage({ type: 'bye' }));
	entry.stream?.close();
	entry.connection.close();
	return true;
}

export function fail(entries: Entries, entry: Entry, reason: string): void {
	const ourKnock = entry.how === 'knocked' && entry.openedMs === null;
	if (!remove(entries, entry)) return;
	const { peer, answered } = entry;
	if (ourKnock) entries.options.onEvent({ type: 'failed', peer, reason, answered });
	entries.onOver(entry.peer);
}

/** Knocks, as soon as there is a stream to the peer; what simple-peer says meanwhile follows the knock. */
export function useOutgoing(entries: Entries, entry: Entry, stream: SignalStream): void {
	if (!stands(entries, entry)) {
		stream.close();
		return;
	}
	const { clock } = entries.options;
	const cancel = clock.wake(clock.nowMs() + KNOCK_ANSWER_MS, () => {
		if (!entry.answered) fail(entries, entry, 'the knock was not answered in time');
	});
	entry.givenUp.signal.addEventListener('abort', cancel);
	useStream(entry, stream);
	stream.listen({
		message(bytes) {
			const message = decodeLinkMessage(bytes);
			if (message) hear(entries, entry, message);
			else fail(entries, entry, 'the answer made no sense');
		},
		closed() {
			// After an answer the link may open without it: who is open first closes the stream.
			if (!entry.answered) fail(entries, entry, 'the knock was not answered');
		}
	});
}

export function useStream(entry: Entry, stream: SignalStream): void {
	entry.stream = stream;
	for (const message of entry.unsent.splice(0)) stream.send(encodeLinkMessage(message));
}

/** What the other side says while the link is made. */
export function hear(entries: Entries, entry: Entry, message: LinkMessage): void {
	if (!stands(entries, entry) || entry.openedMs !== null) return;
	const first = !entry.answered;
	entry.answered = true;
	switch (message.type) {
		case 'signal':
			onSignal(entry, message.signal);
			return;
		case 'refuse':
			// Only in place of an answer, and only from who was knocked at.
			if (entry.how === 'admitted' || !first || !remove(entries, entry)) return;
			entries.options.onEvent({
				type: 'refused',
				peer: entry.peer,
				refusal: message.refusal
			});
			entries.onOver(entry.peer);
			return;
		case 'bye':
			fail(entries, entry, 'given up by the other side');
			return;
		case 'knock':
			return;
	}
}

function say(entry: Entry, message: LinkMessage): void {
	if (entry.stream) entry.stream.send(encodeLinkMessage(message));
	else if (entry.unsent.length < SIGNALS_PER_STREAM_MAX) entry.unsent.push(message);
}

/** Each side describes itself once: a second description would renegotiate a link that is not finished. */
function onSignal(entry: Entry, signal: Signal): void {
	if (signal.type !== 'candidate') {
		const expected = entry.how === 'knocked' ? 'answer' : 'offer';
		if (entry.described || signal.type !== expected) return;
		entry.described = true;
	}
	entry.connection.signal(signal);
}

function opened(entries: Entries, entry: Entry): void {
	if (!stands(entries, entry)) return;
	entry.openedMs = entries.options.clock.nowMs();
	entry.cancelAlarm();
	entry.stream?.close();
	entries.onOpen(entry);
}

function stands(entries: Entries, entry: Entry): boolean {
	return entries.byPeer.get(entry.peer) === entry;
}
