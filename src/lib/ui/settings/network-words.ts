/** What is wrong with a seed or a server, in words. */
import type { NetworkFormProblem } from '#lib/app/state/network-form.svelte.ts';
import * as m from '#lib/paraglide/messages.js';

export function networkProblemWords(problem: NetworkFormProblem): string {
	switch (problem) {
		case 'no-seed':
			return m.net_no_seed();
		case 'no-ice':
			return m.net_no_ice();
		case 'too-many':
			return m.net_too_many();
		case 'failed':
			return m.settings_save_failed();
	}
}
