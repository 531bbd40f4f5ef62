/**
 * Invitations from person to person: written, signed, sealed, kept until they are delivered; and those that come,
 * opened, checked, and told. Who is followed may invite; letters of others are kept aside without a word.
 */
import type { Clock, Directory, Keys, LetterAnswer, Letters } from '#lib/io/ports.ts';
import { LETTER_ID_BYTES, type Letter } from '#lib/p2p/letter/letter.ts';
import { reachKeyOf, reachSecretOf } from '#lib/p2p/wire/card.ts';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import { toHex, type LetterId, type PeerId } from '#lib/p2p/wire/ids.ts';
import {
	ANNOUNCED_AHEAD_MAX_MS,
	ANNOUNCED_LATE_MS,
	CLOCK_SKEW_MAX_MS,
	DELIVER_MAX_MS,
	DELIVER_MIN_MS,
	DELIVER_MS,
	INBOX_MAX,
	LETTERS_SEEN_MAX,
	OUTBOX_MAX,
	STRANGERS_MAX
} from '#lib/p2p/wire/limits.ts';
import { parseRoomKey } from '#lib/p2p/wire/room-key.ts';
import { createListeners, type Listeners } from '../listeners.ts';
import { keyIn } from '../room-link.ts';
import type { LetterBox, Received, Sent } from './letter-box.ts';
import type { People } from './people.ts';
import { openLetter, sealLetter } from './sealed-letter.ts';

/** What of the network this needs. */
export interface LetterNetwork {
	readonly letters: Letters;
	readonly directory: Directory;
	readonly seeds: {
		reached(): number;
		onChange(listener: (reached: number) => void): () => void;
	};
}

export type Invitation = Pick<Letter, 'place' | 'access' | 'title' | 'note' | 'untilMs'>;

export interface LetterDesk {
	/** Of those I follow, the newest first; what is over is left out. */
	readonly received: readonly Received[];
	/** Of all others. */
	readonly strangers: readonly Received[];
	/** The newest first. */
	readonly sent: readonly Sent[];
	/** Writes to somebody. False where nothing can be sealed to them; rejects where the browser keeps nothing. */
	invite(to: PeerId, invitation: Invitation): Promise<boolean>;
	/** Takes a letter away, one that came or one of mine. */
	forget(id: LetterId): Promise<void>;
	onChange(listener: () => void): () => void;
	/** Called for each new letter of somebody I follow. */
	onArrival(listener: (letter: Received) => void): () => void;
	/** From now on letters come and go. */
	connect(network: LetterNetwork): void;
}

export interface LetterDeskParts {
	readonly me: { readonly peer: PeerId; readonly keySeed: Uint8Array };
	/** What I call myself now. */
	readonly myName: () => string;
	readonly keys: Keys;
	readonly people: People;
	/** Whom I do not want to see: their letters are taken, and thrown away. */
	readonly isHidden: (peer: PeerId) => boolean;
	readonly box: LetterBox;
	readonly clock: Clock;
}

interface Desk {
	readonly parts: LetterDeskParts;
	readonly changes: Listeners<undefined>;
	readonly arrivals: Listeners<Received>;
	network: LetterNetwork | null;
	delivering: boolean;
	/** Something came to be delivered meanwhile. */
	again: boolean;
	pauseMs: number;
	cancelAlarm: () => void;
}

export function createLetterDesk(parts: LetterDeskParts): LetterDesk {
	const desk: Desk = {
		parts,
		changes: createListeners(),
		arrivals: createListeners(),
		network: null,
		delivering: false,
		again: false,
		pauseMs: DELIVER_MIN_MS,
		cancelAlarm: () => undefined
	};
	parts.people.onChange(() => desk.changes.tell(undefined));
	const { box, people } = parts;
	const current = (): Received[] =>
		box.received.filter(({ untilMs }) => untilMs > parts.clock.nowMs()).reverse();
	return {
		get received() {
			return current().filter(({ from }) => people.find(from) !== undefined);
		},
		get strangers() {
			return current().filter(({ from }) => people.find(from) === undefined);
		},
		get sent() {
			return [...box.sent].reverse();
		},
		invite: (to, invitation) => invite(desk, to, invitation),
		async forget(id) {
			box.received = box.received.filter((one) => one.id !== id);
			box.sent = box.sent.filter((one) => one.id !== id);
			await kept(desk);
		},
		onChange: (listener) => desk.changes.add(listener),
		onArrival: (listener) => desk.arrivals.add(listener),
		connect(network) {
			desk.network = network;
			network.letters.onLetter((from, sealed) => receive(desk, from, sealed));
			const { peer, keySeed } = parts.me;
			network.directory.announce(reachKeyOf({ peer, secret: reachSecretOf(keySeed) }));
			network.seeds.onChange((reached) => {
				if (reached > 0) soon(desk);
			});
			soon(desk);
		}
	};
}

async function kept(desk: Desk): Promise<void> {
	await desk.parts.box.save();
	desk.changes.tell(undefined);
}

