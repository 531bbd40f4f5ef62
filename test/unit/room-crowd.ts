/** Random rooms for property tests: honest members, cheats with an invitation, and strangers who try everything. */
import type { EventBody } from '#lib/p2p/wire/event.ts';
import type { EventId } from '#lib/p2p/wire/ids.ts';
import { Dice } from '../sim/dice.ts';
import {
	eventBy,
	host,
	openBody,
	opening,
	otherRoom,
	person,
	story,
	type Person,
	type Signed,
	type Story
} from './room-people.ts';

const MEMBERS = 16;
const NAMES = ['Ann', 'Bob', ''];
const noSuchEvent = 'ab'.repeat(16) as EventId;

export function pick<T>(dice: Dice, from: readonly T[]): T {
	const picked = from[Math.floor(dice.next() * from.length)];
	if (picked === undefined) throw new Error('Nothing to pick from.');
	return picked;
}

export function shuffled<T>(dice: Dice, items: readonly T[]): T[] {
	const left = [...items];
	const out: T[] = [];
	while (left.length > 0) out.push(...left.splice(Math.floor(dice.next() * left.length), 1));
	return out;
}

/**
 * Events that could come over the wire in one room: mostly sensible, all of them well formed. Every other
 * room has a crowded stage to begin with, for which the rest then compete.
 */
export function crowd(seed: number, count: number): Signed[] {
	const dice = new Dice(seed);
	const { events, sequences } = seed % 2 === 0 ? begun(0) : begun(8 + (seed % 3));
	const start = events.length;
	for (let i = 0; i < count; i++) {
		const author = dice.chance(0.35) ? host : person(1 + Math.floor(dice.next() * MEMBERS));
		// Sometimes a number is used again, which is cheating, or one is left out, which is not.
		const step = dice.chance(0.04) ? 0 : dice.chance(0.05) ? 2 : 1;
		const sequence = Math.max(1, (sequences.get(author.peer) ?? 0) + step);
		sequences.set(author.peer, sequence);
		const lamport = Math.max(1, start + i + Math.floor(dice.between(-6, 3)));
		const room = dice.chance(0.02) ? { room: otherRoom } : {};
		events.push(eventBy(author, { sequence, lamport, ...room }, bodyOf(dice, author, events)));
	}
	return dice.chance(0.05) ? events.filter(({ id }) => id !== opening.id) : events;
}

function begun(seated: number): Story {
	const told = story();
	for (let number = 1; number <= seated; number++) told.seat(person(number));
	for (let number = seated + 1; seated > 0 && number <= MEMBERS; number++)
		told.invite(person(number));
	return told;
}

function bodyOf(dice: Dice, author: Person, before: readonly Signed[]): EventBody {
	const name = pick(dice, NAMES);
	const idOf = (kind: EventBody['kind']): EventId => {
		const sameKind = before.filter((event) => event.body.kind === kind);
		const own = sameKind.filter(({ body, author: by }) =>
			body.kind === 'invite' ? body.to === author.peer : by === author.peer
		);
		const fitting = own.length > 0 && dice.chance(0.8) ? own : sameKind;
		return fitting.length === 0 ? noSuchEvent : pick(dice, fitting).id;
	};
	const acts: readonly (() => EventBody)[] = [
		...Array.from({ length: 4 }, () => (): EventBody => ({
			kind: 'sit',
			invite: idOf('invite'),
			name
		})),
		() => ({ kind: 'sit', invite: null, name }),
		() => ({ kind: 'stand', sit: idOf('sit') }),
		() => ({ kind: 'mic', sit: idOf('sit'), open: dice.chance(0.5) }),
		() => ({ kind: 'ask', name }),
		() => ({ kind: 'unask' }),
		() => ({ kind: 'decline', invite: idOf('invite') }),
		() => ({ kind: 'unseat', sit: idOf('sit') }),
		() => ({ ...openBody, title: name, hostName: name })
	];
	const to = person(1 + Math.floor(dice.next() * MEMBERS)).peer;
	const inviting = dice.chance(author === host ? 0.7 : 0.05);
	return inviting ? { kind: 'invite', to } : pick(dice, acts)();
}
