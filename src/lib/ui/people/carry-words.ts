import type { CarryProblem } from '#lib/app/state/carry-form.svelte.ts';
import * as m from '#lib/paraglide/messages.js';

export function carryWords(problem: CarryProblem): string {
	switch (problem) {
		case 'short-passphrase':
			return m.carry_passphrase_short();
		case 'empty-text':
			return m.carry_empty();
		case 'not-an-identity':
			return m.carry_not_an_identity();
		case 'wrong-passphrase':
			return m.carry_wrong_passphrase();
		case 'store-failed':
			return m.settings_save_failed();
	}
}
