/** Reactions in the room, reactive: what floats just now, who shows what, how many there were. */
import type { Session } from '#lib/app/session.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import {
	createReactionBoard,
	EMPTY_BOARD,
	type BoardView,
	type Floater,
	type Shown,
	type SpokenReactions,
	type Tally
} from './reaction-board.ts';

/** What is over is looked for this often, while there is anything. */
const LOOK_EVERY_MS = 250;

export class ReactionsState {
	readonly #nowMs: () => number;
	readonly #stop: () => void;
	readonly #board = createReactionBoard();
	#timer: ReturnType<typeof setInterval> | null = null;
	#view = $state.raw<BoardView>(EMPTY_BOARD);

	readonly floaters: readonly Floater[] = $derived(this.#view.floaters);
	readonly tallies: readonly Tally[] = $derived(this.#view.tallies);
	readonly spoken: SpokenReactions = $derived(this.#view.spoken);

	/** `isHidden` says of whom nothing is to be seen here; `nowMs` counts from anywhere. */
	constructor(
		session: Session,
		isHidden: (peer: PeerId) => boolean = () => false,
		nowMs: () => number = () => performance.now()
	) {
		this.#nowMs = nowMs;
		this.#stop = session.watchReactions((news) => {
			this.#board.take(
				news.filter(({ by }) => by === null || !isHidden(by.peer)),
				this.#nowMs()
			);
			this.#look();
			this.#timer ??= setInterval(() => {
				this.#look();
			}, LOOK_EVERY_MS);
		});
	}

	/** What this person shows now. */
	at(peer: PeerId): Shown | undefined {
		return this.#view.faces.get(peer);
	}

	/** How often this one was shown lately. */
	countOf(code: number): number {
		return this.tallies.find((tally) => tally.code === code)?.count ?? 0;
	}

	close(): void {
		this.#stop();
		this.#rest();
	}

	#look(): void {
		this.#view = this.#board.look(this.#nowMs());
		if (this.#view.atRest) this.#rest();
	}

	#rest(): void {
		if (this.#timer !== null) clearInterval(this.#timer);
		this.#timer = null;
	}
}
