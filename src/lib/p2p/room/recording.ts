/** Whether the room is recorded, and what each speaker has answered to that. */
import { isKind } from '../wire/event.ts';
import type { PeerId } from '../wire/ids.ts';
import type { Consent, RecordingState } from '../wire/recording.ts';
import type { Authorised } from './authority.ts';
import { bySequence } from './order.ts';

export interface Recording {
	readonly state: RecordingState;
	/** The host has said that it keeps what it recorded beyond the thirty days. */
	readonly kept: boolean;
	/** Lamport time of the word that decided this; 0 where there was none. */
	readonly decidedAt: number;
}

export interface Answer {
	readonly peer: PeerId;
	readonly consent: Consent;
	/** Lamport time of the answer. */
	readonly lamport: number;
}

/** The host's last word. */
export function recordingOf({ acts }: Authorised): Recording {
	let last: Recording = { state: 'off', kept: false, decidedAt: 0 };
	for (const { body, lamport } of acts) {
		if (body.kind !== 'recording') continue;
		last = { state: body.state, kept: body.kept, decidedAt: lamport };
	}
	return last;
}

/** The last word of everybody who has answered, in the order of their ids; the host, who records, need not. */
export function answersOf({ events }: Authorised): Answer[] {
	const last = new Map<PeerId, Answer>();
	const words = events.filter((event) => isKind(event, 'consent')).sort(bySequence);
	for (const { author: peer, lamport, body } of words) {
		last.set(peer, { peer, consent: body.answer, lamport });
	}
	return [...last.values()].sort((a, b) => (a.peer < b.peer ? -1 : 1));
}
