/**
 * What will happen to the people of one thread. Within a window nobody can hear of what another does, so each does all
 * that is due to it before the next has a turn: what somebody knows is fetched from memory once for each window and
 * not for each datagram, and that is what most of the time of a big crowd goes into.
 */
import { createQueue } from '../queue.ts';

type Act = (one: unknown, other: unknown) => void;

const ROOM_START = 1024;
/** Neither a person nor everybody. */
const NOBODY = -2;
/** No further entry. */
const NONE = -1;

export class Agenda {
	readonly #windowMs: number;
	/** Called before each thing that is done, with its time; for one person it never goes back. */
	readonly #setClock: (nowMs: number) => void;
	/** What is due later, by the number of the window. */
	readonly #later = new Map<number, Entries>();
	/** Emptied, to be filled again. */
	readonly #spare: Entries[] = [];
	readonly #due = new Entries();
	/** Of the person whose turn it is. */
	readonly #turn = createQueue(() => this.#stamp);
	/** By number: the first entry of each person in `due`, everybody's at 0. */
	#firsts = new Int32Array(ROOM_START).fill(NONE);
	#who = NOBODY;
	#stamp = 0;
	#turnOf = NOBODY;
	#endMs: number;
	#upwards = false;

	constructor(windowMs: number, startMs: number, setClock: (nowMs: number) => void) {
		this.#windowMs = windowMs;
		this.#endMs = startMs;
		this.#setClock = setClock;
	}

	/** For what is put in next: whom it happens to, by number, and its place among all that has the same time. */
	of(who: number, stamp: number): this {
		this.#who = who;
		this.#stamp = stamp;
		return this;
	}

	push<T, U>(atMs: number, act: (one: T, other: U) => void, one: T, other: U): void {
		if (this.#turnOf !== NOBODY && atMs < this.#endMs) {
			if (this.#who === this.#turnOf) return this.#turn.push(atMs, act, one, other);
			throw new Error(`What ${this.#turnOf} does would reach ${this.#who} within the window.`);
		}
		const entries = this.#windowAt(Math.max(atMs, this.#endMs));
		entries.note(this.#who, atMs, this.#stamp);
		entries.add(act as Act, one, other);
	}

	/** Does what is due before `endMs`, first what concerns everybody; answers with how much that was. */
	run(endMs: number): number {
		const startMs = this.#endMs;
		this.#endMs = endMs;
		this.#collect(startMs, endMs);
		const last = this.#sort();
		let done = this.#take(0, startMs);
		// There and back again: those who were last are the ones whose state is still at hand.
		this.#upwards = !this.#upwards;
		for (let i = 1; i <= last; i++) done += this.#take(this.#upwards ? i : last + 1 - i, startMs);
		this.#turnOf = NOBODY;
		this.#due.clear();
		return done;
	}

	#windowAt(atMs: number): Entries {
		const number = Math.floor(atMs / this.#windowMs);
		let entries = this.#later.get(number);
		if (entries === undefined) {
			this.#later.set(number, (entries = this.#spare.pop() ?? new Entries()));
		}
		return entries;
	}

	/** Those that a run is to end in the middle of are looked at again by the next. */
	#collect(startMs: number, endMs: number): void {
		const last = Math.floor(endMs / this.#windowMs);
		for (let number = Math.floor(startMs / this.#windowMs); number <= last; number++) {
			const entries = this.#later.get(number);
			if (entries === undefined) continue;
			entries.moveTo(this.#due, endMs);
			if (entries.size > 0) continue;
			this.#later.delete(number);
			this.#spare.push(entries);
		}
	}

	/** Chains the entries of each person together; the highest of their places. */
	#sort(): number {
		const { who, next, size } = this.#due;
		let last = 0;
		for (let i = 0; i < size; i++) {
			const place = who[i]! + 1;
			if (place >= this.#firsts.length) this.#firsts = grown(this.#firsts, place);
			next[i] = this.#firsts[place]!;
			this.#firsts[place] = i;
			if (place > last) last = place;
		}
		return last;
	}

	#take(place: number, startMs: number): number {
		const due = this.#due;
		let entry = this.#firsts[place]!;
		if (entry === NONE) return 0;
		this.#firsts[place] = NONE;
		this.#turnOf = place - 1;
		const turn = this.#turn;
		for (; entry !== NONE; entry = due.next[entry]!) {
			this.#stamp = due.stamp[entry]!;
			turn.push(due.atMs[entry]!, due.act[entry]!, due.one[entry], due.other[entry]);
		}
		let [done, nowMs] = [0, startMs];
		while (turn.size > 0) {
			nowMs = Math.max(nowMs, turn.nextMs);
			this.#setClock(nowMs);
			turn.run();
			done++;
		}
		return done;
	}
}

/** Side by side in plain arrays: read from one end to the other. */
class Entries {
	size = 0;
	atMs = new Float64Array(ROOM_START);
	stamp = new Float64Array(ROOM_START);
	who = new Int32Array(ROOM_START);
	next = new Int32Array(ROOM_START);
	readonly act: Act[] = [];
	readonly one: unknown[] = [];
	readonly other: unknown[] = [];

	/** The first half of an entry; `add` is to follow. */
	note(who: number, atMs: number, stamp: number): void {
		const at = this.size;
		if (at === this.atMs.length) this.#grow();
		this.who[at] = who;
		this.atMs[at] = atMs;
		this.stamp[at] = stamp;
	}

	add(act: Act, one: unknown, other: unknown): void {
		const at = this.size++;
		this.act[at] = act;
		this.one[at] = one;
		this.other[at] = other;
	}

	/** What is due before `endMs`; the rest stays. */
	moveTo(due: Entries, endMs: number): void {
		const size = this.size;
		this.size = 0;
		for (let i = 0; i < size; i++) {
			const target = this.atMs[i]! < endMs ? due : this;
			target.note(this.who[i]!, this.atMs[i]!, this.stamp[i]!);
			target.add(this.act[i]!, this.one[i], this.other[i]);
		}
		this.#forget(size);
	}

	clear(): void {
		const size = this.size;
		this.size = 0;
		this.#forget(size);
	}

	/** What is done with must not be kept alive. */
	#forget(size: number): void {
		this.one.fill(null, this.size, size);
		this.other.fill(null, this.size, size);
	}

	#grow(): void {
		this.atMs = widened(this.atMs, new Float64Array(2 * this.atMs.length));
		this.stamp = widened(this.stamp, new Float64Array(2 * this.stamp.length));
		this.who = widened(this.who, new Int32Array(2 * this.who.length));
		this.next = new Int32Array(2 * this.next.length);
	}
}

function widened<T extends Float64Array | Int32Array>(from: T, to: T): T {
	to.set(from);
	return to;
}

function grown(firsts: Int32Array<ArrayBuffer>, needed: number): Int32Array<ArrayBuffer> {
	const wider = new Int32Array(2 * Math.max(firsts.length, needed)).fill(NONE);
	wider.set(firsts);
	return wider;
}
