/** Recording, put into the reader's language. */
import type { RecorderProblem, RecorderStatus } from '#lib/app/engine/recorder.ts';
import type { Told } from '#lib/app/people/keep-box.ts';
import type { Persistence } from '#lib/app/recordings/shelf.ts';
import type { RoomView } from '#lib/p2p/peer/view.ts';
import type { Consent } from '#lib/p2p/wire/recording.ts';
import * as m from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { shownName } from '../words.ts';

/** For everybody in the room. */
export function recordingWords({ state, kept }: RoomView['recording']): string {
	if (state === 'off') return '';
	const what = state === 'on' ? m.recording_on() : m.recording_paused();
	return kept ? `${what} ${m.recording_kept()}` : what;
}

/** What was agreed to, as said to whom it is about. */
export function consentWords(consent: Consent): string {
	switch (consent) {
		case 'sound':
			return m.consent_is_sound();
		case 'captions':
			return m.consent_is_captions();
		case 'none':
			return m.consent_is_none();
	}
}

/** The same of somebody else; null: no answer yet. */
export function theirConsentWords(consent: Consent | null): string {
	switch (consent) {
		case null:
			return m.consent_their_unanswered();
		case 'sound':
			return m.consent_their_sound();
		case 'captions':
			return m.consent_their_captions();
		case 'none':
			return m.consent_their_none();
	}
}

/** What the host should know of a recording, and can do about it; null: nothing. */
export function recorderTroubleWords(
	recorder: RecorderStatus | null
): { readonly title: string; readonly hint: string } | null {
	if (recorder?.problem) {
		return { title: m.recorder_stopped(), hint: recorderProblemWords(recorder.problem) };
	}
	return recorder?.low ? { title: m.recorder_low(), hint: m.recorder_low_hint() } : null;
}

function recorderProblemWords(problem: RecorderProblem): string {
	switch (problem) {
		case 'full':
			return m.recorder_full();
		case 'failed':
			return m.recorder_failed();
		case 'unsupported':
			return m.recorder_unsupported();
	}
}

export function persistenceWords(persistence: Persistence): string {
	switch (persistence) {
		case 'granted':
			return m.persistence_granted();
		case 'denied':
			return m.persistence_denied();
		case 'unknown':
			return m.persistence_unknown();
	}
}

/** Who knows that it is kept, or that it is not after all, and who does not yet: a sentence each. */
export function toldWords(told: readonly Told[]): string[] {
	const list = new Intl.ListFormat(getLocale());
	const names = (which: (one: Told) => boolean): string =>
		list.format(told.filter(which).map(({ name }) => shownName(name)));
	const those = {
		told: names(({ kept, state }) => kept && state === 'told'),
		waiting: names(({ kept, state }) => kept && state === 'waiting'),
		refused: names(({ kept, state }) => kept && state === 'refused'),
		untold: names(({ kept, state }) => !kept && state === 'waiting')
	};
	return [
		those.told && m.recordings_told({ names: those.told }),
		those.waiting && m.recordings_told_waiting({ names: those.waiting }),
		those.refused && m.recordings_told_refused({ names: those.refused }),
		those.untold && m.recordings_untold_waiting({ names: those.untold })
	].filter((words) => words !== '');
}

const MEGABYTE = 1_000_000;
const GIGABYTE = 1_000_000_000;

export function sizeWords(bytes: number): string {
	const large = bytes >= GIGABYTE;
	const unit = large ? 'gigabyte' : 'megabyte';
	const value = bytes / (large ? GIGABYTE : MEGABYTE);
	const digits = { maximumFractionDigits: value < 10 ? 1 : 0 };
	return new Intl.NumberFormat(getLocale(), { style: 'unit', unit, ...digits }).format(value);
}

/** Hours, minutes and seconds, as clocks of players show them. */
export function lengthWords(forMs: number): string {
	const seconds = Math.floor(forMs / 1_000);
	const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
	const shown = parts[0] === 0 ? parts.slice(1) : parts;
	return shown.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

export const dayWords = (atMs: number): string =>
	new Intl.DateTimeFormat(getLocale(), { dateStyle: 'long' }).format(atMs);

export const dateWords = (atMs: number): string =>
	new Intl.DateTimeFormat(getLocale(), { dateStyle: 'medium', timeStyle: 'short' }).format(atMs);
