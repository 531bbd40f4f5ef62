import type { Received } from '#lib/app/people/letter-box.ts';
import * as m from '#lib/paraglide/messages.js';

/** What an invitation says, by whom it is shown to be from. */
export function letterWords(
	{ place, title }: Pick<Received, 'place' | 'title'>,
	name: string
): string {
	return place === 'stage'
		? m.letter_stage({ name, title: title || m.room_untitled() })
		: m.letter_room({ name, title: title || m.room_untitled() });
}
