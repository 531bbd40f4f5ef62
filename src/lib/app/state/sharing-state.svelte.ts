/** What is shared and fetched, for the screens that show it, and whether the last press worked. */
import type {
	ClipView,
	CopyView,
	SharedView,
	ShareTerms,
	SharingDesk
} from '#lib/app/sharing/sharing-desk.ts';
import type { RecordingId } from '#lib/p2p/wire/ids.ts';
import { createSubscriber } from 'svelte/reactivity';

export class SharingState {
	readonly #desk: SharingDesk;
	/** Who reads of the desk reads anew when it tells. */
	readonly #follow: () => void;
	#busy = $state.raw(false);
	#failed = $state.raw(false);

	constructor(desk: SharingDesk) {
		this.#desk = desk;
		this.#follow = createSubscriber((update) => desk.onChange(update));
	}

	get available(): boolean {
		return this.#desk.available;
	}

	/** Something is under way: a recording is read through before it is shared. */
	get busy(): boolean {
		return this.#busy;
	}

	/** The last act could not be carried out. */
	get failed(): boolean {
		return this.#failed;
	}

	shared(id: RecordingId): SharedView | null {
		this.#follow();
		return this.#desk.shared(id);
	}

	copy(id: RecordingId): CopyView | null {
		this.#follow();
		return this.#desk.copy(id);
	}

	/** What is not whole yet, or was taken back: the newest first. */
	get unfinished(): readonly CopyView[] {
		this.#follow();
		return this.#desk.copies.filter(({ state }) => state === 'fetching' || state === 'paused');
	}

	/** Those we hand out, and behind them those that were fetched whole: the newest first. */
	get clips(): readonly (ClipView | CopyView)[] {
		this.#follow();
		const { clips, copies } = this.#desk;
		return [
			...clips,
			...copies.filter(({ state, manifest }) => manifest.clip && state === 'whole')
		];
	}

	share(id: RecordingId, terms: ShareTerms): Promise<void> {
		return this.act(() => this.#desk.share(id, terms));
	}

	withdraw(id: RecordingId): Promise<void> {
		return this.act(() => this.#desk.withdraw(id));
	}

	pause(id: RecordingId): Promise<void> {
		return this.act(() => this.#desk.pause(id));
	}

	resume(id: RecordingId): Promise<void> {
		return this.act(() => this.#desk.resume(id));
	}

	remove(id: RecordingId): Promise<void> {
		return this.act(() => this.#desk.remove(id));
	}

	/** One at a time; what fails is told in place. */
	async act(what: () => Promise<void>): Promise<void> {
		if (this.#busy) return;
		this.#busy = true;
		this.#failed = false;
		try {
			await what();
		} catch (error) {
			console.warn(error);
			this.#failed = true;
		}
		this.#busy = false;
	}
}
