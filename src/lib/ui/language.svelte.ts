/** The language of the interface: kept by paraglide in the browser, reactive here. */
import {
	baseLocale,
	getLocale,
	locales,
	overwriteGetLocale,
	setLocale,
	type Locale
} from '#lib/paraglide/runtime.js';

/** Names of languages in themselves, so that everybody finds their own. */
export const LANGUAGES: Readonly<Record<Locale, string>> = { en: 'English', fr: 'Français' };

export class Language {
	#locale = $state.raw<Locale>(rememberedLocale());

	constructor() {
		// Every message asks for the locale as it is drawn; answered from a rune, the page changes in place
		// and nobody drops out of a room by a reload.
		overwriteGetLocale(() => this.#locale);
		this.#tellDocument();
	}

	get locale(): Locale {
		return this.#locale;
	}

	choose(locale: Locale): void {
		this.#locale = locale;
		this.#tellDocument();
		try {
			void setLocale(locale, { reload: false });
		} catch {
			// Site data is blocked: the choice holds until the page is closed.
		}
	}

	/** Screen readers choose their voice by it. */
	#tellDocument(): void {
		document.documentElement.lang = this.#locale;
	}
}

/** Reads what a `<select>` says. */
export function localeFrom(text: string): Locale | null {
	return locales.find((locale) => locale === text) ?? null;
}

function rememberedLocale(): Locale {
	try {
		return getLocale();
	} catch {
		return baseLocale;
	}
}
