/** What Links must do, over real WebRTC or a fake one. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { KnockTicket, LinkChannels, LinkEvent, Links } from '#lib/io/ports.ts';
import { createLinks } from '#lib/io/link/simple-peer-links.ts';
import type { SimplePeerFactory } from '#lib/io/link/connection.ts';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { KNOCK_ANSWER_MS } from '#lib/p2p/wire/limits.ts';
import { createFakeClock, type FakeClock } from '../lib/fake-clock.ts';
import { createFakeNetwork, type NetPeer } from '../lib/fake-network.ts';

export interface LinkPeer {
	readonly id: PeerId;
	readonly contact: Contact;
	readonly net: NetPeer & { leave(): void };
	readonly links: Links;
	/** What was reported, as "type peer". */
	readonly story: string[];
	/** The last channels of each peer. */
	readonly channels: Map<PeerId, LinkChannels>;
	/** The last knock that was read. */
	knock(): { ticket: KnockTicket; from: PeerId; bytes: Uint8Array };
}

const HELLO = Uint8Array.of(1, 2, 3);
const NO = Uint8Array.of(9, 9);
const YES = { admit: true } as const;
/** WebRTC on a machine that does other things too. */
export const PATIENCE = { timeout: 10_000, interval: 5 };

/** Peers in one place, with a clock that stands still. */
export interface LinkVillage {
	readonly clock: FakeClock;
	readonly join: (name: string) => LinkPeer;
	/** Ends of links that simple-peer has called open, since the beginning. */
	readonly opened: () => number;
	readonly stop: () => void;
}

export function linkVillage(simplePeer: SimplePeerFactory): LinkVillage {
	const network = createFakeNetwork();
	const clock = createFakeClock();
	const villagers: LinkPeer[] = [];
	let opened = 0;
	const counted: SimplePeerFactory = (options) => {
		const made = simplePeer(options);
		return made.on('connect', () => (opened += 1));
	};
	return {
		clock,
		opened: () => opened,
		join(name: string): LinkPeer {
			const villager = createVillager(network.join(name as PeerId), counted, clock);
			villagers.push(villager);
			return villager;
		},
		stop() {
			for (const villager of villagers) villager.links.stop();
		}
	};
}

function createVillager(
	net: NetPeer & { leave(): void },
	simplePeer: SimplePeerFactory,
	clock: FakeClock
): LinkPeer {
	const story: string[] = [];
	const channels = new Map<PeerId, LinkChannels>();
	let knocked: ReturnType<LinkPeer['knock']> | null = null;
	const onEvent = (event: LinkEvent): void => {
		const answered = event.type === 'failed' && event.answered ? ', who answered' : '';
		story.push(`${event.type} ${event.type === 'knock' ? event.from : event.peer}${answered}`);
		if (event.type === 'channels') {
			expect(event.channels.audio.readyState).toBe('connecting');
			channels.set(event.peer, event.channels);
		}
		if (event.type === 'refused') expect(event.refusal).toEqual(NO);
		if (event.type === 'knock') {
			knocked = { ticket: event.ticket, from: event.from, bytes: event.knock };
		}
	};
	return {
		id: net.peer,
		contact: net.contact(),
		net,
		links: createLinks({
			me: net.peer,
			signalling: net.signalling,
			simplePeer,
			iceServers: [],
			clock,
			onEvent
		}),
		story,
		channels,
		knock() {
			if (knocked === null) throw new Error('Nobody knocked.');
			return knocked;
		}
	};
}

export async function told(peer: LinkPeer, ...story: string[]): Promise<void> {
	await vi.waitFor(() => expect(peer.story).toEqual(story), PATIENCE);
}

/** Both channels of both sides are open. */
export async function linked(left: LinkPeer, right: LinkPeer): Promise<void> {
	await vi.waitFor(() => {
		const ends = [left.channels.get(right.id), right.channels.get(left.id)];
		const states = ends.flatMap((end) => [end?.audio.readyState, end?.control.readyState]);
		expect(states).toEqual(['open', 'open', 'open', 'open']);
	}, PATIENCE);
}

/** Knocks, is admitted, and both ends are open for their Links as well. */
export async function link(village: LinkVillage, from: LinkPeer, to: LinkPeer): Promise<void> {
	const before = village.opened();
	from.links.open(to.contact, HELLO);
	await vi.waitFor(() => expect(to.story.at(-1)).toBe(`knock ${from.id}`), PATIENCE);
	to.links.answer(to.knock().ticket, YES);
	await linked(from, to);
	await vi.waitFor(() => {
		expect(village.opened()).toBe(before + 2);
	}, PATIENCE);
}

