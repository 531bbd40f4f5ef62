/** A room among hostile peers, in which people come and go, keeps no more the longer it lasts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeControl, encodeKnock, type ControlMessage } from '#lib/p2p/wire/control.ts';
import { encodeUnsigned, seal } from '#lib/p2p/wire/envelope.ts';
import { peerIdOf, publicKeyOf } from '#lib/p2p/wire/ids.ts';
import { PRESENCE_SAMPLE_MAX, PROVIDERS_MAX } from '#lib/p2p/wire/limits.ts';
import { controlOf } from '../lib/any-control.ts';
import { holdingsOf, isMap, livingObjects, type Holdings } from '../lib/living-objects.ts';
import { Dice } from './dice.ts';
import { babbles } from './liars.ts';
import { keyOf } from './member.ts';
import { isJoined, openRoom, range, type Room } from './room.ts';
import { signatureOf } from './signatures.ts';
import type { Member, World } from './world.ts';

const SEED = 91;
const SIZE = { speakers: 2, listeners: 10, fanout: 3, talkEveryMs: 100 };
const LIARS = 3;
/** Listeners of whom one goes, and another comes, twice a second. */
const COMERS = 3;
const SHAKE_EVERY_MS = 500;
/** By then most of what has a bound is as full as it gets. */
const WARM_UP_MS = 40_000;
const SPAN_MS = 30_000;
/**
 * What each of the living may hold more after that. Names of listeners (PRESENCE_KNOWN_MAX, 136 bytes each) still come
 * to those far from the liars, and no two moments find as much under way.
 */
const ENTRIES_MORE_MAX = 400;
const BUFFER_BYTES_MORE_MAX = 48 * 1024;
/** As many as wire/ids.ts remembers for all cores here together: it is full from the beginning. */
const PEER_IDS = 8_192;
/** Names in one message, as many as there may be. */
const CROWD = PRESENCE_SAMPLE_MAX;
/** One by one they take longer to make up than to be heard. */
const SLANDERS_AT_ONCE = 100;
/** What moves the liar itself, or has it left at once: nobody would listen to it for long. */
const MOVES: ReadonlySet<string> = new Set<ControlMessage['type']>([
	'attach',
	'attached',
	'bye',
	'detach',
	'events',
	'graft',
	'raise',
	'stand-by',
	'stand-down',
	'standing-by'
]);
/** Above those of all who join. */
const INVENTED_START = 20_000;

describe('a room among hostile peers', { timeout: 120_000 }, () => {
	it('keeps no more of who came and went, and of what it was told, the longer it lasts', () => {
		const room = openRoom({ seed: SEED, delayMs: [5, 40], loss: 0.02, gossip: true }, SIZE);
		const { world } = room;
		const shake = hostileRoom(room);
		shake(WARM_UP_MS);
		const before = holdings(world);
		shake(SPAN_MS);
		const after = holdings(world);
		const living = world.alive.length;
		expect((after.entries - before.entries) / living).toBeLessThan(ENTRIES_MORE_MAX);
		expect((after.bufferBytes - before.bufferBytes) / living).toBeLessThan(BUFFER_BYTES_MORE_MAX);
	});
});

/** Sets liars on the room; what is returned lets it live so long, while people come and go. */
function hostileRoom({ world, listeners }: Room): (forMs: number) => void {
	const dice = new Dice(SEED);
	const stranger = strangers();
	for (const liar of listeners.slice(0, LIARS)) {
		slanders(world, liar, dice);
		namesCrowds(world, liar, stranger);
	}
	babbles(world, listeners[0]!, dice, 50);
	besiege(world, stranger);
	const comers = listeners.slice(-COMERS);
	let number = 500;
	return (forMs) => {
		for (let passedMs = 0; passedMs < forMs; passedMs += SHAKE_EVERY_MS) {
			const goes = comers.shift()!;
			if (dice.chance(0.5)) world.kill(goes);
			else world.leave(goes);
			comers.push(world.join(number++, SIZE.fanout));
			world.run(SHAKE_EVERY_MS);
		}
		world.until('all have joined', () => world.alive.every(isJoined), 20_000);
	};
}

/** Keys that nobody has met. */
function strangers(): () => Uint8Array {
	let number = INVENTED_START;
	const next = (): Uint8Array => keyOf(number++);
	for (let i = 0; i < PEER_IDS; i++) publicKeyOf(peerIdOf(next()));
	return next;
}

function tellsAll(world: World, liar: Member, everyMs: number, next: () => ControlMessage): void {
	const tell = (): void => {
		if (!liar.alive) return;
		world.after(everyMs, tell);
		const bytes = encodeControl(next());
		for (const to of liar.ways.keys()) world.send(liar, { type: 'control', to, bytes });
	};
	tell();
}

/** Says all that can be said but MOVES, with other names each time. */
function slanders(world: World, liar: Member, dice: Dice): void {
	const kinds = Object.entries(controlOf).filter(([kind]) => !MOVES.has(kind));
	const any = fc.oneof(...kinds.map(([, messages]) => messages));
	let ready: ControlMessage[] = [];
	tellsAll(world, liar, 50, () => {
		const seed = Math.floor(dice.next() * 2 ** 31);
		if (ready.length === 0) ready = fc.sample(any, { seed, numRuns: SLANDERS_AT_ONCE });
		return ready.pop()!;
	});
}

/** Tells of listeners, others each time, whose names are signed as they should be. */
function namesCrowds(world: World, liar: Member, stranger: () => Uint8Array): void {
	const name = (): Uint8Array => {
		const authorKey = stranger();
		const body = { kind: 'here', name: 'Nobody' } as const;
		const unsigned = encodeUnsigned({
			...{ room: world.room, authorKey, sequence: 0, lamport: 1, body }
		});
		return seal(unsigned, signatureOf(authorKey, unsigned));
	};
	tellsAll(world, liar, 250, () => {
		const here = range(CROWD).map(name);
		return { type: 'presence-up', count: CROWD, kept: [], here };
	});
}

/** Each second the directory tells everybody of people who are not there, one of whom knocks and never comes in. */
function besiege(world: World, stranger: () => Uint8Array): void {
	let ticket = 1e9;
	const bytes = encodeKnock({ room: world.room, want: 'backup', fanout: 2 });
	const again = (): void => {
		world.after(1_000, again);
		for (const one of world.alive) {
			const peers = range(PROVIDERS_MAX).map(() => peerIdOf(stranger()));
			const contacts = peers.map((peer) => ({ peer, addrs: [`/sim/${peer}`] }));
			world.feed(one, { type: 'members', contacts });
			world.feed(one, { type: 'knock', ticket: ticket++, from: peers[0]!, bytes });
		}
	};
	again();
}

function holdings(world: World): Holdings {
	forget(world);
	return holdingsOf(livingObjects());
}

/** What the world keeps for itself: who has died, what was said and heard, what it has checked and read for all. */
function forget(world: World): void {
	world.trace.length = 0;
	for (const [id, member] of world.members) {
		member.heard.clear();
		member.saidAtMs.length = 0;
		if (member.alive) continue;
		world.members.delete(id);
		Object.assign(member, { peer: null, state: null });
	}
	for (const one of livingObjects()) if (isMap(one) && isOfTheWorld(one)) one.clear();
}

/** By hashes, or by the very bytes: no core has such maps. */
function isOfTheWorld(map: ReadonlyMap<unknown, unknown>): boolean {
	const [key] = map.keys();
	return key instanceof Uint8Array || (typeof key === 'string' && /^\d+,\d+$/.test(key));
}
