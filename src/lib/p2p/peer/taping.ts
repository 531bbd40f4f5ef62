/**
 * What the host's app may record. Kept at all times: nothing is given out of anybody who has not agreed to it, and
 * nothing while recording is not on.
 */
import type { RecordedPerson } from '../archive/meta.ts';
import type { Answer } from '../room/recording.ts';
import { isKind, type EventKind, type RoomEvent } from '../wire/event.ts';
import { streamOf, type PeerId, type StreamId } from '../wire/ids.ts';
import type { Frame } from '../wire/packet.ts';
import type { Consent, RecordingState } from '../wire/recording.ts';
import type { PeerOutput } from './io.ts';
import { noteTaped } from './tape-gaps.ts';
import { isHost, type PeerState } from './state.ts';

/** Kinds that say whose room it is, what it is about, and who sat in it when. */
const OF_USE: ReadonlySet<EventKind> = new Set<EventKind>([
	'open',
	'sit',
	'stand',
	'mic',
	'consent',
	'pin',
	'unpin',
	'settings',
	'lock',
	'captions',
	'recording',
	'end'
]);

/** Null of who has not answered. The host, who records, agrees by that. */
export function consentOf({ room }: PeerState, who: PeerId): Consent | null {
	if (who === room.opened?.host) return 'sound';
	return room.answers.find(({ peer }) => peer === who)?.consent ?? null;
}

/** Lamport time of the last answer; 0 of the host, who has given none. */
export const answeredAt = ({ room }: PeerState, who: PeerId): number =>
	room.answers.find(({ peer }) => peer === who)?.lamport ?? 0;

/** A frame that is proven, or our own, and when it came: for the recording, or nothing. */
export function taped(peer: PeerState, frame: Frame, atMs: number): PeerOutput[] {
	if (peer.room.recording.state !== 'on' || !isHost(peer)) return [];
	const seat = peer.room.seats.find(({ stream }) => stream === frame.stream);
	if (seat === undefined || consentOf(peer, seat.peer) !== 'sound') return [];
	noteTaped(peer.filling, frame, answeredAt(peer, seat.peer));
	return [{ type: 'record', frame, atMs }];
}

/** Who agreed to be in a recording, and to what. */
function agreeing(peer: PeerState): ReadonlyMap<PeerId, 'sound' | 'captions'> {
	const { opened, answers } = peer.room;
	const agreed = new Map<PeerId, 'sound' | 'captions'>();
	if (opened !== null) agreed.set(opened.host, 'sound');
	for (const { peer: who, consent } of answers) {
		if (consent !== 'none' && who !== opened?.host) agreed.set(who, consent);
	}
	return agreed;
}

/** What a recording is to hold of the room. Texts are as they were signed, sealed in a locked room. */
export interface Taping {
	readonly state: RecordingState;
	readonly kept: boolean;
	readonly title: string;
	/** Lamport time of the host's word on recording, as far as we know; 0 where there was none. */
	readonly decidedAt: number;
	readonly people: readonly RecordedPerson[];
	/** What everybody has answered, as far as we know: after a return it is learned anew, bit by bit. */
	readonly answers: readonly Answer[];
	/** Streams of those who agreed to be heard. */
	readonly streams: ReadonlySet<StreamId>;
	readonly events: readonly RoomEvent[];
	/** Keys of the sound of a locked room that are here, by epoch: to be kept apart from what they open. */
	readonly keys: readonly { readonly epoch: number; readonly key: Uint8Array }[];
	readonly locked: boolean;
	readonly ended: boolean;
}

/** Null where we are not the host. */
export function tapingOf(peer: PeerState): Taping | null {
	const { opened, recording, settings, lock, ended, answers } = peer.room;
	if (opened === null || !isHost(peer)) return null;
	const agreed = agreeing(peer);
	const events = eventsToTape(peer, agreed);
	return {
		...recording,
		title: settings.title,
		people: [...agreed].map(([who, consent]) => ({
			peer: who,
			name: nameIn(events, who),
			agreed: consent
		})),
		answers,
		streams: new Set(
			events.flatMap((event) =>
				isKind(event, 'sit') && agreed.get(event.author) === 'sound' ? [streamOf(event.id)] : []
			)
		),
		events,
		keys: (lock?.epochs ?? []).flatMap(({ number: epoch }) => {
			const key = peer.ring.vault.keyOf(epoch);
			return key === null ? [] : [{ epoch, key }];
		}),
		locked: lock !== null,
		ended: ended !== null
	};
}

/** As it called itself last on taking a seat; the host in the opening. */
function nameIn(events: readonly RoomEvent[], who: PeerId): string {
	let name = '';
	for (const event of events) {
		if (event.author !== who) continue;
		if (isKind(event, 'open')) name = event.body.hostName;
		if (isKind(event, 'sit')) name = event.body.name;
	}
	return name;
}

/**
 * The events that a recording needs: whose room it is and what was said of it, and the seats of those who agreed. Nothing
 * by or about anybody else. In an order that a new log takes.
 */
function eventsToTape(peer: PeerState, agreed: ReadonlyMap<PeerId, unknown>): readonly RoomEvent[] {
	return peer.log.all().filter((event) => agreed.has(event.author) && isOfUse(event, agreed));
}

function isOfUse(event: RoomEvent, agreed: ReadonlyMap<PeerId, unknown>): boolean {
	if (isKind(event, 'invite') || isKind(event, 'name-cohost')) return agreed.has(event.body.to);
	return OF_USE.has(event.body.kind);
}
