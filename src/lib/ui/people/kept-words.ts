import type { Heard } from '#lib/app/people/keep-box.ts';
import * as m from '#lib/paraglide/messages.js';
import { dayWords } from '../recording/recording-words.ts';

/** What was told of a recording in which we speak, by whom it is shown to be from. */
export function keptWords(
	{ title, startedAtMs, deletedAtMs }: Pick<Heard, 'title' | 'startedAtMs' | 'deletedAtMs'>,
	name: string,
	nowMs: number
): string {
	const about = { name, title: title || m.room_untitled(), day: dayWords(startedAtMs) };
	if (deletedAtMs === null) return m.kept_news(about);
	if (deletedAtMs <= nowMs) return m.kept_gone(about);
	return m.kept_no_more({ ...about, until: dayWords(deletedAtMs) });
}
