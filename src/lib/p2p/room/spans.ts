/** What is on or off over a room's Lamport time: a floor that is held, a person who is out. */

export interface Switch {
	readonly lamport: number;
	readonly on: boolean;
}

export interface Spans {
	/** On at that time; what turns on or off at the very time leaves it on. */
	at(lamport: number): boolean;
	/** After everything that is known. */
	readonly now: boolean;
}

const NEVER: Spans = { at: () => false, now: false };

/** On stands for what takes a right away, so it wins ties. */
export function spansOf(switches: readonly Switch[]): Spans {
	if (switches.length === 0) return NEVER;
	const ordered = [...switches].sort(
		(a, b) => a.lamport - b.lamport || Number(a.on) - Number(b.on)
	);
	const at = (lamport: number): boolean => {
		let on = false;
		for (const each of ordered) {
			if (each.lamport > lamport) break;
			if (each.lamport === lamport) on ||= each.on;
			else on = each.on;
		}
		return on;
	};
	return { at, now: ordered.at(-1)?.on === true };
}
