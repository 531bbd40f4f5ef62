/** Reasons, put into the reader's language. */
import type { Giving, GivingReason } from '#lib/app/giving.ts';
import type { MicrophoneProblem } from '#lib/app/session.ts';
import type { SoundNews } from '#lib/app/sound/sound-news.ts';
import type { NameProblem } from '#lib/app/state/name-form.svelte.ts';
import type { StartProblem, WhenProblem } from '#lib/app/state/start-form.svelte.ts';
import type { Feedback } from '#lib/p2p/voice/feedback.ts';
import type { Refusal } from '#lib/p2p/peer/view.ts';
import { SEATS_MAX } from '#lib/p2p/wire/limits.ts';
import type { RoomKeyProblem } from '#lib/p2p/wire/room-key.ts';
import * as m from '#lib/paraglide/messages.js';

/** A name as shown: people may have none yet. */
export function shownName(name: string): string {
	return name === '' ? m.name_unknown() : name;
}

export function keyWords(problem: RoomKeyProblem): string {
	switch (problem.reason) {
		case 'empty':
			return m.key_empty();
		case 'bad-letter':
			return m.key_bad_letter({ letter: problem.letter, place: problem.place });
		case 'too-short':
			return m.key_too_short({ count: problem.missing });
		case 'too-long':
			return m.key_too_long({ count: problem.extra });
		case 'checksum':
			return m.key_checksum();
		case 'newer-version':
			return m.key_newer_version();
		case 'foreign':
			return foreignWords(problem.looksLike);
	}
}

function foreignWords(looksLike: 'peer-id' | 'link' | 'text'): string {
	switch (looksLike) {
		case 'peer-id':
			return m.key_foreign_peer();
		case 'link':
			return m.key_foreign_link();
		case 'text':
			return m.key_foreign_text();
	}
}

export function startWords(problem: StartProblem): string {
	switch (problem) {
		case 'empty':
			return m.text_empty_title();
		case 'too-long':
			return m.text_too_long();
		case 'failed':
			return m.home_open_failed();
	}
}

export function whenProblemWords(problem: WhenProblem): string {
	switch (problem) {
		case 'no-time':
			return m.start_when_missing();
		case 'past':
			return m.start_when_past();
		case 'too-far':
			return m.start_when_far();
		case 'too-many':
			return m.start_too_many();
	}
}

export function nameWords(problem: NameProblem): string {
	switch (problem) {
		case 'empty':
			return m.text_empty_name();
		case 'too-long':
			return m.text_too_long();
		case 'failed':
			return m.home_name_failed();
	}
}

export function refusalWords(refusal: Refusal): string {
	switch (refusal) {
		case 'stage-full':
			return m.refusal_stage_full({ max: SEATS_MAX });
		case 'not-invited':
			return m.refusal_not_invited();
		case 'not-host':
			return m.refusal_not_host();
		case 'no-power':
			return m.refusal_no_power();
		case 'expired':
			return m.refusal_expired();
		case 'outranked':
			return m.refusal_outranked();
		case 'floor-held':
			return m.refusal_floor_held();
		case 'removed':
			return m.refusal_removed();
		case 'not-removed':
			return m.refusal_not_removed();
		case 'no-cohost':
			return m.refusal_no_cohost();
		case 'cohosts-full':
			return m.refusal_cohosts_full();
		case 'no-hand':
			return m.refusal_no_hand();
		case 'no-pin':
			return m.refusal_no_pin();
		case 'pins-full':
			return m.refusal_pins_full();
		case 'not-locked':
			return m.refusal_not_locked();
		case 'locked':
			return m.refusal_locked();
		case 'no-key':
			return m.refusal_no_key();
		case 'empty':
			return m.refusal_empty();
		case 'no-chat':
			return m.refusal_no_chat();
		case 'too-fast':
			return m.refusal_too_fast();
		case 'ended':
			return m.refusal_ended();
		case 'already-on-stage':
			return m.refusal_already_on_stage();
		case 'not-on-stage':
			return m.refusal_not_on_stage();
		case 'not-joined':
			return m.refusal_not_joined();
		case 'log-full':
			return m.refusal_log_full();
	}
}

/** What is wrong with the microphone, and what to do about it. */
export function microphoneWords(problem: MicrophoneProblem): { title: string; hint: string } {
	switch (problem) {
		case 'refused':
			return { title: m.mic_refused(), hint: m.mic_refused_hint() };
		case 'missing':
			return { title: m.mic_missing(), hint: m.mic_missing_hint() };
		case 'in-use':
			return { title: m.mic_in_use(), hint: m.mic_in_use_hint() };
		case 'taken-away':
			return { title: m.mic_taken_away(), hint: m.mic_taken_away_hint() };
		case 'unsupported':
			return { title: m.mic_unsupported(), hint: m.mic_unsupported_hint() };
	}
}

/** What we play comes back in at our microphone. */
export const feedbackWords = (feedback: Feedback): string =>
	feedback === 'howl' ? m.feedback_howl() : m.feedback_echo();

/** Another device than the one that was chosen. */
export function soundNewsWords({ type, label }: SoundNews): string {
	switch (type) {
		case 'microphone-instead':
			return label === '' ? m.mic_instead() : m.mic_instead_named({ name: label });
		case 'speaker-instead':
			return label === '' ? m.speaker_instead() : m.speaker_instead_named({ name: label });
	}
}

/** How much we give, and why. */
export function givingWords({ children, reason }: Giving): string {
	const what = children === 0 ? m.giving_none() : m.giving_up_to({ count: children });
	return m.giving_because({ what, why: givingReasonWords(reason) });
}

function givingReasonWords(reason: GivingReason): string {
	switch (reason) {
		case 'address':
			return m.giving_why_address();
		case 'chosen':
		case 'only-listen':
			return m.giving_why_chosen();
		case 'automatic':
			return m.giving_why_automatic();
		case 'on-stage':
			return m.giving_why_on_stage();
		case 'data-saver':
			return m.giving_why_data_saver();
		case 'metered':
			return m.giving_why_metered();
		case 'slow-network':
			return m.giving_why_slow_network();
		case 'battery-empty':
			return m.giving_why_battery_empty();
		case 'battery-low':
			return m.giving_why_battery_low();
		case 'hidden':
			return m.giving_why_hidden();
		case 'uplink':
			return m.giving_why_uplink();
		case 'settling':
			return m.giving_why_settling();
	}
}