/** What arrives on the other side of a channel. */
async function across(
	from: LinkPeer,
	to: LinkPeer,
	kind: 'audio' | 'control'
): Promise<Uint8Array> {
	const [out, into] = [from.channels.get(to.id)?.[kind], to.channels.get(from.id)?.[kind]];
	if (!out || !into) throw new Error('There is no link.');
	into.binaryType = 'arraybuffer';
	const arrived = new Promise<Uint8Array>((resolve) => {
		into.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => resolve(new Uint8Array(data));
	});
	out.send(Uint8Array.of(4, 5, 6));
	return arrived;
}

export function linksContract(name: string, simplePeer: () => SimplePeerFactory): void {
	const villages: LinkVillage[] = [];
	const village = (): LinkVillage => {
		const made = linkVillage(simplePeer());
		villages.push(made);
		return made;
	};
	const setup = () => {
		const made = village();
		return { ...made, alice: made.join('alice'), bob: made.join('bob') };
	};
	afterEach(() => {
		for (const made of villages.splice(0)) made.stop();
	});

	describe(`${name}, one at a time`, { timeout: 20_000 }, () => {
		makingContract(setup);
		endingContract(setup);
	});
	describe(`${name}, both at once`, { timeout: 20_000 }, () => {
		glareContract(setup);
	});
}

type Setup = () => { alice: LinkPeer; bob: LinkPeer } & LinkVillage;

function makingContract(setup: Setup): void {
	it('gives who knocks its channels at once, and the other when it admits', async () => {
		const { alice, bob } = setup();
		alice.links.open(bob.contact, HELLO);
		expect(alice.story).toEqual(['channels bob']);
		await told(bob, 'knock alice');
		expect(bob.knock().bytes).toEqual(HELLO);
		bob.links.answer(bob.knock().ticket, YES);
		expect(bob.story).toEqual(['knock alice', 'channels alice']);
		await linked(alice, bob);
	});

	it('carries bytes both ways on both channels', async () => {
		const village = setup();
		const { alice, bob } = village;
		await link(village, alice, bob);
		for (const kind of ['audio', 'control'] as const) {
			expect(await across(alice, bob, kind)).toEqual(Uint8Array.of(4, 5, 6));
			expect(await across(bob, alice, kind)).toEqual(Uint8Array.of(4, 5, 6));
		}
	});

	it('brings a refusal with its bytes, after closing the channels', async () => {
		const { alice, bob } = setup();
		alice.links.open(bob.contact, HELLO);
		await told(bob, 'knock alice');
		bob.links.answer(bob.knock().ticket, { admit: false, refusal: NO });
		await told(alice, 'channels bob', 'closed bob', 'refused bob');
		expect(bob.story).toEqual(['knock alice']);
	});

	it('fails where nobody answers the call', async () => {
		const { alice, bob } = setup();
		bob.net.leave();
		alice.links.open(bob.contact, HELLO);
		await told(alice, 'channels bob', 'closed bob', 'failed bob');
	});

	it('fails where the knock is not answered in time, and takes no answer afterwards', async () => {
		const { alice, bob, clock } = setup();
		alice.links.open(bob.contact, HELLO);
		await told(bob, 'knock alice');
		clock.advance(KNOCK_ANSWER_MS);
		await told(alice, 'channels bob', 'closed bob', 'failed bob');
		bob.links.answer(bob.knock().ticket, YES);
		expect(bob.story).toEqual(['knock alice']);
	});

	it('makes one link of several calls for it', async () => {
		const { alice, bob } = setup();
		alice.links.open(bob.contact, HELLO);
		alice.links.open(bob.contact, HELLO);
		await told(bob, 'knock alice');
		bob.links.answer(bob.knock().ticket, YES);
		bob.links.answer(bob.knock().ticket, YES);
		await linked(alice, bob);
		alice.links.open(bob.contact, HELLO);
		expect(alice.story).toEqual(['channels bob']);
		expect(bob.story).toEqual(['knock alice', 'channels alice']);
	});

	it('links nobody with itself', () => {
		const { alice } = setup();
		alice.links.open(alice.contact, HELLO);
		expect(alice.story).toEqual([]);
	});
}

