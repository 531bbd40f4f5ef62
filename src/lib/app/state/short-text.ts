/** Names and titles as people type them, before they become events with a bound in bytes. */

export type TextProblem = 'empty' | 'too-long';

export type ShortText =
	| { readonly ok: true; readonly text: string }
	| { readonly ok: false; readonly problem: TextProblem };

/** Trims, joins runs of white space, and measures in UTF-8 bytes, as the wire does. */
export function shortText(typed: string, bytesMax: number): ShortText {
	const text = typed.trim().replace(/\s+/gu, ' ');
	if (text === '') return { ok: false, problem: 'empty' };
	const bytes = new TextEncoder().encode(text).length;
	return bytes > bytesMax ? { ok: false, problem: 'too-long' } : { ok: true, text };
}
