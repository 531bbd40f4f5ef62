/** A binary heap of things to do, by time, and by order of coming where times are equal. */
export interface Due {
	readonly atMs: number;
	readonly order: number;
	readonly act: () => void;
}

export interface Heap {
	push(atMs: number, act: () => void): void;
	/** The next thing due at or before `endMs`, or null. */
	popUntil(endMs: number): Due | null;
}

export function createHeap(): Heap {
	const items: Due[] = [];
	let order = 0;
	const before = (a: Due, b: Due): boolean =>
		a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
	const swap = (i: number, j: number): void => {
		const held = items[i] as Due;
		items[i] = items[j] as Due;
		items[j] = held;
	};
	const rise = (from: number): void => {
		for (let i = from; i > 0;) {
			const above = (i - 1) >> 1;
			if (!before(items[i] as Due, items[above] as Due)) return;
			swap(i, above);
			i = above;
		}
	};
	const sink = (): void => {
		for (let i = 0; ;) {
			let least = i;
			for (const child of [2 * i + 1, 2 * i + 2]) {
				if (child < items.length && before(items[child] as Due, items[least] as Due)) least = child;
			}
			if (least === i) return;
			swap(i, least);
			i = least;
		}
	};
	return {
		push(atMs, act) {
			items.push({ atMs, order: order++, act });
			rise(items.length - 1);
		},
		popUntil(endMs) {
			const first = items[0];
			if (first === undefined || first.atMs > endMs) return null;
			const last = items.pop() as Due;
			if (items.length > 0) {
				items[0] = last;
				sink();
			}
			return first;
		}
	};
}