function endingContract(setup: Setup): void {
	it('says once on each side that a link is closed', async () => {
		const village = setup();
		const { alice, bob } = village;
		await link(village, alice, bob);
		alice.links.close(bob.id);
		alice.links.close(bob.id);
		expect(alice.story).toEqual(['channels bob', 'closed bob']);
		await told(bob, 'knock alice', 'channels alice', 'closed alice');
	});

	it('can be linked again afterwards', async () => {
		const village = setup();
		const { alice, bob } = village;
		await link(village, alice, bob);
		bob.links.close(alice.id);
		await told(alice, 'channels bob', 'closed bob');
		await link(village, bob, alice);
		expect(await across(alice, bob, 'control')).toEqual(Uint8Array.of(4, 5, 6));
	});

	it('tells the other side when an attempt is given up', async () => {
		const { alice, bob } = setup();
		alice.links.open(bob.contact, HELLO);
		await told(bob, 'knock alice');
		bob.links.answer(bob.knock().ticket, YES);
		alice.links.close(bob.id);
		expect(alice.story).toEqual(['channels bob', 'closed bob']);
		await told(bob, 'knock alice', 'channels alice', 'closed alice');
	});

	it('takes a knock over an old link as a restart, and replaces the link', async () => {
		const village = setup();
		const { alice, bob, clock, join } = village;
		await link(village, alice, bob);
		clock.advance(60_000);
		// A second Bob with the same id, as after a reload; the first never said goodbye.
		const reborn = join('bob');
		reborn.links.open(alice.contact, HELLO);
		await told(alice, 'channels bob', 'closed bob', 'knock bob');
		alice.links.answer(alice.knock().ticket, YES);
		await linked(alice, reborn);
		expect(await across(alice, reborn, 'audio')).toEqual(Uint8Array.of(4, 5, 6));
	});

	it('closes everything at once when it stops, and opens to nobody any more', async () => {
		const village = setup();
		const { alice, bob, join } = village;
		const carol = join('carol');
		await link(village, alice, bob);
		await link(village, carol, alice);
		alice.links.stop();
		expect(alice.story.slice(-2).toSorted()).toEqual(['closed bob', 'closed carol']);
		await told(carol, 'channels alice', 'closed alice');
		carol.links.open(alice.contact, HELLO);
		await vi.waitFor(() => expect(carol.story.at(-1)).toBe('failed alice'), PATIENCE);
	});
}

function glareContract(setup: Setup): void {
	it('keeps the attempt of the smaller id, and the other side changes to it', async () => {
		const { alice, bob } = setup();
		alice.links.open(bob.contact, HELLO);
		bob.links.open(alice.contact, HELLO);
		await told(bob, 'channels alice', 'knock alice');
		bob.links.answer(bob.knock().ticket, YES);
		await linked(alice, bob);
		expect(alice.story).toEqual(['channels bob']);
		const changed = ['channels alice', 'knock alice', 'closed alice', 'channels alice'];
		expect(bob.story).toEqual(changed);
		expect(await across(bob, alice, 'audio')).toEqual(Uint8Array.of(4, 5, 6));
	});

	it('lets the larger id have its turn when the smaller one is refused', async () => {
		const { alice, bob } = setup();
		alice.links.open(bob.contact, HELLO);
		bob.links.open(alice.contact, HELLO);
		await told(bob, 'channels alice', 'knock alice');
		bob.links.answer(bob.knock().ticket, { admit: false, refusal: NO });
		await told(alice, 'channels bob', 'closed bob', 'refused bob', 'knock bob');
		alice.links.answer(alice.knock().ticket, YES);
		await linked(alice, bob);
		expect(bob.story).toEqual(['channels alice', 'knock alice']);
	});

	it('settles it the same way when one knocks back before answering', async () => {
		const { alice, bob } = setup();
		bob.links.open(alice.contact, HELLO);
		await told(alice, 'knock bob');
		alice.links.open(bob.contact, HELLO);
		alice.links.answer(alice.knock().ticket, YES);
		await told(bob, 'channels alice', 'knock alice');
		bob.links.answer(bob.knock().ticket, YES);
		await linked(alice, bob);
		expect(alice.story).toEqual(['knock bob', 'channels bob']);
	});

	it('admits at once who was promised, should the own knock come to nothing', async () => {
		const { alice, bob } = setup();
		bob.links.open(alice.contact, HELLO);
		await told(alice, 'knock bob');
		alice.links.open(bob.contact, HELLO);
		alice.links.answer(alice.knock().ticket, YES);
		await told(bob, 'channels alice', 'knock alice');
		bob.links.answer(bob.knock().ticket, { admit: false, refusal: NO });
		await linked(alice, bob);
		const story = ['knock bob', 'channels bob', 'closed bob', 'refused bob', 'channels bob'];
		expect(alice.story.toSorted()).toEqual(story.toSorted());
		expect(bob.story).toEqual(['channels alice', 'knock alice']);
	});
}
