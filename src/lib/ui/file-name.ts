import * as m from '#lib/paraglide/messages.js';

/** What no file system has to bear in a name. */
const ODD = /[\p{C}\\/:*?"<>|]+/gu;
const PART_LETTERS_MAX = 60;

/** A name for a file, of what it is called and by whom it is. */
export function fileName(parts: readonly string[], ending: string): string {
	const clean = parts.map((part) => part.replace(ODD, ' ').trim().slice(0, PART_LETTERS_MAX));
	const name = clean.filter((part) => part !== '').join(' - ');
	return `${name.replace(/^\.+/, '') || m.replay_file()}${ending}`;
}
