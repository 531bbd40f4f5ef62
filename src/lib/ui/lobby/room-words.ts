/** How rooms in a lobby are told, in the reader's language. */
import { getLocale } from '#lib/paraglide/runtime.js';
import { languageName as languageNameIn } from '../room-languages.ts';

/** `fr` is "French". What is no language tag is said as it is. */
export function languageName(tag: string): string {
	return languageNameIn(getLocale(), tag);
}

/** A day and a time, in the reader's own time zone. */
export function whenWords(atMs: number): string {
	const day = { weekday: 'short', day: 'numeric', month: 'short' } as const;
	const time = { hour: 'numeric', minute: '2-digit' } as const;
	return new Intl.DateTimeFormat(getLocale(), { ...day, ...time }).format(atMs);
}
