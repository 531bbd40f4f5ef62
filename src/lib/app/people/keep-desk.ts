/**
 * Tells those who spoke that a recording is kept for longer than was said, when the room is over and they are not there:
 * from device to device, as soon as both are online, until they have it. And takes what others tell us. Kept at all times:
 * 1. who was told that something is kept is told when it is not, and nobody else is;
 * 2. nothing is believed but of a host in whose room we ourselves signed an answer.
 */
import type { Clock, Keys } from '#lib/io/ports.ts';
import type { KeepNotice } from '#lib/p2p/letter/keep-notice.ts';
import { openEnvelope, signingBytes } from '#lib/p2p/wire/envelope.ts';
import { isKind } from '#lib/p2p/wire/event.ts';
import {
	publicKeyOf,
	roomIdOf,
	type LetterId,
	type PeerId,
	type RecordingId,
	type RoomId
} from '#lib/p2p/wire/ids.ts';
import { CLOCK_SKEW_MAX_MS, KEEPS_HEARD_MAX, KEEPS_TOLD_MAX } from '#lib/p2p/wire/limits.ts';
import type { Waiting } from './delivery.ts';
import type { Heard, KeepBox, Told } from './keep-box.ts';
import type { LetterNetwork } from './letter-desk.ts';
import { newLetterId } from './letter-id.ts';
import { createMail, kept, type Mail } from './mail.ts';
import type { People } from './people.ts';
import { sealNotice } from './sealed-letter.ts';

/** Who spoke, and their own signed answer to being recorded. */
export interface Spoke {
	readonly peer: PeerId;
	readonly name: string;
	readonly consent: Uint8Array;
}

/** How long a recording of ours is kept was chosen anew. */
export interface KeepNews {
	readonly recording: RecordingId;
	readonly nonce: Uint8Array;
	readonly title: string;
	readonly startedAtMs: number;
	/** Null: it is kept. */
	readonly deletedAtMs: number | null;
	readonly spoke: readonly Spoke[];
}

export interface KeepDesk {
	/** Rejects where the browser keeps nothing. */
	tell(news: KeepNews): Promise<void>;
	/** Who was told of it, and who is to be. */
	toldOf(recording: RecordingId): readonly Told[];
	/** What we were told, the newest first. */
	readonly heard: readonly Heard[];
	/** It was read. */
	forget(id: LetterId): Promise<void>;
	/** Something came under seal, signed by who it is from. */
	take(notice: KeepNotice): Promise<void>;
	onChange(listener: () => void): () => void;
	onArrival(listener: (heard: Heard) => void): () => void;
	connect(network: LetterNetwork): void;
}

export interface KeepDeskParts {
	readonly me: PeerId;
	/** What I call myself now. */
	readonly myName: () => string;
	readonly keys: Keys;
	readonly people: People;
	readonly box: KeepBox;
	readonly clock: Clock;
}

type Desk = Mail<KeepDeskParts, Heard>;

export function createKeepDesk(parts: KeepDeskParts): KeepDesk {
	const { box } = parts;
	const desk: Desk = createMail(parts, {
		waiting: () => box.told.filter(({ state }) => state === 'waiting'),
		onAnswer: (letter, answer) => noteAnswer(desk, letter, answer)
	});
	return {
		tell: (news) => tell(desk, news),
		toldOf: (recording) => box.told.filter((one) => one.recording === recording),
		get heard() {
			return [...box.heard].reverse();
		},
		async forget(id) {
			box.heard = box.heard.filter((one) => one.id !== id);
			await kept(desk);
		},
		take: (notice) => take(desk, notice),
		onChange: (listener) => desk.changes.add(listener),
		onArrival: (listener) => desk.arrivals.add(listener),
		connect: (network) => desk.delivery.connect(network)
	};
}

async function tell(desk: Desk, news: KeepNews): Promise<void> {
	const { box } = desk.parts;
	const sealed = await Promise.all(news.spoke.map((one) => toldTo(desk, news, one)));
	// Some may have been reached while that was sealed: from here to the new list nothing waits.
	const before = box.told.filter(({ recording }) => recording === news.recording);
	const due = (one: Told): boolean =>
		one.kept || before.some((last) => last.to === one.to && mayKnow(desk, last));
	const told = sealed.filter((one) => one !== null).filter(due);
	const others = box.told.filter(({ recording }) => recording !== news.recording);
	box.told = [...others, ...told].slice(-KEEPS_TOLD_MAX);
	await kept(desk);
	desk.delivery.soon();
}

/** Who has not heard that it is kept need not hear that it is not. */
const mayKnow = ({ delivery }: Desk, { id, kept: isKept, state }: Told): boolean =>
	state === 'told' || !isKept || delivery.isUnderWay(id);

/** Null where nothing can be sealed to them. */
async function toldTo(
	desk: Desk,
	news: KeepNews,
	{ peer, name, consent }: Spoke
): Promise<Told | null> {
	const { me, myName, keys, clock } = desk.parts;
	const { nonce, title, startedAtMs, deletedAtMs, recording } = news;
	const id = newLetterId();
	const about = { nonce, title, startedAtMs, deletedAtMs };
	const sentAtMs = Math.floor(clock.nowMs());
	const sealed = await sealNotice(
		{ ...about, from: me, to: peer, id, sentAtMs, fromName: myName(), consent },
		keys
	);
	if (sealed === null) return null;
	return { id, to: peer, name, recording, kept: deletedAtMs === null, state: 'waiting', sealed };
}

async function noteAnswer(
	desk: Desk,
	{ id }: Waiting,
	answer: 'taken' | 'unreadable'
): Promise<void> {
	const { box } = desk.parts;
	const state = answer === 'taken' ? 'told' : 'refused';
	box.told = box.told.map((one) =>
		one.id === id ? { ...one, state, sealed: new Uint8Array(0) } : one
	);
	await kept(desk);
}

async function take(desk: Desk, notice: KeepNotice): Promise<void> {
	const { box, clock } = desk.parts;
	const room = await roomOf(desk, notice);
	if (room === null || notice.sentAtMs > clock.nowMs() + CLOCK_SKEW_MAX_MS) return;
	const { id, from, fromName, title, startedAtMs, deletedAtMs, sentAtMs } = notice;
	const isSame = (one: Heard): boolean =>
		one.from === from && one.room === room && one.startedAtMs === startedAtMs;
	const before = box.heard.find(isSame);
	if (before !== undefined && before.sentAtMs >= sentAtMs) return;
	const heard = { id, from, fromName, room, title, startedAtMs, deletedAtMs, sentAtMs };
	box.heard = [...box.heard.filter((one) => !isSame(one)), heard].slice(-KEEPS_HEARD_MAX);
	try {
		await kept(desk);
	} catch (error) {
		// It is brought again, and is no old news then.
		const others = box.heard.filter((one) => one !== heard);
		box.heard = before === undefined ? others : [...others, before];
		throw error;
	}
	desk.arrivals.tell(heard);
}

/** Where we answered, by our own signature, and which the writer hosted; null where there is no such room. */
async function roomOf(
	{ parts: { me, keys } }: Desk,
	{ from, nonce, consent }: KeepNotice
): Promise<RoomId | null> {
	const host = publicKeyOf(from);
	const opened = openEnvelope(consent);
	if (host === null || !opened.ok) return null;
	const { event, unsigned, signature } = opened;
	const isMine = isKind(event, 'consent') && event.author === me;
	const room = roomIdOf(host, nonce);
	if (!isMine || event.room !== room) return null;
	const isGood = await keys.verify(keys.publicKey, signingBytes(unsigned), signature);
	return isGood ? room : null;
}
