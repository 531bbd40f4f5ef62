/** What the room says of itself: settings, who may speak, pins, its end, and who did what. */
import { SPEAKERS, type Settings, type Speakers } from '../wire/act.ts';
import { isKind } from '../wire/event.ts';
import type { PeerId } from '../wire/ids.ts';
import { DEEDS_MAX, PINS_MAX } from '../wire/limits.ts';
import type { ActEvent } from './acts.ts';
import type { Authorised } from './authority.ts';
import type { Deed, Ending, Pin } from './state.ts';

/** The latest word counts; the host's, where two are of one time. */
export function settingsOf({ acts, opened }: Authorised): Settings {
	let settings: Settings = { title: opened.title, listed: false, language: '', topics: [] };
	let latest = 0;
	for (const { author, lamport, body } of acts) {
		if (body.kind !== 'settings') continue;
		if (lamport === latest && author !== opened.host) continue;
		const { title, listed, language, topics } = body;
		settings = { title: title === '' ? opened.title : title, listed, language, topics };
		latest = lamport;
	}
	return settings;
}

/** The latest word; the narrower, where two are of one time. */
export function speakersOf({ acts }: Authorised): Speakers {
	let who: Speakers = 'invited';
	let latest = 0;
	for (const { lamport, body } of acts) {
		if (body.kind !== 'speakers') continue;
		const narrower = SPEAKERS.indexOf(body.who) <= SPEAKERS.indexOf(who);
		if (lamport > latest || narrower) who = body.who;
		latest = lamport;
	}
	return who;
}

export const captionsOf = (room: Authorised): boolean => isWanted(room, 'captions', false);

/** A room begins with its chat on. */
export const chatOf = (room: Authorised): boolean => isWanted(room, 'chat', true);

/** The latest word; where two are of one time, it is not wanted. */
function isWanted({ acts }: Authorised, what: 'captions' | 'chat', atFirst: boolean): boolean {
	let on = atFirst;
	let latest = 0;
	for (const { lamport, body } of acts) {
		if (body.kind !== what) continue;
		on = body.on && (lamport > latest || on);
		latest = lamport;
	}
	return on;
}

/** An `unpin` names what it takes down, and so needs no order. */
export function pinsOf({ acts }: Authorised): Pin[] {
	const down = new Set(acts.flatMap(({ body }) => (body.kind === 'unpin' ? [body.pin] : [])));
	const pins = acts.flatMap(({ id, author, lamport, body }): Pin[] => {
		if (body.kind !== 'pin' || down.has(id)) return [];
		return [{ id, by: author, text: body.text, link: body.link, lamport }];
	});
	return pins.slice(-PINS_MAX);
}

/** The first, should the host have said it twice. */
export function endingOf({ acts }: Authorised): Ending | null {
	const end = acts.find((act) => isKind(act, 'end'));
	return end?.body.kind === 'end' ? { words: end.body.words, event: end.id } : null;
}

export function deedsOf(room: Authorised): Deed[] {
	const told = room.acts.flatMap((act): Deed[] => {
		const { id, author: by, lamport, body } = act;
		if (body.kind === 'queue') return [];
		// That a new key was made for it stands in the removal itself.
		if (body.kind === 'lock' && body.epoch > 1) return [];
		const on = isOn(act);
		return [{ id, by, what: body.kind, whom: whomOf(room, act), on, lamport }];
	});
	return told.slice(-DEEDS_MAX);
}

function isOn({ body }: ActEvent): boolean {
	if (body.kind === 'floor') return body.held;
	if (body.kind === 'door') return body.closed;
	if (body.kind === 'captions' || body.kind === 'chat') return body.on;
	if (body.kind === 'recording') return body.state === 'on';
	return body.kind === 'remove' && body.block;
}

function whomOf(room: Authorised, { body }: ActEvent): PeerId | null {
	switch (body.kind) {
		case 'invite':
		case 'name-cohost':
			return body.to;
		case 'unname-cohost':
		case 'lower':
		case 'remove':
		case 'readmit':
			return body.who;
		case 'unseat':
		case 'mute':
			return room.byId.get(body.sit)?.author ?? null;
		case 'speakers':
		case 'clear':
		case 'queue':
		case 'mute-all':
		case 'floor':
		case 'pin':
		case 'unpin':
		case 'settings':
		case 'lock':
		case 'door':
		case 'captions':
		case 'chat':
		case 'recording':
		case 'end':
			return null;
	}
}
