/** What a person in the room can see, as plain data. The screen draws this and nothing else. */
import type { AnyActKind } from '../room/acts.ts';
import type { Recording } from '../room/recording.ts';
import type { Power, Settings, Speakers } from '../wire/act.ts';
import type { EventId, PeerId, RoomId } from '../wire/ids.ts';
import type { Consent } from '../wire/recording.ts';
import type { Refusal } from '../wire/refusal.ts';
import type { QueueOrder } from './io.ts';

export type { Refusal };

export type Role = 'host' | 'speaker' | 'listener';

export type RoomPhase =
	/** Asking the directory for members. */
	| 'finding'
	/** Members are known; not yet attached to any. */
	| 'attaching'
	/** On stage or attached: sound can reach us. */
	| 'joined'
	/** Was joined, lost every way to the room, looking for another. */
	| 'reconnecting'
	/** Nobody answers for this key (the search goes on). */
	| 'nobody-there'
	/** We are out of this room: removed, or nobody lets us in because they have heard so. */
	| 'removed'
	/** In the room, and not let in yet: we wait at its door, and hear nothing. */
	| 'at-door'
	/** Everybody asked says that the room is locked: our link lacks its secret. */
	| 'locked'
	/** The room is over; `ending` has the last message. */
	| 'ended'
	| 'left';

export interface SeatView {
	readonly peer: PeerId;
	readonly name: string;
	readonly role: 'host' | 'speaker';
	readonly cohost: boolean;
	readonly me: boolean;
	readonly muted: boolean;
	/** What may be recorded of this person; null before it has answered. The host, who records, agrees. */
	readonly consent: Consent | null;
	/** False while our link to this speaker is being rebuilt (speakers only; listeners see true). */
	readonly reachable: boolean;
}

export interface ListenerView {
	readonly peer: PeerId;
	readonly name: string;
	readonly me: boolean;
	/** Asked to speak and not yet answered. */
	readonly handUp: boolean;
	/** Invited and not yet answered. */
	readonly invited: boolean;
	readonly cohost: boolean;
	/** How long this person has spoken since we came, as heard here. */
	readonly spokenMs: number;
}

export interface PersonView {
	readonly peer: PeerId;
	/** Empty where nobody has told it here. */
	readonly name: string;
	readonly me: boolean;
}

export interface CohostView extends PersonView {
	readonly powers: readonly Power[];
	/** When the host takes them back by itself, epoch ms by the host's clock; null where no time is set. */
	readonly untilMs: number | null;
}

/** Somebody who is out of the room. */
export interface RemovedView extends PersonView {
	/** Also from the host's later rooms. */
	readonly blocked: boolean;
	readonly by: PersonView;
	/** We may let this person in again. */
	readonly canReadmit: boolean;
}

export interface PinView {
	readonly id: EventId;
	readonly text: string;
	/** A web address, or empty. */
	readonly link: string;
	readonly by: PersonView;
}

/** Something that the host or a co-host did. */
export interface DeedView {
	readonly id: EventId;
	readonly by: PersonView;
	readonly what: Exclude<AnyActKind, 'queue'>;
	/** To whom, where it was to one person. */
	readonly whom: PersonView | null;
	/** Of a floor: held, or free again; of captions and chat: wanted; of a removal: a block. */
	readonly on: boolean;
}

/** A room for those alone who have its whole link. */
export interface LockView {
	readonly doorClosed: boolean;
	/** Waiting to be let in, first come first; only for those who may let in. */
	readonly door: readonly PersonView[];
	/** We were turned away at the door. */
	readonly turnedAway: boolean;
}

export interface RoomView {
	readonly room: RoomId;
	readonly roomKey: string;
	readonly phase: RoomPhase;
	/** Empty until the room's opening event is here. */
	readonly title: string;
	readonly host: PeerId | null;
	/** The host's app is gone or cut off, for some seconds already: its powers wait for its return. */
	readonly hostAway: boolean;
	/** When it was opened, by the host's clock, and the nonce (hex) that makes it the host's room; null before that is known. */
	readonly opened: { readonly createdAtMs: number; readonly nonce: string } | null;
	readonly me: {
		readonly peer: PeerId;
		readonly name: string;
		readonly role: Role;
		/** True on stage and muted, and for every listener. */
		readonly muted: boolean;
		/** What may be recorded of us; null before we have answered. */
		readonly consent: Consent | null;
		readonly handUp: boolean;
		/** What we may do as host (everything) or co-host. */
		readonly powers: readonly Power[];
		/** Named a co-host, whether or not anything of that is left. */
		readonly cohost: boolean;
		/** The floor is held and our microphone closed: it stays so. */
		readonly heldDown: boolean;
		/** An invitation to speak that waits for Accept or Decline. */
		readonly invitation: { readonly id: EventId; readonly fromName: string } | null;
	};
	/** Host first, then by time of taking the seat. */
	readonly stage: readonly SeatView[];
	/** Those we know by name, hands first in the order we chose; a sample in a big room. */
	readonly listeners: readonly ListenerView[];
	/** All listeners in the room, also those not in the sample, without speakers. */
	readonly listenerCount: number;
	readonly queueOrder: QueueOrder;
	/** Who gets on stage. */
	readonly speakers: Speakers;
	readonly floorHeld: boolean;
	readonly settings: Settings;
	/** The host wants what is said put into words. */
	readonly captions: boolean;
	/** People may write beside the sound. */
	readonly chat: boolean;
	/** Whether the host records, and whether it has said to keep that. */
	readonly recording: Pick<Recording, 'state' | 'kept'>;
	/** Null in a room that everybody may enter who has its key. */
	readonly lock: LockView | null;
	/** What stands behind the `#` of the room's link; empty in an open room. */
	readonly access: string;
	/** The oldest first. */
	readonly pins: readonly PinView[];
	readonly cohosts: readonly CohostView[];
	readonly removed: readonly RemovedView[];
	/** What the host and co-hosts did lately, the oldest first. */
	readonly deeds: readonly DeedView[];
	/** The last message of a room that is over, empty where none was left; null while it is open. */
	readonly ending: string | null;
	/** Why the last wish was not granted, until the next one; null where it was. */
	readonly refusal: Refusal | null;
}
