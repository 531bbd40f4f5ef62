/** The app as something installed: a newer build that waits, and whether there is a network at all. */
import { createAppUpdate } from '#lib/io/system/app-update.ts';
import type { AppUpdate } from '#lib/io/system/ports.ts';

/** A tab may stay open for weeks. */
export const LOOK_EVERY_MS = 3_600_000;

export class InstallState {
	readonly #update: AppUpdate;
	readonly #inRoom: () => boolean;
	readonly #stops: readonly (() => void)[];
	#ready = $state.raw(false);
	#later = $state.raw(false);
	#taking = $state.raw(false);
	#online = $state.raw(navigator.onLine);

	/** A newer version may be taken now: never in a room. */
	readonly offered: boolean = $derived.by(() => this.#ready && !this.#later && !this.#inRoom());

	constructor(inRoom: () => boolean, update: AppUpdate = createAppUpdate()) {
		this.#inRoom = inRoom;
		this.#update = update;
		update.onReady(() => (this.#ready = true));
		const look = setInterval(() => this.look(), LOOK_EVERY_MS);
		const note = (): void => {
			this.#online = navigator.onLine;
		};
		addEventListener('online', note);
		addEventListener('offline', note);
		this.#stops = [
			() => clearInterval(look),
			() => removeEventListener('online', note),
			() => removeEventListener('offline', note)
		];
	}

	/** As far as the browser knows: a network that leads nowhere counts as one. */
	get online(): boolean {
		return this.#online;
	}

	get taking(): boolean {
		return this.#taking;
	}

	/** Asks whether there is a newer build; what it loads would take from the sound of a room. */
	look(): void {
		// Without a network there is nothing to be asked.
		if (!this.#inRoom()) this.#update.look().catch(() => undefined);
	}

	/** Not now: offered again after the next room, or at the next start. */
	postpone(): void {
		this.#later = true;
	}

	/** To be called when a room was left or is over. */
	roomEnded(): void {
		this.#later = false;
	}

	/** Loads the page anew, in the new version. */
	take(): void {
		this.#taking = true;
		this.#update.take().catch(() => (this.#taking = false));
	}

	close(): void {
		for (const stop of this.#stops) stop();
	}
}
