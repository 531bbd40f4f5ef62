/** The recordings of this device, for the screen that lists them. */
import type { Told } from '#lib/app/people/keep-box.ts';
import type { KeepDesk } from '#lib/app/people/keep-desk.ts';
import type { Persistence, Shelf, ShelvedRecording } from '#lib/app/recordings/shelf.ts';
import type { DiskSpace } from '#lib/io/ports.ts';
import type { RecordingId } from '#lib/p2p/wire/ids.ts';
import { createSubscriber } from 'svelte/reactivity';

export class RecordingsState {
	readonly #shelf: Shelf;
	readonly #keeping: Pick<KeepDesk, 'onChange' | 'toldOf'>;
	/** Who reads of whom was told reads anew when somebody was. */
	readonly #follow: () => void;
	readonly #stop: () => void;
	/** Null before they were read. */
	#list = $state.raw<readonly ShelvedRecording[] | null>(null);
	#space = $state.raw<DiskSpace>({ used: null, left: null });
	#persistence = $state.raw<Persistence>('unknown');
	/** The last act could not be carried out. */
	#failed = $state.raw(false);

	constructor(shelf: Shelf, keeping: Pick<KeepDesk, 'onChange' | 'toldOf'>) {
		this.#shelf = shelf;
		this.#keeping = keeping;
		this.#follow = createSubscriber((update) => keeping.onChange(update));
		this.#stop = shelf.onChange(() => this.#look());
		this.#look();
	}

	get available(): boolean {
		return this.#shelf.available;
	}

	get list(): readonly ShelvedRecording[] | null {
		return this.#list;
	}

	get space(): DiskSpace {
		return this.#space;
	}

	get persistence(): Persistence {
		return this.#persistence;
	}

	get failed(): boolean {
		return this.#failed;
	}

	/** Who was told that it is kept, or is to be. */
	toldOf(id: RecordingId): readonly Told[] {
		this.#follow();
		return this.#keeping.toldOf(id);
	}

	keep(id: RecordingId, kept: boolean): Promise<void> {
		return this.#act(() => this.#shelf.keep(id, kept));
	}

	remove(id: RecordingId): Promise<void> {
		return this.#act(() => this.#shelf.remove(id));
	}

	/** Asks the browser not to take recordings away when space is short. */
	askToPersist(): Promise<void> {
		return this.#act(async () => {
			this.#persistence = await this.#shelf.persistence(true);
		});
	}

	close(): void {
		this.#stop();
	}

	#look(): void {
		this.#act(async () => {
			this.#list = await this.#shelf.list();
			this.#space = await this.#shelf.space();
			this.#persistence = await this.#shelf.persistence(false);
		}).catch(() => undefined);
	}

	async #act(what: () => Promise<void>): Promise<void> {
		this.#failed = false;
		try {
			await what();
		} catch (error) {
			console.warn(error);
			this.#failed = true;
			this.#list ??= [];
		}
	}
}
