/** Which captions are on the screen now: of each who speaks the words of just now, for as long as they are read. */
import type { CaptionNews } from '#lib/p2p/peer/io.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';

/** Final words stay for as long as it takes to read them, twice: 40 ms a letter, and two seconds. */
const READ_MS_PER_LETTER = 40;
const READ_MS = 2_000;
/** Partial words that nothing follows: their speaker's app has gone. */
const PARTIAL_MS = 8_000;
/** More lines than this are read by nobody. */
export const CAPTION_LINES_MAX = 3;

export interface CaptionLine {
	/** The phrase. */
	readonly key: string;
	readonly peer: PeerId;
	readonly name: string;
	readonly language: string;
	readonly text: string;
	readonly final: boolean;
}

export interface CaptionBoard {
	take(news: readonly CaptionNews[], nowMs: number): void;
	/** The lines of now, who began first on top; the same list as before where it is the same. */
	look(nowMs: number): readonly CaptionLine[];
}

export function createCaptionBoard(): CaptionBoard {
	const lines = new Map<string, CaptionLine & { readonly untilMs: number }>();
	let shown: readonly CaptionLine[] = [];
	return {
		take(news, nowMs) {
			for (const one of news) {
				const key = `${one.stream} ${one.start}`;
				if (one.text !== '') lines.set(key, lineOf(key, one, nowMs));
				else if (one.final) lines.delete(key);
			}
			// Who says a new phrase has been read of the one before last.
			for (const oldest of lines.keys()) {
				if (lines.size <= CAPTION_LINES_MAX) break;
				lines.delete(oldest);
			}
		},
		look(nowMs) {
			for (const [key, { untilMs }] of lines) if (untilMs <= nowMs) lines.delete(key);
			const next = [...lines.values()];
			const isSame = next.length === shown.length && next.every((line, i) => line === shown[i]);
			return isSame ? shown : (shown = next);
		}
	};
}

function lineOf(
	key: string,
	{ by, language, text, final }: CaptionNews,
	nowMs: number
): CaptionLine & { readonly untilMs: number } {
	const lastsMs = final ? READ_MS + READ_MS_PER_LETTER * text.length : PARTIAL_MS;
	return { key, ...by, language, text, final, untilMs: nowMs + lastsMs };
}
