/** What just happened in a room, as far as somebody who does not look at the screen should be told. */
import type { NoticeKind } from '../announcements.ts';
import type { Feedback } from '#lib/p2p/voice/feedback.ts';
import type { SoundNews } from '../sound/sound-news.ts';
import type { DeedView, RoomView, SeatView } from '#lib/p2p/peer/view.ts';

export type Notice =
	| { readonly type: 'joined-stage' | 'left-stage' | 'hand' | 'invitation'; readonly name: string }
	/** We ourselves went up or down; the host was cut off, and is back. */
	| { readonly type: 'on-stage' | 'off-stage' | 'host-away' | 'host-back' }
	/** What we play comes back in at our microphone. */
	| { readonly type: Feedback }
	/** We do not want to hear the room for a while, or do again. */
	| { readonly type: 'silenced' | 'unsilenced' }
	/** People came to listen; as many as their names. */
	| { readonly type: 'came'; readonly names: readonly string[] }
	/** The connection, the microphone, or our place in the room was lost. */
	| { readonly type: 'reconnecting' | 'reconnected' | 'microphone-lost' | 'removed' }
	/** Another device hears or plays now; by its name, which may be empty. */
	| SoundNews
	/** Somebody else did something as host or co-host. */
	| { readonly type: 'deed'; readonly deed: DeedView };

/** Several things at once are told in one breath; more than these would be noise. */
export const NOTICES_MAX = 4;

/** Compares two views. The first filling of a room is no news, so only what follows 'joined' counts. */
export function noticesBetween(before: RoomView, after: RoomView): readonly Notice[] {
	const ours = [...phaseNotices(before, after), ...invitationNotices(before, after)];
	if (before.phase !== 'joined') return ours;
	return [
		...ours,
		...hostNotices(before, after),
		...seatNotices(before, after),
		...handNotices(before, after),
		...deedNotices(before, after)
	].slice(0, NOTICES_MAX);
}

/** By what it is switched off. */
export function kindOf(notice: Notice): NoticeKind {
	switch (notice.type) {
		case 'came':
			return 'joins';
		case 'joined-stage':
		case 'left-stage':
			return 'stage';
		case 'hand':
			return 'hands';
		case 'invitation':
		case 'on-stage':
		case 'off-stage':
		case 'silenced':
		case 'unsilenced':
			return 'own';
		case 'host-away':
		case 'host-back':
		case 'reconnecting':
		case 'reconnected':
			return 'connection';
		case 'microphone-lost':
		case 'echo':
		case 'howl':
		case 'microphone-instead':
		case 'speaker-instead':
			return 'microphone';
		case 'removed':
			return 'removed';
		case 'deed':
			return notice.deed.what === 'recording' ? 'recording' : 'moderation';
	}
}

function phaseNotices(before: RoomView, after: RoomView): Notice[] {
	if (before.phase === after.phase) return [];
	if (after.phase === 'removed') return [{ type: 'removed' }];
	if (after.phase === 'reconnecting') return [{ type: 'reconnecting' }];
	const isBack = before.phase === 'reconnecting' && after.phase === 'joined';
	return isBack ? [{ type: 'reconnected' }] : [];
}

function invitationNotices(before: RoomView, after: RoomView): Notice[] {
	const invitation = after.me.invitation;
	if (invitation === null || invitation.id === before.me.invitation?.id) return [];
	return [{ type: 'invitation', name: invitation.fromName }];
}

function hostNotices(before: RoomView, after: RoomView): Notice[] {
	if (before.hostAway === after.hostAway) return [];
	return [{ type: after.hostAway ? 'host-away' : 'host-back' }];
}

function seatNotices(before: RoomView, after: RoomView): Notice[] {
	const came = missingFrom(before.stage, after.stage).map((seat): Notice =>
		seat.me ? { type: 'on-stage' } : { type: 'joined-stage', name: seat.name }
	);
	const went = missingFrom(after.stage, before.stage).map((seat): Notice =>
		seat.me ? { type: 'off-stage' } : { type: 'left-stage', name: seat.name }
	);
	return [...came, ...went];
}

/** Only who can answer a hand is told of it. */
function handNotices(before: RoomView, after: RoomView): Notice[] {
	if (!after.me.powers.includes('stage')) return [];
	const known = new Set(before.listeners.filter((l) => l.handUp).map((l) => l.peer));
	return after.listeners
		.filter((listener) => listener.handUp && !known.has(listener.peer))
		.map((listener) => ({ type: 'hand', name: listener.name }));
}

/** Invitations are told by what comes of them. */
function deedNotices(before: RoomView, after: RoomView): Notice[] {
	const known = new Set(before.deeds.map(({ id }) => id));
	return after.deeds
		.filter(({ id, by, what }) => !known.has(id) && !by.me && what !== 'invite')
		.map((deed) => ({ type: 'deed', deed }));
}

function missingFrom(here: readonly SeatView[], there: readonly SeatView[]): SeatView[] {
	const known = new Set(here.map((seat) => seat.peer));
	return there.filter((seat) => !known.has(seat.peer));
}
