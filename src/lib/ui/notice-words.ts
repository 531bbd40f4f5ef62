/** News for those who do not look at the screen, put into the reader's language. */
import type { Notice } from '#lib/app/state/notices.ts';
import * as m from '#lib/paraglide/messages.js';
import { wholeDeedWords } from './moderation-words.ts';
import { shownName } from './words.ts';

export function noticeWords(notice: Notice): string {
	switch (notice.type) {
		case 'joined-stage':
			return m.notice_joined_stage({ name: shownName(notice.name) });
		case 'left-stage':
			return m.notice_left_stage({ name: shownName(notice.name) });
		case 'hand':
			return m.notice_hand({ name: shownName(notice.name) });
		case 'invitation':
			return m.notice_invitation({ name: shownName(notice.name) });
		case 'on-stage':
			return m.notice_on_stage();
		case 'off-stage':
			return m.notice_off_stage();
		case 'host-away':
			return m.notice_host_away();
		case 'host-back':
			return m.notice_host_back();
		case 'deed':
			return `${wholeDeedWords(notice.deed)}.`;
	}
}
