/** The form that opens a room: a title, and what is wrong with it. */
import type { Session } from '#lib/app/session.ts';
import { TITLE_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { shortText, type TextProblem } from './short-text.ts';

export type StartProblem = TextProblem | 'failed';

export class StartForm {
	title = $state('');
	/** Only people with its whole link will find it. */
	locked = $state(false);
	readonly #open: (title: string, locked: boolean) => Promise<Session>;
	#problem = $state.raw<StartProblem | null>(null);
	#opening = $state.raw(false);

	constructor(open: (title: string, locked: boolean) => Promise<Session>) {
		this.#open = open;
	}

	get problem(): StartProblem | null {
		return this.#problem;
	}

	get opening(): boolean {
		return this.#opening;
	}

	/** The new room, or null with `problem` set. A second press while one is under way does nothing. */
	async submit(): Promise<Session | null> {
		if (this.#opening) return null;
		const title = shortText(this.title, TITLE_BYTES_MAX);
		this.#problem = title.ok ? null : title.problem;
		if (!title.ok) return null;
		this.#opening = true;
		try {
			return await this.#open(title.text, this.locked);
		} catch {
			this.#problem = 'failed';
			return null;
		} finally {
			this.#opening = false;
		}
	}
}
