/** Keys, and what they do, in words. */
import type { KeyProblem, Shortcut } from '#lib/app/shortcuts.ts';
import * as m from '#lib/paraglide/messages.js';

export function shortcutWords(shortcut: Shortcut): string {
	switch (shortcut) {
		case 'mute':
			return m.keys_mute();
		case 'talk':
			return m.keys_talk();
		case 'hand':
			return m.keys_hand();
		case 'react':
			return m.keys_react();
		case 'silence':
			return m.keys_silence();
		case 'list':
			return m.keys_list();
	}
}

/** As it is printed on the key. */
export const keyWords = (key: string): string => (key === ' ' ? m.keys_space() : key.toUpperCase());

/** As `aria-keyshortcuts` says it (WAI-ARIA 1.2). */
export const ariaKey = (key: string): string => (key === ' ' ? 'Space' : key.toUpperCase());

export function keyProblemWords(problem: KeyProblem | 'failed'): string {
	switch (problem) {
		case 'no-letter':
			return m.keys_no_letter();
		case 'taken':
			return m.keys_taken();
		case 'failed':
			return m.settings_save_failed();
	}
}
