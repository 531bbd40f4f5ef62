/** Word of better places, and what it saves: looks for backups at places of which nothing is known. */
import { describe, expect, it } from 'vitest';
import {
	BETTER_BY_MS,
	HANDOVER_MS,
	OFFERS_AGAIN_MS,
	OFFERS_EVERY_MS,
	ROTATE_MAX_MS,
	SPOT_ERROR_MAX
} from '#lib/p2p/tree/timing.ts';
import type { TreeMessage, TreeOutput } from '#lib/p2p/tree/tree.ts';
import type { Contact, Spot } from '#lib/p2p/wire/contact.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { UNCOUNTED } from '#lib/p2p/wire/packet.ts';
import {
	contact,
	HOST,
	listener,
	ofType,
	peer,
	plantAmongBackups,
	standsBy,
	type TreeRig
} from './tree-rig.ts';

const CHILD = peer(7);
const PLACE = 9;
const ALIVE = [HOST, CHILD];
const HERE: Spot = { x: 0, y: 0, height: 5, error: 0.1 };
const OUR_DELAY_MS = 100;
const CHILD_RTT_MS = 40;
/** Sound takes that long to the child by us. */
const BY_US_MS = OUR_DELAY_MS + CHILD_RTT_MS / 2;

const placesAt = (spot: Spot, free = 1): TreeMessage => ({
	type: 'places',
	fanout: 2,
	free,
	floors: 0,
	most: 0,
	spot
});

/** By which the sound comes after `promiseMs` to somebody in the same spot. */
const offerOf = (number: number, promiseMs: number, error = 0.1): Contact => ({
	...contact(number),
	offer: { spot: { ...HERE, error }, delayMs: promiseMs - 2 * HERE.height, ageS: 0, branch: 77 }
});
const offers = (...candidates: readonly Contact[]): TreeMessage => ({ type: 'offers', candidates });

/** Hears `from`, whose answer to our heartbeat took `rttMs`. */
function echo(rig: TreeRig, from: PeerId, rttMs: number): void {
	const heartbeat = { stampMs: 1, echoMs: rig.nowMs - rttMs, heldMs: 0, ...UNCOUNTED };
	rig.feed({ type: 'heard', from, heartbeat });
}

/** Below the host, with a child that knows where it is. */
function parentOfOne(): TreeRig {
	const rig = listener(2);
	rig.adopt(CHILD);
	rig.say(HOST, { type: 'delay', delayMs: OUR_DELAY_MS });
	rig.say(CHILD, placesAt(HERE, 0));
	echo(rig, CHILD, CHILD_RTT_MS);
	return rig;
}

/** Whom the child was told of. */
function told(out: readonly TreeOutput[], to = CHILD): PeerId[] {
	const sent = ofType(out, 'send').filter((output) => output.to === to);
	return sent.flatMap(({ message }) =>
		message.type === 'offers' ? message.candidates.map((one) => one.peer) : []
	);
}

describe('a child', () => {
	it('is told of a place that promises clearly more than we give, once', () => {
		const rig = parentOfOne();
		rig.say(HOST, offers(offerOf(PLACE, BY_US_MS - BETTER_BY_MS - 1)));
		expect(told(rig.wait(OFFERS_EVERY_MS, ALIVE))).toEqual([peer(PLACE)]);
		expect(told(rig.wait(5 * OFFERS_EVERY_MS, ALIVE))).toEqual([]);
	});

	it('is told again where it is still free long after', () => {
		const rig = parentOfOne();
		const word = (): void => {
			rig.say(HOST, offers(offerOf(PLACE, BY_US_MS - BETTER_BY_MS - 1)));
		};
		word();
		rig.wait(OFFERS_EVERY_MS, ALIVE);
		rig.wait(OFFERS_AGAIN_MS - OFFERS_EVERY_MS, ALIVE);
		word();
		expect(told(rig.wait(OFFERS_EVERY_MS, ALIVE))).toEqual([]);
		rig.wait(OFFERS_EVERY_MS, ALIVE);
		word();
		expect(told(rig.wait(OFFERS_EVERY_MS, ALIVE))).toEqual([peer(PLACE)]);
	});

	it('is told of it though four that are nearer do not know where they are', () => {
		const rig = parentOfOne();
		const unsure = [20, 21, 22, 23].map((number) => offerOf(number, 10, SPOT_ERROR_MAX + 0.01));
		rig.say(HOST, offers(...unsure, offerOf(PLACE, BY_US_MS - BETTER_BY_MS - 1)));
		expect(told(rig.wait(OFFERS_EVERY_MS, ALIVE))).toEqual([peer(PLACE)]);
	});

	it('is told of none that another child made up', () => {
		const rig = parentOfOne();
		rig.adopt(peer(8));
		rig.say(peer(8), offers(offerOf(PLACE, 10)));
		expect(told(rig.wait(2 * OFFERS_EVERY_MS, [...ALIVE, peer(8)]))).toEqual([]);
	});

	it('is told of none while we have no source ourselves', () => {
		const rig = parentOfOne();
		rig.say(HOST, { type: 'path', path: [], delayMs: OUR_DELAY_MS });
		rig.say(HOST, offers(offerOf(PLACE, 10)));
		expect(told(rig.wait(OFFERS_EVERY_MS, ALIVE))).toEqual([]);
	});

	it.each([
		['that is hardly better', offerOf(PLACE, BY_US_MS - BETTER_BY_MS + 1)],
		['that does not know where it is', offerOf(PLACE, 0, SPOT_ERROR_MAX + 0.01)],
		['that is the child itself', offerOf(7, 0)]
	])('is not told of one %s', (_, place) => {
		const rig = parentOfOne();
		rig.say(HOST, offers(place));
		expect(told(rig.wait(2 * OFFERS_EVERY_MS, ALIVE))).toEqual([]);
	});

	it('is not told while nobody knows where it is, nor once it has been asked to go', () => {
		const lost = parentOfOne();
		lost.say(CHILD, placesAt({ ...HERE, error: 1 }, 0));
		const going = parentOfOne();
		going.feed({ type: 'fanout', children: 0 });
		for (const rig of [lost, going]) {
			rig.say(HOST, offers(offerOf(PLACE, 10)));
			expect(told(rig.wait(HANDOVER_MS - 100, ALIVE))).toEqual([]);
		}
	});

	it('that we only stand by for is told nothing: it has a parent, by whose reckoning it goes', () => {
		const rig = parentOfOne();
		const aside = peer(8);
		rig.knock(aside, 'backup');
		rig.feed({ type: 'opened', peer: aside });
		rig.say(aside, placesAt(HERE, 0));
		echo(rig, aside, CHILD_RTT_MS);
		rig.say(HOST, offers(offerOf(PLACE, 10)));
		const out = rig.wait(OFFERS_EVERY_MS, [...ALIVE, aside]);
		expect(told(out)).toEqual([peer(PLACE)]);
		expect(told(out, aside)).toEqual([]);
	});
});

