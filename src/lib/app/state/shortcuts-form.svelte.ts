/** Choosing which keys act in a room. */
import {
	FIRST_SHORTCUTS,
	withKey,
	type KeyProblem,
	type Shortcut,
	type ShortcutChoice
} from '../shortcuts.ts';

/** What it needs of the app. */
export interface ShortcutsKept {
	readonly shortcuts: ShortcutChoice;
	/** Rejects where the browser refuses to keep it. */
	chooseShortcuts(choice: ShortcutChoice): Promise<void>;
}

export class ShortcutsForm {
	readonly #app: ShortcutsKept;
	/** The one that waits for its new key. */
	#asking = $state.raw<Shortcut | null>(null);
	#problem = $state.raw<KeyProblem | 'failed' | null>(null);

	constructor(app: ShortcutsKept) {
		this.#app = app;
	}

	get asking(): Shortcut | null {
		return this.#asking;
	}

	get problem(): KeyProblem | 'failed' | null {
		return this.#problem;
	}

	/** The next key is for this one; asked again, it stays as it was. */
	ask(shortcut: Shortcut): void {
		this.#asking = this.#asking === shortcut ? null : shortcut;
		this.#problem = null;
	}

	cancel(): void {
		this.#asking = null;
		this.#problem = null;
	}

	/** Takes the key that was pressed; false where none was asked for, or it goes its own way. */
	take(key: string): boolean {
		if (this.#asking === null || key === 'Tab' || key === 'Shift') return false;
		if (key === 'Escape') {
			this.cancel();
			return true;
		}
		const next = withKey(this.#app.shortcuts, this.#asking, key);
		this.#problem = next.ok ? null : next.reason;
		if (!next.ok) return true;
		this.#asking = null;
		void this.#keep(next.choice);
		return true;
	}

	switch(on: boolean): void {
		void this.#keep({ ...this.#app.shortcuts, on });
	}

	/** All keys as they were at first. */
	reset(): void {
		this.cancel();
		void this.#keep({ ...this.#app.shortcuts, keys: FIRST_SHORTCUTS.keys });
	}

	async #keep(choice: ShortcutChoice): Promise<void> {
		try {
			await this.#app.chooseShortcuts(choice);
		} catch {
			this.#problem = 'failed';
		}
	}
}
