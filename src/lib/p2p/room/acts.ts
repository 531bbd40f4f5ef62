/** Which events are acts, what power each takes, and which of them give or take a right away. */
import { isActKind, type ActBody, type Power } from '../wire/act.ts';
import type { BodyOf, EventKind, RoomEvent } from '../wire/event.ts';

/** Everything that somebody with a power decides: the kinds of `act.ts`, and two that are older. */
export type ActEvent = RoomEvent & {
	readonly body: ActBody | BodyOf<'invite'> | BodyOf<'unseat'>;
};
export type AnyActKind = ActEvent['body']['kind'];

export function isAct(event: RoomEvent): event is ActEvent {
	const { kind } = event.body;
	return kind === 'invite' || kind === 'unseat' || isActKind(kind);
}

/** The power an act of this kind takes; `host` where nobody but the host has it. */
export function powerOver(kind: AnyActKind): Power | 'host' {
	switch (kind) {
		case 'invite':
		case 'unseat':
		case 'speakers':
		case 'lower':
		case 'clear':
		case 'queue':
			return 'stage';
		case 'mute':
		case 'mute-all':
		case 'floor':
			return 'sound';
		case 'remove':
		case 'readmit':
		case 'lock':
		case 'door':
			return 'people';
		case 'pin':
		case 'unpin':
		case 'settings':
		case 'captions':
		case 'chat':
			return 'room';
		case 'name-cohost':
		case 'unname-cohost':
		case 'recording':
		case 'end':
			return 'host';
	}
}

/** What takes a right away wins ties, and counts even where its author cheated with it. */
export function takesAway({ body }: ActEvent): boolean {
	switch (body.kind) {
		case 'unseat':
		case 'unname-cohost':
		case 'lower':
		case 'clear':
		case 'mute':
		case 'mute-all':
		case 'remove':
		case 'unpin':
		case 'lock':
		case 'end':
			return true;
		case 'floor':
			return body.held;
		case 'door':
			return body.closed;
		case 'captions':
		case 'chat':
			return !body.on;
		case 'invite':
		case 'name-cohost':
		case 'speakers':
		case 'queue':
		case 'readmit':
		case 'pin':
		case 'settings':
		case 'recording':
			return false;
	}
}

/**
 * Kinds that say how things are just now: an author's newest word stands in the place of its earlier ones, also
 * where it does not count. All others are lasting: others may have built on them, and they are kept.
 */
const PASSING: ReadonlySet<EventKind> = new Set<EventKind>([
	'ask',
	'unask',
	'mic',
	'speakers',
	'clear',
	'queue',
	'mute-all',
	'settings',
	'door',
	'captions',
	'chat',
	'recording',
	'consent'
]);

export function isLasting(event: RoomEvent): boolean {
	return !PASSING.has(event.body.kind);
}

/** Passing events with the same key are words of one author on one matter: only the newest counts. */
export function matterOf(event: RoomEvent): string {
	const { kind } = event.body;
	return `${kind === 'ask' || kind === 'unask' ? 'hand' : kind} ${event.author}`;
}
