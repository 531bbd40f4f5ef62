/** Taking an identity along: out of here under a passphrase, or in here from another device. */
import type { CarryOutcome, Commons } from '#lib/app/commons.ts';
import { IDENTITY_TEXT_MAX, PASSPHRASE_LETTERS_MIN } from '#lib/io/keys/identity-file.ts';

export type CarryProblem =
	'short-passphrase' | 'empty-text' | Extract<CarryOutcome, { ok: false }>['reason'];

export class CarryForm {
	passphrase = $state('');
	/** What came out, or what is to come in. */
	text = $state('');
	readonly #commons: Pick<Commons, 'carryOut' | 'carryIn'>;
	#problem = $state.raw<CarryProblem | null>(null);
	#busy = $state.raw(false);

	constructor(commons: Pick<Commons, 'carryOut' | 'carryIn'>) {
		this.#commons = commons;
	}

	get problem(): CarryProblem | null {
		return this.#problem;
	}

	/** Half a second of computing, more on a phone. */
	get busy(): boolean {
		return this.#busy;
	}

	edited(): void {
		this.#problem = null;
	}

	/** Takes the text out of a file; a film by mistake would fill the field, and the memory. */
	async take(file: File): Promise<void> {
		this.text = file.size <= IDENTITY_TEXT_MAX ? await file.text() : '';
		this.#problem = this.text === '' ? 'not-an-identity' : null;
	}

	/** True with `text` set. */
	async carryOut(): Promise<boolean> {
		if (this.#busy) return false;
		const isLong = this.passphrase.trim().length >= PASSPHRASE_LETTERS_MIN;
		this.#problem = isLong ? null : 'short-passphrase';
		if (!isLong) return false;
		this.#busy = true;
		this.text = await this.#commons.carryOut(this.passphrase).finally(() => {
			this.#busy = false;
		});
		return true;
	}

	/** True where this device will be somebody else from its next start on. */
	async carryIn(): Promise<boolean> {
		if (this.#busy) return false;
		this.#problem = this.text.trim() === '' ? 'empty-text' : null;
		if (this.#problem !== null) return false;
		this.#busy = true;
		const outcome = await this.#commons.carryIn(this.text, this.passphrase).finally(() => {
			this.#busy = false;
		});
		this.#problem = outcome.ok ? null : outcome.reason;
		return outcome.ok;
	}
}
