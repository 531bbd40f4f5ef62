/** News for those who do not look at the screen, put into the reader's language. */
import type { NoticeKind } from '#lib/app/announcements.ts';
import type { Notice } from '#lib/app/state/notices.ts';
import * as m from '#lib/paraglide/messages.js';
import { wholeDeedWords } from './moderation-words.ts';
import { feedbackWords, shownName, soundNewsWords } from './words.ts';

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
		case 'came':
			return notice.names.length === 1
				? m.notice_came({ name: shownName(notice.names[0] ?? '') })
				: m.notice_came_many({ count: notice.names.length });
		case 'reconnecting':
			return m.phase_reconnecting();
		case 'reconnected':
			return m.notice_reconnected();
		case 'echo':
		case 'howl':
			return feedbackWords(notice.type);
		case 'silenced':
			return m.sound_silenced();
		case 'unsilenced':
			return m.sound_unsilenced();
		case 'microphone-lost':
			return m.mic_taken_away();
		case 'microphone-instead':
		case 'speaker-instead':
			return soundNewsWords(notice);
		case 'removed':
			return m.phase_removed();
		case 'deed':
			return `${wholeDeedWords(notice.deed)}.`;
	}
}

/** What is switched on and off. */
export function noticeKindWords(kind: NoticeKind): string {
	switch (kind) {
		case 'joins':
			return m.announce_joins();
		case 'stage':
			return m.announce_stage();
		case 'hands':
			return m.announce_hands();
		case 'own':
			return m.announce_own();
		case 'moderation':
			return m.announce_moderation();
		case 'recording':
			return m.announce_recording();
		case 'connection':
			return m.announce_connection();
		case 'microphone':
			return m.announce_microphone();
		case 'removed':
			return m.announce_removed();
	}
}
