/** Powers, and what was done with them, put into the reader's language. */
import type { OwnNews } from '#lib/app/state/own-news.ts';
import { personIn, type PersonAct, type PersonInRoom } from '#lib/app/state/person-acts.ts';
import type { DeedView, PersonView, RoomView } from '#lib/p2p/peer/view.ts';
import type { Power, Speakers } from '#lib/p2p/wire/act.ts';
import * as m from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { shownName } from './words.ts';

/** What was done, to whom: without who did it, so that one sentence serves "you" and everybody else. */
export function deedWords({ what, whom, on }: DeedView): string {
	const name = whom === null ? '' : personWords(whom);
	switch (what) {
		case 'invite':
			return m.deed_invite({ name });
		case 'unseat':
			return m.deed_unseat({ name });
		case 'mute':
			return m.deed_mute({ name });
		case 'mute-all':
			return m.deed_mute_all();
		case 'floor':
			return on ? m.deed_floor_held() : m.deed_floor_free();
		case 'speakers':
			return m.deed_speakers();
		case 'lower':
			return m.deed_lower({ name });
		case 'clear':
			return m.deed_clear();
		case 'remove':
			return on ? m.deed_block({ name }) : m.deed_remove({ name });
		case 'readmit':
			return m.deed_readmit({ name });
		case 'name-cohost':
			return m.deed_name_cohost({ name });
		case 'unname-cohost':
			return m.deed_unname_cohost({ name });
		case 'pin':
			return m.deed_pin();
		case 'unpin':
			return m.deed_unpin();
		case 'settings':
			return m.deed_settings();
		case 'lock':
			return m.deed_lock();
		case 'door':
			return on ? m.deed_door_closed() : m.deed_door_open();
		case 'captions':
			return on ? m.deed_captions_on() : m.deed_captions_off();
		case 'chat':
			return on ? m.deed_chat_on() : m.deed_chat_off();
		case 'recording':
			return on ? m.deed_recording_on() : m.deed_recording_off();
		case 'end':
			return m.deed_end();
	}
}

/** The deed and who did it, in one line. */
export function wholeDeedWords(deed: DeedView): string {
	return m.deed_whole({ what: deedWords(deed), name: personWords(deed.by) });
}

/** A name in the middle of a sentence, or "you". */
export function personWords({ me, name }: PersonView): string {
	return me ? m.deed_you() : shownName(name);
}

export function powerWords(power: Power): string {
	switch (power) {
		case 'stage':
			return m.power_stage();
		case 'sound':
			return m.power_sound();
		case 'people':
			return m.power_people();
		case 'room':
			return m.power_room();
	}
}

/** Who may speak, as a choice. */
export function speakersWords(speakers: Speakers): { title: string; hint: string } {
	switch (speakers) {
		case 'invited':
			return { title: m.speakers_invited(), hint: m.speakers_invited_hint() };
		case 'followed':
			return { title: m.speakers_followed(), hint: m.speakers_followed_hint() };
		case 'everyone':
			return { title: m.speakers_everyone(), hint: m.speakers_everyone_hint() };
	}
}

export function ownNewsWords({ what, byName }: OwnNews): { title: string; hint: string } {
	const name = shownName(byName);
	switch (what) {
		case 'muted':
			return { title: m.own_muted({ name }), hint: m.own_muted_hint() };
		case 'unseated':
			return { title: m.own_unseated({ name }), hint: m.own_unseated_hint() };
		case 'hand-declined':
			return { title: m.own_hand_declined({ name }), hint: m.own_hand_declined_hint() };
		case 'named-cohost':
			return { title: m.own_named({ name }), hint: m.own_named_hint() };
		case 'unnamed-cohost':
			return { title: m.own_unnamed({ name }), hint: m.own_unnamed_hint() };
	}
}

/** What somebody is in the room. */
export function personRoleWords({
	me,
	host,
	cohost,
	seat,
	listener,
	removed
}: PersonInRoom): string {
	if (removed !== null) return removed.blocked ? m.person_blocked() : m.person_out();
	const parts = [
		...(me ? [m.person_you()] : []),
		...(host ? [m.person_host()] : []),
		...(cohost === null ? [] : [m.person_cohost()]),
		...(cohost?.untilMs == null ? [] : [m.cohost_until({ time: timeWords(cohost.untilMs) })]),
		...(seat === null ? [] : [m.person_speaker()]),
		...(listener === null ? [] : [m.person_listener()])
	];
	return seat === null && listener === null
		? [...parts, m.person_elsewhere()].join(' · ')
		: parts.join(' · ');
}

/** A time of today or tomorrow, as people's clocks show it. */
export function timeWords(atMs: number): string {
	const time = { hour: 'numeric', minute: '2-digit' } as const;
	return new Intl.DateTimeFormat(getLocale(), time).format(atMs);
}

/** The host is gone: who goes on without it. */
export function hostAwayWords(view: RoomView): { title: string; hint: string } {
	const { name } = personIn(view, view.host ?? view.me.peer);
	const title = name === '' ? m.host_away_unnamed() : m.host_away({ name });
	if (view.me.powers.length > 0) return { title, hint: m.host_away_you() };
	const names = view.cohosts.map((cohost) => shownName(cohost.name)).join(', ');
	return { title, hint: names === '' ? m.host_away_alone() : m.host_away_cohosts({ names }) };
}

/** What stands on the button. */
export function personActWords(act: PersonAct): string {
	switch (act) {
		case 'invite':
			return m.person_invite();
		case 'lower':
			return m.person_lower();
		case 'mute':
			return m.person_mute();
		case 'unseat':
			return m.person_unseat();
		case 'name-cohost':
			return m.person_name_cohost();
		case 'change-cohost':
			return m.person_change_cohost();
		case 'unname-cohost':
			return m.person_unname_cohost();
		case 'remove':
			return m.person_remove();
		case 'block':
			return m.person_block();
		case 'readmit':
			return m.person_readmit();
	}
}
