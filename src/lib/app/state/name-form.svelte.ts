/** My name, edited in place: kept when the field is left or Enter is pressed. */
import { NAME_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { shortText, type TextProblem } from './short-text.ts';

export type NameProblem = TextProblem | 'failed';

/** The part of the app that this form needs. */
export interface NameKeeper {
	readonly profile: { readonly name: string };
	rename(name: string): Promise<void>;
}

export class NameForm {
	name: string;
	readonly #keeper: NameKeeper;
	#problem = $state.raw<NameProblem | null>(null);
	#saved = $state.raw(false);

	constructor(keeper: NameKeeper) {
		this.#keeper = keeper;
		this.name = $state(keeper.profile.name);
	}

	get problem(): NameProblem | null {
		return this.#problem;
	}

	/** True from a successful save until the next change. */
	get saved(): boolean {
		return this.#saved;
	}

	edited(): void {
		this.#saved = false;
		this.#problem = null;
	}

	async save(): Promise<void> {
		const name = shortText(this.name, NAME_BYTES_MAX);
		this.#problem = name.ok ? null : name.problem;
		if (!name.ok) return;
		this.name = name.text;
		if (name.text === this.#keeper.profile.name) return;
		try {
			await this.#keeper.rename(name.text);
			this.#saved = true;
		} catch {
			this.#problem = 'failed';
		}
	}
}
