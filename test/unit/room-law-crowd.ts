/**
 * Random rooms under the whole law: a host, co-hosts honest and not, members, strangers, and everything they could
 * sign. Events are made without bytes, so that very many rooms can be tried.
 */
import { markVerified } from '#lib/p2p/wire/envelope.ts';
import { SCOPE_ALL, SPEAKERS } from '#lib/p2p/wire/act.ts';
import type { EventBody } from '#lib/p2p/wire/event.ts';
import { headOf, type EventId } from '#lib/p2p/wire/ids.ts';
import type { Dice } from '../sim/dice.ts';
import { pick } from './room-crowd.ts';
import { host, nonce, person, room, type Person, type Signed } from './room-people.ts';

export const COHOSTS = [1, 2, 3].map((number) => person(number));
const MEMBERS = Array.from({ length: 13 }, (_, i) => person(4 + i));
export const STRANGERS = [200, 201, 202].map((number) => person(number));
const noSuchEvent = 'ab'.repeat(16) as EventId;
const EMPTY = new Uint8Array(0);

export interface Place {
	readonly sequence: number;
	readonly lamport: number;
}

/** As it would come out of an envelope, but for the bytes, which the law does not look at. */
export function bareEvent(dice: Dice, author: Person, place: Place, body: EventBody): Signed {
	let id = '';
	while (id.length < 32) {
		id += Math.floor(dice.next() * 2 ** 32)
			.toString(16)
			.padStart(8, '0');
	}
	const { key: authorKey, peer } = author;
	return markVerified({
		...place,
		id: id as EventId,
		author: peer,
		authorKey,
		room,
		body,
		bytes: EMPTY
	});
}

/** A room that has been opened, in which people were invited, seated and named, and then `count` things more. */
export function lawCrowd(dice: Dice, count: number): Signed[] {
	const events: Signed[] = [];
	const sequences = new Map<Person, number>();
	let clock = 0;
	const tell = (author: Person, body: EventBody, lamport = clock + 1, step = 1): Signed => {
		const sequence = Math.max(1, (sequences.get(author) ?? 0) + step);
		sequences.set(author, sequence);
		clock = Math.max(clock, lamport);
		const event = bareEvent(dice, author, { sequence, lamport }, body);
		events.push(event);
		return event;
	};
	tell(host, { kind: 'open', nonce, title: 'T', hostName: 'H', createdAtMs: 1 });
	const seated = Math.floor(dice.next() * 11);
	for (const who of MEMBERS.slice(0, seated)) {
		const invite = tell(host, { kind: 'invite', to: who.peer });
		tell(who, { kind: 'sit', invite: invite.id, name: 'x' });
	}
	for (const who of COHOSTS) if (dice.chance(0.7)) tell(host, certificateFor(dice, who));
	for (let i = 0; i < count; i++) {
		const author = anyone(dice);
		// Sometimes a number is used again, which is cheating, or one is left out, which is not.
		const step = dice.chance(0.05) ? 0 : dice.chance(0.05) ? 2 : 1;
		// Two who act without having heard of each other, and some who lie about the time.
		const lamport = Math.max(1, clock + Math.floor(dice.between(-4, 3)));
		tell(author, bodyBy(dice, author, events), lamport, step);
	}
	return events;
}

function anyone(dice: Dice): Person {
	const roll = dice.next();
	if (roll < 0.3) return host;
	if (roll < 0.55) return pick(dice, COHOSTS);
	return roll < 0.93 ? pick(dice, MEMBERS) : pick(dice, STRANGERS);
}

const certificateFor = (dice: Dice, who: Person): EventBody => ({
	kind: 'name-cohost',
	to: who.peer,
	scope: dice.chance(0.7) ? SCOPE_ALL : Math.floor(dice.next() * (SCOPE_ALL + 1)),
	through: dice.chance(0.7) ? 1_000 : Math.floor(dice.next() * 8),
	untilMs: 0
});

function bodyBy(dice: Dice, author: Person, before: readonly Signed[]): EventBody {
	const moderates = author === host || COHOSTS.includes(author);
	return moderates && dice.chance(0.75)
		? actBody(dice, before)
		: dice.chance(0.1)
			? actBody(dice, before)
			: ownBody(dice, author, before);
}

function idOf(dice: Dice, kind: EventBody['kind'], before: readonly Signed[], own?: Person) {
	const same = before.filter((event) => event.body.kind === kind);
	const mine = same.filter(({ author, body }) =>
		body.kind === 'invite' ? body.to === own?.peer : author === own?.peer
	);
	const from = mine.length > 0 && dice.chance(0.8) ? mine : same;
	return from.length === 0 ? noSuchEvent : pick(dice, from).id;
}

function ownBody(dice: Dice, author: Person, before: readonly Signed[]): EventBody {
	const id = (kind: EventBody['kind']): EventId => idOf(dice, kind, before, author);
	const acts: readonly (() => EventBody)[] = [
		() => ({ kind: 'sit', invite: id('invite'), name: 'x' }),
		() => ({ kind: 'sit', invite: id('invite'), name: 'x' }),
		() => ({ kind: 'sit', invite: author === host ? null : id('invite'), name: 'x' }),
		() => ({ kind: 'stand', sit: id('sit') }),
		() => ({ kind: 'mic', sit: id('sit'), open: dice.chance(0.8) }),
		() => ({ kind: 'mic', sit: id('sit'), open: true }),
		() => ({ kind: 'ask', name: 'x' }),
		() => ({ kind: 'unask' }),
		() => ({ kind: 'decline', invite: id('invite') })
	];
	return pick(dice, acts)();
}

/** Whatever a power could be used for, on whomever. */
export function actBody(dice: Dice, before: readonly Signed[]): EventBody {
	const who = pick(dice, [host, ...COHOSTS, ...MEMBERS, ...STRANGERS]);
	const { peer } = who;
	const hands = before.filter(({ body }) => body.kind === 'ask').map(({ id }) => headOf(id));
	const acts: readonly (() => EventBody)[] = [
		() => ({ kind: 'invite', to: peer }),
		() => ({ kind: 'invite', to: peer }),
		() => ({ kind: 'unseat', sit: idOf(dice, 'sit', before, who) }),
		() => ({ kind: 'remove', who: peer, block: dice.chance(0.3) }),
		() => ({ kind: 'remove', who: peer, block: false }),
		() => ({ kind: 'readmit', who: peer }),
		() => ({ kind: 'mute', sit: idOf(dice, 'sit', before, who) }),
		() => ({ kind: 'mute-all' }),
		() => ({ kind: 'floor', held: dice.chance(0.5) }),
		() => ({ kind: 'lower', who: peer }),
		() => ({ kind: 'clear' }),
		() => ({ kind: 'queue', hands: hands.filter(() => dice.chance(0.7)) }),
		() => ({ kind: 'speakers', who: pick(dice, SPEAKERS) }),
		() => ({ kind: 'pin', text: 'x', link: '' }),
		() => ({ kind: 'unpin', pin: idOf(dice, 'pin', before) }),
		() => ({
			kind: 'settings',
			title: `${Math.floor(dice.next() * 9)}`,
			listed: dice.chance(0.5),
			language: '',
			topics: []
		}),
		() => certificateFor(dice, pick(dice, COHOSTS)),
		() => ({
			kind: 'unname-cohost',
			who: pick(dice, COHOSTS).peer,
			seen: Math.floor(dice.next() * 6)
		}),
		() => (dice.chance(0.1) ? { kind: 'end', words: 'x' } : { kind: 'clear' })
	];
	return pick(dice, acts)();
}
