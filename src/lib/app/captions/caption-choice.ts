/** What this person chose of captions, for every room: whether their own words are put into text, and how text looks. */
import { createListeners } from '../listeners.ts';
import { LANGUAGE_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';

export const CAPTION_SIZES = ['small', 'medium', 'large', 'huge'] as const;
export type CaptionSize = (typeof CAPTION_SIZES)[number];
/** As the app is; or what reads best for some eyes, whatever the app looks like. */
export const CAPTION_COLOURS = [
	'app',
	'white-on-black',
	'black-on-white',
	'yellow-on-black'
] as const;
export type CaptionColours = (typeof CAPTION_COLOURS)[number];
export const CAPTION_PLACES = ['bottom', 'top'] as const;
export type CaptionPlace = (typeof CAPTION_PLACES)[number];

export interface CaptionChoice {
	/** Whether our own words are put into text where a room wants it; null before we were asked. */
	readonly mine: boolean | null;
	/** What we speak, BCP 47; null for what the room says of itself. */
	readonly language: string | null;
	/** Whether captions are shown. */
	readonly shown: boolean;
	readonly size: CaptionSize;
	readonly colours: CaptionColours;
	readonly place: CaptionPlace;
}

export const FIRST_CHOICE: CaptionChoice = {
	mine: null,
	language: null,
	shown: true,
	size: 'medium',
	colours: 'app',
	place: 'bottom'
};

/** Each part that cannot be read is as it is at first. */
export function readCaptionChoice(json: unknown): CaptionChoice {
	if (typeof json !== 'object' || json === null) return FIRST_CHOICE;
	const { mine, language, shown, size, colours, place } = json as Record<string, unknown>;
	return {
		mine: typeof mine === 'boolean' ? mine : null,
		language: typeof language === 'string' ? cleanText(language, LANGUAGE_BYTES_MAX) : null,
		shown: typeof shown === 'boolean' ? shown : FIRST_CHOICE.shown,
		size: CAPTION_SIZES.find((one) => one === size) ?? FIRST_CHOICE.size,
		colours: CAPTION_COLOURS.find((one) => one === colours) ?? FIRST_CHOICE.colours,
		place: CAPTION_PLACES.find((one) => one === place) ?? FIRST_CHOICE.place
	};
}

/** The choice as it is now, in every room and on every screen. */
export interface CaptionChoices {
	readonly now: CaptionChoice;
	/** Holds at once; rejects where the browser refuses to keep it for the next time. */
	change(changes: Partial<CaptionChoice>): Promise<void>;
	onChange(listener: () => void): () => void;
}

export function createCaptionChoices(
	first: CaptionChoice,
	save: (choice: CaptionChoice) => Promise<void>
): CaptionChoices {
	let now = first;
	const changes = createListeners<undefined>();
	return {
		get now() {
			return now;
		},
		change(some) {
			now = { ...now, ...some };
			changes.tell(undefined);
			return save(now);
		},
		onChange: (listener) => changes.add(listener)
	};
}
