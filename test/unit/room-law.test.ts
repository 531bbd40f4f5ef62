/** The law of the room over thousands of random rooms. A failure names its seed. */
import { describe, expect, it } from 'vitest';
import { isLasting } from '#lib/p2p/room/acts.ts';
import { fold, type RoomState } from '#lib/p2p/room/fold.ts';
import { createLog, type RoomLog } from '#lib/p2p/room/log.ts';
import { SCOPE_ALL } from '#lib/p2p/wire/act.ts';
import type { EventBody } from '#lib/p2p/wire/event.ts';
import { SEATS_MAX } from '#lib/p2p/wire/limits.ts';
import { Dice } from '../sim/dice.ts';
import { actBody, bareEvent, COHOSTS, lawCrowd, STRANGERS } from './room-law-crowd.ts';
import { pick, shuffled } from './room-crowd.ts';
import { host, nonce, person, room, type Person, type Signed } from './room-people.ts';

const SEEDS = 10_000;
/** Orders and losses are tried most: that is where peers would part ways. */
const SEEDS_OTHERWISE = 4_000;
const EVENTS = 20;
/** A busy machine takes many times as long as an idle one. */
const PATIENCE = { timeout: 240_000 };

/** Fails with the seed; `expect` in every one of so many rooms would cost more than the rooms. */
function hold(is: boolean, seed: number, what: string): void {
	if (!is) expect.fail(`seed ${seed}: ${what}`);
}

function forSeeds(seeds: number, check: (seed: number, dice: Dice) => void): void {
	for (let seed = 0; seed < seeds; seed++) check(seed, new Dice(seed));
}

/** Each gives the other what it lacks, as neighbours do, until neither has anything new to say. */
function repair(logs: readonly RoomLog[]): void {
	for (let round = 0; round < 3; round++) {
		for (const from of logs) {
			for (const to of logs) {
				const lacking = new Set(to.missingFrom(from.ids()));
				if (lacking.size === 0) continue;
				for (const event of from.all()) if (lacking.has(event.id)) to.add(event);
			}
		}
	}
}

describe('the law of the room', PATIENCE, () => {
	it('comes to the same at every peer, in any order, with repetition, after loss and repair', () => {
		forSeeds(SEEDS, (seed, dice) => {
			const events = lawCrowd(dice, EVENTS);
			const { digest } = fold(room, events);
			const again = [...events, ...events.filter(() => dice.chance(0.3))];
			hold(fold(room, shuffled(dice, again)).digest === digest, seed, 'order matters');
			const logs = [createLog(room), createLog(room)];
			for (const event of shuffled(dice, events)) {
				// Each is heard by one at least, at whatever time; the other may lose it.
				const sure = pick(dice, logs);
				for (const log of logs) if (log === sure || dice.chance(0.5)) log.add(event);
			}
			repair(logs);
			for (const log of logs) {
				hold(log.state.digest === digest, seed, 'a log comes to another room');
				hold(log.summary().xor === logs[0]?.summary().xor, seed, 'logs differ');
			}
		});
	});

	it('gives nobody a say who has none', () => {
		forSeeds(SEEDS_OTHERWISE, (seed, dice) => {
			const events = lawCrowd(dice, EVENTS);
			const { digest } = fold(room, events);
			const attempts = Array.from({ length: 8 }, () => {
				const place = {
					sequence: 100 + Math.floor(dice.next() * 9),
					lamport: 2 + Math.floor(dice.next() * 60)
				};
				return bareEvent(dice, pick(dice, STRANGERS), place, actBody(dice, events));
			});
			const log = createLog(room);
			for (const event of shuffled(dice, [...events, ...attempts])) log.add(event);
			hold(fold(room, [...attempts, ...events]).digest === digest, seed, 'a stranger is heard');
			hold(log.state.digest === digest, seed, 'a stranger is heard by the log');
			hold(
				attempts.every(({ id }) => log.get(id) === undefined),
				seed,
				'a stranger is kept'
			);
		});
	});

	it('gives nobody a say beyond what the certificate covers', () => {
		forSeeds(SEEDS_OTHERWISE, (seed, dice) => {
			const events = lawCrowd(dice, EVENTS);
			const { digest } = fold(room, events);
			const attempts = Array.from({ length: 6 }, (_, i) => {
				// Certificates here go up to 1,000, and nobody gets so far.
				const place = { sequence: 5_000 + i, lamport: 2 + Math.floor(dice.next() * 60) };
				return bareEvent(dice, pick(dice, COHOSTS), place, actBody(dice, events));
			}).filter((event) => isLasting(event) && event.body.kind !== 'invite');
			const is = fold(room, [...attempts, ...events]).digest === digest;
			hold(is, seed, 'a co-host is heard whose certificate is used up');
		});
	});

	it('is taken in whole by a newcomer who is fed in the order of a log', () => {
		forSeeds(SEEDS_OTHERWISE, (seed, dice) => {
			const log = createLog(room);
			for (const event of shuffled(dice, lawCrowd(dice, EVENTS))) log.add(event);
			const newcomer = createLog(room);
			const taken = log.all().every((event) => newcomer.add(event) === 'added');
			hold(taken, seed, 'something is refused');
			hold(newcomer.summary().xor === log.summary().xor, seed, 'logs differ');
		});
	});

	it('holds what it promises of seats, of those who are out, and of the host', () => {
		forSeeds(SEEDS_OTHERWISE, (seed, dice) => {
			const events = lawCrowd(dice, EVENTS + 10);
			for (const [what, is] of promisesOf(fold(room, events), events)) hold(is, seed, what);
		});
	});

	it('seats no twelfth, and nobody twice, when a room that was parted comes together', () => {
		forSeeds(2_000, (seed, dice) => {
			const { before, sides } = partedRoom(dice);
			const seated = sides.map((side) => fold(room, [...before, ...side]));
			const both = [...before, ...sides.flat()];
			const together = fold(room, both);
			hold(seated.every(seatsAreFew) && seatsAreFew(together), seed, 'too many');
			hold(fold(room, shuffled(dice, both)).digest === together.digest, seed, 'order matters');
			const apart = new Set(seated.flatMap(({ seats }) => seats.map(({ peer }) => peer)));
			const here = new Set(together.seats.map(({ peer }) => peer));
			const sat = fold(room, before).seats;
			hold(
				sat.every(({ peer }) => here.has(peer)),
				seed,
				'who sat before is not there'
			);
			hold(here.size === Math.min(SEATS_MAX, apart.size), seed, 'a seat is empty');
			const refused = new Set(together.refusals.values());
			hold(apart.size <= SEATS_MAX || refused.has('stage-full'), seed, 'nobody is told');
		});
	});
});

