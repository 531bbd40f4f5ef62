/**
 * What will happen, by time, and by order of coming, or another one, where times are equal. A heap over plain number
 * arrays, whose entries are a function made once and the two things it is given: millions of datagrams cost no
 * closure each.
 */

/** Children of one node: four share a cache line, and the heap is half as deep as a binary one. */
const ARITY = 4;
const ROOM_START = 1024;

export interface Queue {
	push<T, U>(atMs: number, act: (one: T, other: U) => void, one: T, other: U): void;
	/** When the next thing is due; Infinity where nothing is. */
	readonly nextMs: number;
	/** Takes what is due next and does it. */
	run(): void;
	readonly size: number;
}

type Act = (one: unknown, other: unknown) => void;

/** `orderOf` is asked once for each push: a whole number; what has one time and one number comes in any order. */
export function createQueue(orderOf: () => number = counter()): Queue {
	let times = new Float64Array(ROOM_START);
	let orders = new Float64Array(ROOM_START);
	let slots = new Uint32Array(ROOM_START);
	const acts: (Act | null)[] = [];
	/** Two for each slot. */
	const items: unknown[] = [];
	const free: number[] = [];
	let size = 0;

	const grow = (): void => {
		const room = 2 * times.length;
		const [oldTimes, oldOrders, oldSlots] = [times, orders, slots];
		times = new Float64Array(room);
		orders = new Float64Array(room);
		slots = new Uint32Array(room);
		times.set(oldTimes);
		orders.set(oldOrders);
		slots.set(oldSlots);
	};
	const put = (at: number, time: number, place: number, slot: number): void => {
		times[at] = time;
		orders[at] = place;
		slots[at] = slot;
	};
	const rise = (time: number, place: number, slot: number): void => {
		let at = size++;
		while (at > 0) {
			const above = ((at - 1) / ARITY) | 0;
			const aboveMs = times[above]!;
			if (aboveMs < time || (aboveMs === time && orders[above]! < place)) break;
			put(at, aboveMs, orders[above]!, slots[above]!);
			at = above;
		}
		put(at, time, place, slot);
	};
	const leastChild = (at: number): number => {
		const first = ARITY * at + 1;
		const end = Math.min(first + ARITY, size);
		let least = first;
		for (let i = first + 1; i < end; i++) {
			const earlier = times[i]! < times[least]!;
			if (earlier || (times[i] === times[least] && orders[i]! < orders[least]!)) least = i;
		}
		return least;
	};
	const sink = (time: number, place: number, slot: number): void => {
		let at = 0;
		while (ARITY * at + 1 < size) {
			const least = leastChild(at);
			const leastMs = times[least]!;
			if (leastMs > time || (leastMs === time && orders[least]! > place)) break;
			put(at, leastMs, orders[least]!, slots[least]!);
			at = least;
		}
		put(at, time, place, slot);
	};
	return {
		push(atMs, act, one, other) {
			if (size === times.length) grow();
			const slot = free.pop() ?? acts.length;
			acts[slot] = act as Act;
			items[2 * slot] = one;
			items[2 * slot + 1] = other;
			rise(atMs, orderOf(), slot);
		},
		get nextMs() {
			return size === 0 ? Infinity : times[0]!;
		},
		run() {
			if (size === 0) return;
			const slot = slots[0]!;
			size--;
			if (size > 0) sink(times[size]!, orders[size]!, slots[size]!);
			const act = acts[slot]!;
			const [one, other] = [items[2 * slot], items[2 * slot + 1]];
			acts[slot] = null;
			items[2 * slot] = items[2 * slot + 1] = null;
			free.push(slot);
			act(one, other);
		},
		get size() {
			return size;
		}
	};
}

function counter(): () => number {
	let count = 0;
	return () => count++;
}
