/**
 * Invitations from person to person: written, signed, sealed, kept until they are delivered; and those that come,
 * opened, checked, and told. Who is followed may invite; letters of others are kept aside without a word.
 */
import type { Rendezvous } from '#lib/io/net/rendezvous.ts';
import type { Clock, Directory, Keys, LetterAnswer, Letters } from '#lib/io/ports.ts';
import type { KeepNotice } from '#lib/p2p/letter/keep-notice.ts';
import type { Letter } from '#lib/p2p/letter/letter.ts';
import { reachKeyOf, reachSecretOf } from '#lib/p2p/wire/card.ts';
import type { LetterId, PeerId } from '#lib/p2p/wire/ids.ts';
import {
	ANNOUNCED_AHEAD_MAX_MS,
	ANNOUNCED_LATE_MS,
	CLOCK_SKEW_MAX_MS,
	INBOX_MAX,
	LETTERS_SEEN_MAX,
	OUTBOX_MAX,
	STRANGERS_MAX
} from '#lib/p2p/wire/limits.ts';
import { parseRoomKey } from '#lib/p2p/wire/room-key.ts';
import { keyIn } from '../room-link.ts';
import type { LetterBox, Received, Sent } from './letter-box.ts';
import { newLetterId } from './letter-id.ts';
import { createMail, kept, type Mail } from './mail.ts';
import type { People } from './people.ts';
import { openSealed, sealLetter } from './sealed-letter.ts';

/** What of the network this needs. */
export interface LetterNetwork {
	readonly letters: Letters;
	readonly directory: Directory;
	readonly seeds: Pick<Rendezvous, 'reached' | 'onChange'>;
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
	/** Something else came under the same seal: signed by who brought it, and yet to be believed. */
	readonly onNotice: (notice: KeepNotice) => Promise<void>;
}

type Desk = Mail<LetterDeskParts, Received>;

export function createLetterDesk(parts: LetterDeskParts): LetterDesk {
	const { box, people, clock } = parts;
	const desk: Desk = createMail(parts, {
		waiting() {
			const nowMs = clock.nowMs();
			box.sent = box.sent.filter(({ untilMs }) => untilMs > nowMs);
			return box.sent.filter(({ delivered }) => !delivered);
		},
		// Who cannot read it never will.
		async onAnswer({ id }) {
			box.sent = box.sent.map((one) =>
				one.id === id ? { ...one, delivered: true, sealed: new Uint8Array(0) } : one
			);
			await kept(desk);
		}
	});
	people.onChange(() => desk.changes.tell(undefined));
	const current = (): Received[] =>
		box.received.filter(({ untilMs }) => untilMs > clock.nowMs()).reverse();
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
			network.letters.onLetter((from, sealed) => receive(desk, from, sealed));
			const { peer, keySeed } = parts.me;
			network.directory.announce(reachKeyOf({ peer, secret: reachSecretOf(keySeed) }));
			desk.delivery.connect(network);
		}
	};
}

async function invite(desk: Desk, to: PeerId, invitation: Invitation): Promise<boolean> {
	const { me, myName, keys, clock, box } = desk.parts;
	const id = newLetterId();
	const sentAtMs = Math.floor(clock.nowMs());
	const letter = { ...invitation, from: me.peer, to, id, sentAtMs, fromName: myName() };
	const sealed = await sealLetter(letter, keys);
	if (sealed === null) return false;
	const { title, place, untilMs } = invitation;
	const roomKey = keyIn(invitation.access);
	const sent: Sent = { id, to, roomKey, title, place, untilMs, sentAtMs, delivered: false, sealed };
	box.sent = [...box.sent, sent].slice(-OUTBOX_MAX);
	await kept(desk);
	desk.delivery.soon();
	return true;
}

async function receive(desk: Desk, from: PeerId, sealed: Uint8Array): Promise<LetterAnswer> {
	const { keys, people, box, isHidden } = desk.parts;
	if (isHidden(from)) return 'taken';
	const opened = await openSealed(sealed, from, keys);
	if (opened === null) return 'unreadable';
	if ('notice' in opened) {
		await desk.parts.onNotice(opened.notice);
		return 'taken';
	}
	const { letter } = opened;
	if (!isGood(letter, desk.parts.clock.nowMs()) || box.seen.includes(letter.id)) return 'taken';
	box.seen = [...box.seen, letter.id].slice(-LETTERS_SEEN_MAX);
	const received = receivedOf(letter);
	box.received = bounded(people, [...box.received, received]);
	try {
		await kept(desk);
	} catch (error) {
		// Its writer brings it again, and then it comes for the first time.
		box.seen = box.seen.filter((id) => id !== letter.id);
		box.received = box.received.filter(({ id }) => id !== letter.id);
		throw error;
	}
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
