/** The form that pins a note, a link, or both: what is wrong with it before the law would say so. */
import { LINK_BYTES_MAX, PIN_TEXT_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanLink } from '#lib/p2p/wire/text.ts';
import { shortText } from './short-text.ts';

export type PinProblem = 'empty' | 'too-long' | 'bad-link';

export interface PinDraft {
	readonly text: string;
	/** A whole web address, or empty. */
	readonly link: string;
}

export class PinForm {
	text = $state('');
	link = $state('');
	#problem = $state.raw<PinProblem | null>(null);

	get problem(): PinProblem | null {
		return this.#problem;
	}

	edited(): void {
		this.#problem = null;
	}

	/** What to pin, with the fields emptied, or null with `problem` set. */
	submit(): PinDraft | null {
		const text = shortText(this.text, PIN_TEXT_BYTES_MAX);
		const link = cleanLink(this.link, LINK_BYTES_MAX);
		const noLink = this.link.trim() === '';
		this.#problem = null;
		if (!text.ok && text.problem === 'too-long') this.#problem = 'too-long';
		else if (!noLink && link === '') this.#problem = 'bad-link';
		else if (!text.ok && noLink) this.#problem = 'empty';
		if (this.#problem !== null) return null;
		this.text = '';
		this.link = '';
		return { text: text.ok ? text.text : '', link };
	}
}
