/** Why a wish is not granted: said to the person who had it. */
export type Refusal =
	/** Ten others are on stage; the eleventh seat is the host's. */
	| 'stage-full'
	/** No open invitation. */
	| 'not-invited'
	| 'not-host'
	| 'already-on-stage'
	| 'not-on-stage'
	/** Not in the room yet. */
	| 'not-joined'
	/** The room remembers all it can. */
	| 'log-full';
