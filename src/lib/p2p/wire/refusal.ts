/** Why a wish is not granted: said to the person who had it. */
export type Refusal =
	/** Ten others are on stage; the eleventh seat is the host's. */
	| 'stage-full'
	/** No open invitation. */
	| 'not-invited'
	| 'not-host'
	/** Neither host nor a co-host with that power. */
	| 'no-power'
	/** What our certificate covers is used up: the host can name us again. */
	| 'expired'
	/** Nobody but the host acts on the host or a co-host, nor undoes what the host has decided on a person. */
	| 'outranked'
	| 'already-on-stage'
	| 'not-on-stage'
	/** The floor is held: who is muted stays muted. */
	| 'floor-held'
	/** That person was removed, or we were. */
	| 'removed'
	| 'not-removed'
	/** That person is no co-host. */
	| 'no-cohost'
	| 'cohosts-full'
	/** No such hand is up. */
	| 'no-hand'
	| 'no-pin'
	| 'pins-full'
	/** There is no door: everybody with the key may enter. */
	| 'not-locked'
	/** It is locked already. */
	| 'locked'
	/** The key of this room is not here yet. */
	| 'no-key'
	/** Nothing was written, or no web address where one was wanted. */
	| 'empty'
	/** The host lets nobody write in this room. */
	| 'no-chat'
	/** So much was written just now that others would not take more. */
	| 'too-fast'
	/** The room is over. */
	| 'ended'
	/** Not in the room yet. */
	| 'not-joined'
	/** The room remembers all it can. */
	| 'log-full';
