/** What a person in the room can see, as plain data. The screen draws this and nothing else. */
import type { EventId, PeerId, RoomId } from '../wire/ids.ts';
import type { Refusal } from '../wire/refusal.ts';

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
	| 'left';

export interface SeatView {
	readonly peer: PeerId;
	readonly name: string;
	readonly role: 'host' | 'speaker';
	readonly me: boolean;
	readonly muted: boolean;
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
}

export interface RoomView {
	readonly room: RoomId;
	readonly roomKey: string;
	readonly phase: RoomPhase;
	/** Empty until the room's opening event is here. */
	readonly title: string;
	readonly host: PeerId | null;
	readonly me: {
		readonly peer: PeerId;
		readonly name: string;
		readonly role: Role;
		/** True on stage and muted, and for every listener. */
		readonly muted: boolean;
		readonly handUp: boolean;
		/** An invitation to speak that waits for Accept or Decline. */
		readonly invitation: { readonly id: EventId; readonly fromName: string } | null;
	};
	/** Host first, then by time of taking the seat. */
	readonly stage: readonly SeatView[];
	/** Those we know by name, hands first in the order raised; a sample in a big room. */
	readonly listeners: readonly ListenerView[];
	/** All listeners in the room, also those not in the sample, without speakers. */
	readonly listenerCount: number;
	/** Why the last wish was not granted, until the next one; null where it was. */
	readonly refusal: Refusal | null;
}
