/** The least value seen in a window that moves, by slots of time: exact to one slot, and as small as their number. */
export interface SlidingMinimum {
	/** Gives the least of the window that ends with `now`. Times do not go back. */
	add(value: number, now: number): number;
	reset(): void;
}

export function createSlidingMinimum(slotLength: number, slotsKept: number): SlidingMinimum {
	const slots: { index: number; least: number }[] = [];
	return {
		add(value, now) {
			const index = Math.floor(now / slotLength);
			while ((slots[0]?.index ?? index) <= index - slotsKept) slots.shift();
			const last = slots.at(-1);
			if (last?.index === index) last.least = Math.min(last.least, value);
			else slots.push({ index, least: value });
			return slots.reduce((least, slot) => Math.min(least, slot.least), value);
		},
		reset: () => {
			slots.length = 0;
		}
	};
}
