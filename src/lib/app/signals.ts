/** What calls a person who looks elsewhere, by kind, so that each can be switched off; and whether with a sound. */
import { isRecord } from './json-record.ts';

export const SIGNAL_KINDS = [
	/** The host invites us to speak, in the room that we are in. */
	'stage',
	/** Somebody invites us into a room. */
	'letters',
	/** A room begins of which we wanted to be reminded. */
	'reminders',
	/** What becomes of a recording in which we spoke. */
	'kept'
] as const;
export type SignalKind = (typeof SIGNAL_KINDS)[number];

export interface SignalChoice extends Readonly<Record<SignalKind, boolean>> {
	readonly sound: boolean;
}

const SWITCHES = [...SIGNAL_KINDS, 'sound'] as const;

export const FIRST_SIGNALS: SignalChoice = {
	stage: true,
	letters: true,
	reminders: true,
	kept: true,
	sound: true
};

/** What was kept; what cannot be read of it is on. */
export function readSignals(json: unknown): SignalChoice {
	const given = isRecord(json) ? json : {};
	return Object.fromEntries(SWITCHES.map((name) => [name, given[name] !== false])) as Record<
		(typeof SWITCHES)[number],
		boolean
	>;
}
