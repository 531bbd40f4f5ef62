/** A number as the reader's language writes it, with at most, and at least, so many digits behind its point. */
import { getLocale } from '#lib/paraglide/runtime.js';

export function numberWords(value: number, most = 0, least = 0): string {
	const digits = { maximumFractionDigits: most, minimumFractionDigits: least };
	return new Intl.NumberFormat(getLocale(), digits).format(value);
}