async function invite(desk: Desk, to: PeerId, invitation: Invitation): Promise<boolean> {
	const { me, myName, keys, clock, box } = desk.parts;
	const id = toHex(crypto.getRandomValues(new Uint8Array(LETTER_ID_BYTES))) as LetterId;
	const sentAtMs = Math.floor(clock.nowMs());
	const letter = { ...invitation, from: me.peer, to, id, sentAtMs, fromName: myName() };
	const sealed = await sealLetter(letter, keys);
	if (sealed === null) return false;
	const { title, place, untilMs } = invitation;
	const roomKey = keyIn(invitation.access);
	const sent: Sent = { id, to, roomKey, title, place, untilMs, sentAtMs, delivered: false, sealed };
	box.sent = [...box.sent, sent].slice(-OUTBOX_MAX);
	await kept(desk);
	soon(desk);
	return true;
}

/** Tries at once, and with pauses that grow while something waits. */
function soon(desk: Desk): void {
	desk.pauseMs = DELIVER_MIN_MS;
	void deliverAll(desk);
}

async function deliverAll(desk: Desk): Promise<void> {
	const { clock, box } = desk.parts;
	desk.again = desk.delivering;
	if (desk.delivering || desk.network === null) return;
	desk.delivering = true;
	desk.cancelAlarm();
	const nowMs = clock.nowMs();
	box.sent = box.sent.filter(({ untilMs }) => untilMs > nowMs);
	// One after the other: each is a search and a relayed connection.
	for (const letter of box.sent.filter(({ delivered }) => !delivered))
		if (desk.network.seeds.reached() > 0) await deliver(desk, desk.network, letter);
	desk.delivering = false;
	if (desk.again) return deliverAll(desk);
	if (!box.sent.some(({ delivered }) => !delivered)) return;
	desk.cancelAlarm = clock.wake(clock.nowMs() + desk.pauseMs, () => void deliverAll(desk));
	desk.pauseMs = Math.min(2 * desk.pauseMs, DELIVER_MAX_MS);
}

async function deliver(desk: Desk, network: LetterNetwork, letter: Sent): Promise<void> {
	const signal = AbortSignal.timeout(DELIVER_MS);
	const answer = await handOver(desk, network, { letter, signal }).catch(() => 'busy' as const);
	if (answer === 'busy') return;
	const { box } = desk.parts;
	// Who cannot read it never will.
	box.sent = box.sent.map((one) =>
		one.id === letter.id ? { ...one, delivered: true, sealed: new Uint8Array(0) } : one
	);
	await kept(desk).catch(() => undefined);
}

/** Through a seed that we share, where the id is enough; else where their card says. */
async function handOver(
	desk: Desk,
	{ letters, directory }: LetterNetwork,
	{ letter, signal }: { readonly letter: Sent; readonly signal: AbortSignal }
): Promise<LetterAnswer> {
	const secret = desk.parts.people.find(letter.to)?.secret ?? null;
	const near: Contact = { peer: letter.to, addrs: [] };
	try {
		return await letters.send(near, letter.sealed, signal);
	} catch (error) {
		if (secret === null) throw error;
	}
	for await (const contact of directory.find(reachKeyOf({ peer: letter.to, secret }), signal)) {
		if (contact.peer === letter.to) return letters.send(contact, letter.sealed, signal);
	}
	return 'busy';
}

async function receive(desk: Desk, from: PeerId, sealed: Uint8Array): Promise<LetterAnswer> {
	const { keys, people, box, isHidden } = desk.parts;
	if (isHidden(from)) return 'taken';
	const letter = await openLetter(sealed, from, keys);
	if (letter === null) return 'unreadable';
	if (!isGood(letter, desk.parts.clock.nowMs()) || box.seen.includes(letter.id)) return 'taken';
	box.seen = [...box.seen, letter.id].slice(-LETTERS_SEEN_MAX);
	const received = receivedOf(letter);
	box.received = bounded(people, [...box.received, received]);
	await kept(desk);
	if (people.find(from) !== undefined) desk.arrivals.tell(received);
	return 'taken';
}

/** Of now, and of a room. */
function isGood({ sentAtMs, untilMs, access }: Letter, nowMs: number): boolean {
	const longest = ANNOUNCED_AHEAD_MAX_MS + ANNOUNCED_LATE_MS + CLOCK_SKEW_MAX_MS;
	const inTime = sentAtMs <= nowMs + CLOCK_SKEW_MAX_MS && untilMs > nowMs;
	return inTime && untilMs <= nowMs + longest && parseRoomKey(keyIn(access)).ok;
}

function receivedOf(letter: Letter): Received {
	const { id, from, fromName, place, access, title, note, sentAtMs, untilMs } = letter;
	return { id, from, fromName, place, access, title, note, sentAtMs, untilMs };
}

/** The last of each kind; of a stranger, and of anybody for one room, only the newest. */
function bounded(people: People, letters: readonly Received[]): Received[] {
	const newest = new Map<string, Received>();
	for (const letter of letters) {
		const isKnown = people.find(letter.from) !== undefined;
		const key = isKnown ? `${letter.from} ${keyIn(letter.access)}` : letter.from;
		newest.delete(key);
		newest.set(key, letter);
	}
	const all = [...newest.values()];
	const isKnown = ({ from }: Received): boolean => people.find(from) !== undefined;
	const stay = new Set([
		...all.filter(isKnown).slice(-INBOX_MAX),
		...all.filter((one) => !isKnown(one)).slice(-STRANGERS_MAX)
	]);
	return all.filter((one) => stay.has(one));
}
