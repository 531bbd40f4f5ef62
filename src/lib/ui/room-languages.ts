/** Languages a room can say it is held in, by their own tags (BCP 47); names come from the browser. */

/** Those with most speakers, and those around the people who built this. Any other tag is kept as it came. */
const TAGS = (
	'ar bg bn ca cs da de el en es et fa fi fr ga he hi hr hu id is it ja ko lt lv mr ms nb nl pa pl ps pt ro ru ' +
	'sk sl sq sr sv sw ta te th tl tr uk ur vi yo zh zu'
).split(' ');

export interface LanguageChoice {
	readonly tag: string;
	/** In the reader's language. */
	readonly name: string;
}

/** Sorted by name; `chosen` is among them whatever it is, unless it is empty. */
export function languageChoices(locale: string, chosen: string): readonly LanguageChoice[] {
	const tags = chosen === '' || TAGS.includes(chosen) ? TAGS : [...TAGS, chosen];
	return tags
		.map((tag) => ({ tag, name: languageName(locale, tag) }))
		.sort((a, b) => a.name.localeCompare(b.name, locale));
}

/** The tag itself where it is none, or nobody knows it: it comes from a stranger. */
export function languageName(locale: string, tag: string): string {
	try {
		const name = new Intl.DisplayNames([locale], { type: 'language' }).of(tag) ?? tag;
		return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
	} catch {
		return tag;
	}
}