describe('who has two backups that share nobody', () => {
	const PARENT = peer(5);

	/** Below number 5, with backups 20 and 21; by round trips to the parent we learn our place, where there are some. */
	function settled(roundTrips: number): { rig: TreeRig; alive: PeerId[] } {
		const rig = plantAmongBackups(2);
		rig.attach(PARENT, [HOST, PARENT]);
		rig.feed({ type: 'stage', peers: [HOST] });
		rig.feed({ type: 'contacts', contacts: [contact(20), contact(21)] });
		rig.say(PARENT, placesAt(HERE, 0));
		for (let i = 0; i < roundTrips; i++) echo(rig, PARENT, 2 * 2 * HERE.height);
		const alive = [PARENT, peer(20), peer(21)];
		standsBy(rig, rig.wait(1_000, alive), (who) => (who === HOST ? null : [HOST, who]));
		standsBy(rig, rig.wait(1_000, alive), (who) => (who === HOST ? null : [HOST, who]));
		expect(rig.tree.backups).toHaveLength(2);
		return { rig, alive };
	}

	/** Everybody asked in that time says no. */
	function asks(rig: TreeRig, alive: readonly PeerId[], forMs: number): PeerId[] {
		const asked: PeerId[] = [];
		for (let passedMs = 0; passedMs < forMs; passedMs += 100) {
			for (const { to, want } of ofType(rig.wait(100, alive), 'open')) {
				rig.feed({ type: 'refused', peer: to.peer, refusal: null });
				if (want === 'backup') asked.push(to.peer);
			}
		}
		return asked;
	}

	const STRANGERS = Array.from({ length: 60 }, (_, i) => contact(200 + i));

	it('asks strangers at first, and then only who promises to be nearer', () => {
		const { rig, alive } = settled(40);
		rig.feed({ type: 'contacts', contacts: STRANGERS });
		expect(asks(rig, alive, 30_000).length).toBeGreaterThan(0);
		expect(asks(rig, alive, 2 * ROTATE_MAX_MS)).toEqual([]);
		// Word of a place holds for 20 s: it is given until a look comes by.
		const asked: PeerId[] = [];
		for (let i = 0; i < 2 * ROTATE_MAX_MS && asked.length === 0; i += 10_000) {
			rig.say(PARENT, offers(offerOf(PLACE, 10)));
			asked.push(...asks(rig, alive, 10_000));
		}
		expect(asked).toEqual([peer(PLACE)]);
	});

	it('goes on asking strangers where it does not know its own place', () => {
		const { rig, alive } = settled(0);
		rig.feed({ type: 'contacts', contacts: STRANGERS });
		asks(rig, alive, 30_000);
		expect(asks(rig, alive, 2 * ROTATE_MAX_MS).length).toBeGreaterThan(0);
	});

	it('asks strangers again soon where the one that replaced a lost one hears by the parent', () => {
		const { rig, alive } = settled(40);
		rig.feed({ type: 'contacts', contacts: STRANGERS });
		asks(rig, alive, 3 * ROTATE_MAX_MS);
		const replaced = (path: (who: PeerId) => PeerId[]): void => {
			const gone = rig.tree.backups[0]!;
			const out = [...rig.feed({ type: 'closed', peer: gone }), ...rig.wait(300, alive)];
			alive.push(...ofType(standsBy(rig, out, path), 'open').map(({ to }) => to.peer));
			expect(rig.tree.backups).toHaveLength(2);
		};
		replaced((who) => [HOST, who]);
		expect(asks(rig, alive, ROTATE_MAX_MS)).toEqual([]);
		replaced((who) => [HOST, PARENT, who]);
		expect(asks(rig, alive, 3_000).length).toBeGreaterThan(0);
	});
});
