/** What is read out to those who do not look at the screen, by kind, so that each can be switched off. */

export const NOTICE_KINDS = [
	'joins',
	'stage',
	'hands',
	'own',
	'moderation',
	'recording',
	'connection',
	'microphone',
	'removed'
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** Whether each kind is read out. */
export type AnnouncementChoice = Readonly<Record<NoticeKind, boolean>>;

export const FIRST_ANNOUNCEMENTS = Object.fromEntries(
	NOTICE_KINDS.map((kind) => [kind, true])
) as AnnouncementChoice;

/** These do not wait for the end of a sentence: who does not hear them talks to nobody. */
const URGENT: readonly NoticeKind[] = ['microphone', 'removed'];
export const isUrgent = (kind: NoticeKind): boolean => URGENT.includes(kind);

/** What was kept; what cannot be read of it is read out. */
export function readAnnouncements(json: unknown): AnnouncementChoice {
	const given = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
	return Object.fromEntries(
		NOTICE_KINDS.map((kind) => [kind, given[kind] !== false])
	) as AnnouncementChoice;
}
