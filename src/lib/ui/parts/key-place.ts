/** Where the keyboard stands, as far as keys of the room have to know. */
import type { KeyPlace } from '#lib/app/shortcuts.ts';

/** Kinds of `<input>` that are pressed, not written in. */
const PRESSED = ['button', 'checkbox', 'color', 'file', 'radio', 'reset', 'submit'];

export function keyPlace(target: EventTarget | null): KeyPlace {
	const at = target instanceof Element ? target : null;
	return {
		writes: at !== null && isText(at),
		presses: at !== null && at.closest('a[href], button, input, summary') !== null,
		covered: document.querySelector('dialog[open]') !== null
	};
}

function isText(at: Element): boolean {
	if (at instanceof HTMLInputElement) return !PRESSED.includes(at.type);
	return at instanceof HTMLElement && (at.isContentEditable || at.matches('textarea, select'));
}
