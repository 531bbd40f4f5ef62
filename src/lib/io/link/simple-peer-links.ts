/**
 * Links between peers: WebRTC by simple-peer, introduced over signalling streams. Who opens knocks, and sends the
 * offer with the knock; who is knocked at decides before it makes a connection of its own.
 *
 * Kept at all times:
 * 1. For each peer there is at most one entry (an attempt or a link), and at most one knock at our door.
 * 2. Each entry reported its 'channels' when it was made and reports 'closed' when it is removed, before anything
 *    that takes its place.
 * 3. Where two knock at each other at once, the attempt of the smaller id survives on both sides.
 */
import type { KnockAnswer, KnockTicket, Links } from '#lib/io/ports.ts';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { LINK_ATTEMPTS_MAX, LINK_SETTLE_MS } from '#lib/p2p/wire/limits.ts';
import { openDoor, type Knocker } from './door.ts';
import {
	createEntries,
	fail,
	hear,
	makeEntry,
	remove,
	useOutgoing,
	useStream,
	type Entries,
	type Entry,
	type LinksOptions
} from './entry.ts';
import { encodeLinkMessage } from './signals.ts';

export type { LinksOptions } from './entry.ts';

/** A knock read and not yet answered. */
interface Waiting {
	readonly knocker: Knocker;
	/** 'asked': the core was told. 'held': something of ours goes first. 'admitted': held, and the answer is yes. */
	state: 'asked' | 'held' | 'admitted';
}

interface House {
	readonly entries: Entries;
	readonly waiting: Map<PeerId, Waiting>;
}

export function createLinks(options: LinksOptions): Links {
	const entries = createEntries(options, {
		onOpen: (entry) => {
			// A knock that stood back for this attempt has what it wanted.
			const wait = house.waiting.get(entry.peer);
			if (wait && wait.state !== 'asked') wait.knocker.stream.close();
		},
		onOver: (peer) => {
			release(house, peer);
		}
	});
	const house: House = { entries, waiting: new Map() };
	const closeDoor = openDoor({
		signalling: options.signalling,
		clock: options.clock,
		onKnock: (knocker) => {
			onKnock(house, knocker);
		}
	});
	return {
		open(to, knock) {
			open(entries, to, knock);
		},
		answer(ticket: KnockTicket, answer: KnockAnswer) {
			const wait = [...house.waiting.values()].find(({ knocker }) => knocker.ticket === ticket);
			if (wait?.state === 'asked') onAnswer(house, wait, answer);
		},
		close(peer) {
			const entry = entries.byPeer.get(peer);
			if (entry && remove(entries, entry)) release(house, peer);
		},
		stop() {
			closeDoor();
			house.waiting.clear();
			for (const entry of [...entries.byPeer.values()]) remove(entries, entry);
		}
	};
}

function open(entries: Entries, to: Contact, knock: Uint8Array): void {
	const { me, signalling, onEvent } = entries.options;
	if (to.peer === me || entries.byPeer.has(to.peer)) return;
	const attempts = [...entries.byPeer.values()].filter((entry) => entry.openedMs === null);
	const entry = attempts.length < LINK_ATTEMPTS_MAX ? makeEntry(entries, to.peer, 'knocked') : null;
	if (entry === null) {
		const reason = 'too many links are being made';
		onEvent({ type: 'failed', peer: to.peer, reason, answered: false });
		return;
	}
	entry.unsent.unshift({ type: 'knock', knock });
	signalling.open(to, entry.givenUp.signal).then(
		(stream) => {
			useOutgoing(entries, entry, stream);
		},
		(error: unknown) => {
			fail(entries, entry, error instanceof Error ? error.message : 'unreachable');
		}
	);
}

function onKnock(house: House, knocker: Knocker): void {
	const { entries, waiting } = house;
	const peer = knocker.from;
	if (peer === entries.options.me) {
		knocker.stream.close();
		return;
	}
	waiting.get(peer)?.knocker.stream.close();
	const wait: Waiting = { knocker, state: 'held' };
	waiting.set(peer, wait);
	knocker.onGone = () => {
		if (waiting.get(peer) === wait) waiting.delete(peer);
	};
	const entry = entries.byPeer.get(peer);
	if (entry === undefined || mustYield(entries, entry)) ask(house, wait);
	else if (entry.openedMs !== null) holdUntilSettled(house, wait, entry);
}

/** Whether a knock of the same peer goes before this entry. */
function mustYield({ options }: Entries, entry: Entry): boolean {
	if (entry.openedMs !== null) return options.clock.nowMs() - entry.openedMs >= LINK_SETTLE_MS;
	return entry.how === 'admitted' || options.me > entry.peer;
}

/**
 * A knock this soon after the link opened crossed it on the way, and its sender takes it back. One that stays is
 * the sign of a restart on the other side.
 */
function holdUntilSettled(house: House, wait: Waiting, entry: Entry): void {
	const { clock } = house.entries.options;
	const cancel = clock.wake((entry.openedMs ?? 0) + LINK_SETTLE_MS, () => {
		if (house.waiting.get(wait.knocker.from) === wait) ask(house, wait);
	});
	entry.givenUp.signal.addEventListener('abort', cancel);
}

function ask({ entries }: House, wait: Waiting): void {
	const { from, ticket, knock } = wait.knocker;
	const entry = entries.byPeer.get(from);
	// Two that knock at each other are settled by the answer; any other entry is of a life that is over.
	if (entry && (entry.openedMs !== null || entry.how === 'admitted')) remove(entries, entry);
	wait.state = 'asked';
	wait.knocker.wait();
	entries.options.onEvent({ type: 'knock', ticket, from, knock });
}

/** Nothing of ours goes before this peer's knock any more: it has its turn. */
function release(house: House, peer: PeerId): void {
	const wait = house.waiting.get(peer);
	if (wait === undefined || house.entries.byPeer.has(peer)) return;
	if (wait.state === 'admitted') admit(house, wait);
	else if (wait.state === 'held') ask(house, wait);
}

function onAnswer(house: House, wait: Waiting, answer: KnockAnswer): void {
	const { knocker } = wait;
	const own = house.entries.byPeer.get(knocker.from);
	if (!answer.admit) {
		house.waiting.delete(knocker.from);
		knocker.stream.send(encodeLinkMessage({ type: 'refuse', refusal: answer.refusal }));
		knocker.stream.close();
	} else if (own !== undefined && own.openedMs !== null) knocker.stream.close();
	else if (own !== undefined && !mustYield(house.entries, own)) wait.state = 'admitted';
	else admit(house, wait);
}

function admit({ entries, waiting }: House, { knocker }: Waiting): void {
	waiting.delete(knocker.from);
	const own = entries.byPeer.get(knocker.from);
	if (own) remove(entries, own);
	const entry = makeEntry(entries, knocker.from, 'admitted');
	if (entry === null) {
		knocker.stream.close();
		return;
	}
	useStream(entry, knocker.stream);
	knocker.listen((message) => {
		hear(entries, entry, message);
	});
}
