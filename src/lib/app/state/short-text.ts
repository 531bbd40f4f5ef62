/** Names and titles as people type them, before they become events with a bound in bytes. */
import { cleanText } from '#lib/p2p/wire/text.ts';

export type TextProblem = 'empty' | 'too-long';

export type ShortText =
	| { readonly ok: true; readonly text: string }
	| { readonly ok: false; readonly problem: TextProblem };

/** The text as it will stand on every screen. Too long by the wire's measure is said, not cut. */
export function shortText(typed: string, bytesMax: number): ShortText {
	const text = cleanText(typed, Infinity).replace(/\s+/gu, ' ');
	if (text === '') return { ok: false, problem: 'empty' };
	return cleanText(text, bytesMax) === text
		? { ok: true, text }
		: { ok: false, problem: 'too-long' };
}