/**
 * A room that falls apart: on one side the host lets people up until the stage is full, on the other a co-host does;
 * neither side hears of the other.
 */
function partedRoom(dice: Dice): {
	readonly before: readonly Signed[];
	readonly sides: readonly (readonly Signed[])[];
} {
	const cohost = person(1);
	const sequences = new Map<Person, number>();
	const teller = (start: number): { tell: Tell; events: Signed[] } => {
		const events: Signed[] = [];
		let clock = start;
		const tell: Tell = (author, body) => {
			const sequence = (sequences.get(author) ?? 0) + 1;
			sequences.set(author, sequence);
			// Ticks of the two sides meet, pass each other, and tie.
			clock += dice.chance(0.7) ? 1 : 2;
			const event = bareEvent(dice, author, { sequence, lamport: clock }, body);
			events.push(event);
			return event;
		};
		return { tell, events };
	};
	const sitDown = (tell: Tell, chair: Person, who: Person): void => {
		const invite = tell(chair, { kind: 'invite', to: who.peer });
		tell(who, { kind: 'sit', invite: invite.id, name: 'x' });
	};
	const opened = { kind: 'open', nonce, title: 'T', hostName: 'H', createdAtMs: 1 } as const;
	const opening = bareEvent(dice, host, { sequence: 1, lamport: 1 }, opened);
	sequences.set(host, 1);
	const begin = teller(1);
	begin.tell(host, { kind: 'sit', invite: null, name: 'H' });
	begin.tell(host, {
		kind: 'name-cohost',
		to: cohost.peer,
		scope: SCOPE_ALL,
		through: 999,
		untilMs: 0
	});
	const seated = Math.floor(dice.next() * SEATS_MAX);
	for (let i = 0; i < seated; i++) sitDown(begin.tell, host, person(10 + i));
	const sides = [host, cohost].map((chair, side) => {
		const half = teller(begin.events.at(-1)?.lamport ?? 1);
		const more = Math.floor(dice.next() * (SEATS_MAX - seated));
		for (let i = 0; i < more; i++) sitDown(half.tell, chair, person(40 + 20 * side + i));
		return half.events;
	});
	return { before: [opening, ...begin.events], sides };
}

type Tell = (author: Person, body: EventBody) => Signed;

function seatsAreFew({ seats }: RoomState): boolean {
	const people = new Set(seats.map(({ peer }) => peer));
	const others = seats.filter(({ role }) => role === 'speaker');
	return people.size === seats.length && others.length <= SEATS_MAX - 1;
}

function promisesOf(
	state: RoomState,
	events: readonly Signed[]
): readonly (readonly [string, boolean])[] {
	const out = new Set(state.removed.map(({ peer }) => peer));
	const named = new Set(
		events.flatMap(({ author, body }) =>
			author === host.peer && body.kind === 'name-cohost' ? [body.to] : []
		)
	);
	const moderates = (peer: (typeof host)['peer']): boolean => peer === host.peer || named.has(peer);
	const isOver = state.ended !== null;
	return [
		['there are too many seats', seatsAreFew(state)],
		['who is out sits', !state.seats.some(({ peer }) => out.has(peer))],
		['who is out has a hand up', !state.hands.some(({ peer }) => out.has(peer))],
		['who is out is invited', !state.invitations.some(({ to }) => out.has(to))],
		['the host is out', !out.has(host.peer)],
		['somebody without a name did it', state.deeds.every(({ by }) => moderates(by))],
		['a co-host was never named', state.cohosts.every(({ peer }) => named.has(peer))],
		['a co-host put another out', state.cohosts.every(({ peer }) => isOver || !out.has(peer))],
		['something goes on in a room that is over', !isOver || state.seats.length === 0]
	];
}
