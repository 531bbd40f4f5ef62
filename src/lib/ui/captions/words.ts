/** Captions of our own words, put into the reader's language. */
import type { Captioning } from '#lib/app/captions/caption-desk.ts';
import type {
	CaptionColours,
	CaptionPlace,
	CaptionSize
} from '#lib/app/captions/caption-choice.ts';
import * as m from '#lib/paraglide/messages.js';
import { languageName } from '../room-languages.ts';

export interface CaptioningWords {
	readonly title: string;
	readonly hint: string;
	readonly tone: 'plain' | 'warning' | 'invite';
}

/** Null where there is nothing that a speaker should be told. */
export function captioningWords(mine: Captioning, locale: string): CaptioningWords | null {
	switch (mine.state) {
		case 'off':
		case 'looking':
		case 'declined':
			return null;
		case 'ask': {
			const hint =
				mine.bytes === 0
					? m.captions_ask_here()
					: m.captions_ask_load({ size: megabytes(mine.bytes, locale) });
			return { title: m.captions_ask(), hint, tone: 'invite' };
		}
		case 'no-pack': {
			const language = languageName(locale, mine.language);
			const title = m.captions_no_pack({ language });
			return { title, hint: m.captions_no_pack_hint(), tone: 'plain' };
		}
		case 'loading':
			return { title: m.captions_loading(), hint: '', tone: 'plain' };
		case 'on':
			if (!mine.lagging) return null;
			return mine.leftOut
				? { title: m.captions_left_out(), hint: m.captions_lag_hint(), tone: 'warning' }
				: { title: m.captions_lag(), hint: m.captions_lag_hint(), tone: 'warning' };
		case 'weak':
			return { title: m.captions_weak(), hint: m.captions_weak_hint(), tone: 'warning' };
		case 'failed':
			return { title: m.captions_failed(), hint: m.captions_failed_hint(), tone: 'warning' };
	}
}

/** What a person sees of it where they look for it. */
export function captioningStateWords(mine: Captioning, locale: string): string {
	if (mine.state === 'on')
		return m.captions_mine_on({ language: languageName(locale, mine.language) });
	if (mine.state === 'declined') return m.captions_mine_declined();
	return captioningWords(mine, locale)?.title ?? '';
}

export function sizeWords(size: CaptionSize): string {
	switch (size) {
		case 'small':
			return m.captions_size_small();
		case 'medium':
			return m.captions_size_medium();
		case 'large':
			return m.captions_size_large();
		case 'huge':
			return m.captions_size_huge();
	}
}

export function colourWords(colours: CaptionColours): string {
	switch (colours) {
		case 'app':
			return m.captions_colours_app();
		case 'white-on-black':
			return m.captions_colours_white();
		case 'black-on-white':
			return m.captions_colours_black();
		case 'yellow-on-black':
			return m.captions_colours_yellow();
	}
}

export const placeWords = (place: CaptionPlace): string =>
	place === 'top' ? m.captions_place_top() : m.captions_place_bottom();

/** `25 MB` */
export function megabytes(bytes: number, locale: string): string {
	const count = Math.max(1, Math.round(bytes / 1e6));
	return new Intl.NumberFormat(locale, { style: 'unit', unit: 'megabyte' }).format(count);
}
