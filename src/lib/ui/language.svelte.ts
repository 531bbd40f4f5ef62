/** The language of the interface: kept by paraglide in the browser, reactive here. */
import {
	baseLocale,
	getLocale,
	locales,
	overwriteGetLocale,
	setLocale,
	type Locale
} from '#lib/paraglide/runtime.js';

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

	/** Screen readers choose their voice by it, and the browser which side lines begin at. */
	#tellDocument(): void {
		document.documentElement.lang = this.#locale;
		document.documentElement.dir = directionOf(this.#locale);
	}
}

/** Of languages whose writing the browser does not know, as most are. */
function directionOf(locale: Locale): 'ltr' | 'rtl' {
	const known = new Intl.Locale(locale) as { getTextInfo?: () => { direction?: 'ltr' | 'rtl' } };
	return known.getTextInfo?.().direction ?? 'ltr';
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
