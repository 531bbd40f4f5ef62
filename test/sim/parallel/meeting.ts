/**
 * Where the threads of one world wait for each other: nobody goes on before all have come. What was written to shared
 * memory before is seen by all after it.
 */
import { createTidying, type Tidying } from './tidying.ts';

/** Cells of the shared table: how many have come, how often all have, whether one broke, then the votes. */
const COME = 0;
const TURN = 1;
const BROKEN = 2;
const VOTES = 3;
/** In a vote: yes to what is asked; wants to tidy up. */
const AGREES = 1;
const DUE = 2;
/** Looks around so often before it sleeps: some microseconds, which is as long as waking somebody takes. */
const SPINS = 2_000;
/** No window takes a thread that long, however big the crowd: it has gone without a word. */
const PATIENCE_MS = 300_000;

/** To be made once and handed to all threads. */
export const newTable = (threads: number): SharedArrayBuffer =>
	new SharedArrayBuffer(4 * (VOTES + 2 * threads));

/** The reason is to be found there. */
export class OtherBroke extends Error {
	constructor() {
		super('Another thread of this world broke.');
	}
}

export class Meeting {
	readonly #table: Int32Array;
	readonly #threads: number;
	readonly #me: number;
	readonly #tidying: Tidying | null;

	constructor(table: SharedArrayBuffer, me: number) {
		this.#table = new Int32Array(table);
		this.#threads = (this.#table.length - VOTES) / 2;
		this.#me = me;
		this.#tidying = this.#threads > 1 ? createTidying() : null;
	}

	/** Waits for all; true where everybody voted so. Throws where another thread broke. */
	meet(vote: boolean): boolean {
		const due = this.#tidying?.isDue() === true;
		const table = this.#table;
		const turn = Atomics.load(table, TURN);
		// Two sets in turns: who is quick votes again while others still read.
		const votes = VOTES + (turn & 1) * this.#threads;
		table[votes + this.#me] = (vote ? AGREES : 0) | (due ? DUE : 0);
		if (Atomics.add(table, COME, 1) === this.#threads - 1) {
			Atomics.store(table, COME, 0);
			this.#goOn();
		} else this.#wait(turn);
		if (Atomics.load(table, BROKEN) !== 0) throw new OtherBroke();
		const all = table.subarray(votes, votes + this.#threads);
		if (all.some((one) => (one & DUE) !== 0)) this.#tidying!.tidy();
		return all.every((one) => (one & AGREES) !== 0);
	}

	/** We do not come any more: nobody is to wait for us. */
	break(): void {
		Atomics.store(this.#table, BROKEN, 1);
		this.#goOn();
	}

	#goOn(): void {
		Atomics.add(this.#table, TURN, 1);
		Atomics.notify(this.#table, TURN);
	}

	#wait(turn: number): void {
		for (let spin = 0; spin < SPINS; spin++) {
			if (Atomics.load(this.#table, TURN) !== turn) return;
		}
		if (Atomics.wait(this.#table, TURN, turn, PATIENCE_MS) === 'timed-out') {
			throw new Error('Another thread of this world does not come.');
		}
	}
}
