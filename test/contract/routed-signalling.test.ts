import { describe, expect, it, vi } from 'vitest';
import { createIntroductions, CALL_HEAD_START_MS } from '#lib/io/link/introductions.ts';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import type { Signalling, SignalStream } from '#lib/io/ports.ts';
import { concat, type PeerId, type RoomId } from '#lib/p2p/wire/ids.ts';
import { INTRODUCTIONS_PER_NEIGHBOUR_MAX, KNOCK_ANSWER_MS } from '#lib/p2p/wire/limits.ts';
import { openSaid, type Passage, type SaidKind } from '#lib/p2p/wire/routed.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
import { createFakeNetwork } from '../lib/fake-network.ts';
import { routedVillage, type RoutedPeer } from '../lib/routed-village.ts';
import { networkContract } from './network-contract.ts';

networkContract('introductions over routes', async () => {
	const village = await routedVillage(createSystemClock());
	const network = createFakeNetwork();
	return {
		async newPeer() {
			const member = await village.join();
			const signalling: Signalling = {
				open: (to, signal) =>
					to.peer === member.peer ? member.routed.open(to, signal) : member.call(to.peer, signal),
				onStream: (take) => member.routed.onStream(take)
			};
			return { ...network.join(member.peer), signalling };
		},
		stop: () => Promise.resolve()
	};
});

async function setup() {
	const clock = createFakeClock();
	const village = await routedVillage(clock);
	const [alice, bob] = [await village.join(), await village.join()];
	const taken: SignalStream[] = [];
	bob.routed.onStream((stream) => taken.push(stream));
	return { clock, village, alice, bob, taken };
}

/** Alice calls, says something, and Bob listens. */
async function talking() {
	const parts = await setup();
	const { alice, bob, taken } = parts;
	const out = await alice.call(bob.peer);
	out.send(Uint8Array.of(1));
	await vi.waitFor(() => expect(taken).toHaveLength(1), PATIENCE);
	return { ...parts, out, atBob: heard(taken[0]) };
}

function heard(stream: SignalStream | undefined) {
	const got = { messages: [] as number[], closed: 0 };
	stream?.listen({
		message: (bytes) => void got.messages.push(...bytes),
		closed: () => void (got.closed += 1)
	});
	return got;
}

const kindOf = ({ body }: Passage): SaidKind | undefined => openSaid(body)?.said.kind;

/** Signatures on a machine that does other things too. */
const PATIENCE = { timeout: 4_000, interval: 5 };

describe('who carries an introduction', () => {
	it('cannot change a word of it', async () => {
		const { village, bob, out, atBob } = await talking();
		village.tamper = (passage) => {
			const body = passage.body.slice();
			body[4] = 99;
			return [{ ...passage, body }];
		};
		out.send(Uint8Array.of(2));
		await vi.waitFor(() => expect(bob.routed.drops.forged).toBe(1), PATIENCE);
		expect(atBob.messages).toEqual([1]);
	});

	it('cannot answer in the place of who is called', async () => {
		const { village, alice, bob, clock } = await setup();
		const mallory = await village.join();
		village.tamper = (passage) => {
			const opened = openSaid(passage.body);
			if (opened?.said.kind !== 'accept') return [passage];
			void mallory.keys.sign(opened.unsigned).then((signature) => {
				village.deliver({ ...passage, body: concat(opened.unsigned, signature) });
			});
			return [];
		};
		const call = alice.call(bob.peer);
		call.catch(() => undefined);
		await vi.waitFor(() => expect(alice.routed.drops.forged).toBe(1), PATIENCE);
		clock.advance(KNOCK_ANSWER_MS);
		await expect(call).rejects.toThrow('Nobody answers');
	});

	it('cannot say anything twice, nor out of its turn', async () => {
		const { village, bob, out, atBob } = await talking();
		village.tamper = (passage) => [passage, passage];
		out.send(Uint8Array.of(2));
		await vi.waitFor(() => expect(bob.routed.drops.replayed).toBe(1), PATIENCE);
		expect(atBob).toEqual({ messages: [1, 2], closed: 0 });
		let lost = 0;
		village.tamper = (passage) => (lost++ === 0 ? [] : [passage]);
		out.send(Uint8Array.of(3));
		out.send(Uint8Array.of(4));
		await vi.waitFor(() => expect(atBob.closed).toBe(1), PATIENCE);
		expect(atBob.messages).toEqual([1, 2]);
	});

	it('cannot begin a past introduction again', async () => {
		const { village, bob, taken, out, atBob } = await talking();
		out.close();
		await vi.waitFor(() => expect(atBob.closed).toBe(1), PATIENCE);
		for (const passage of village.carried.filter(({ route }) => route.at(-1) === bob.peer)) {
			village.deliver(passage);
			await village.idle();
		}
		await vi.waitFor(() => expect(bob.routed.drops.forged).toBe(2), PATIENCE);
		expect(taken).toHaveLength(1);
	});

	it('cannot bring it to another room, or to somebody else', async () => {
		const { village, alice, bob } = await setup();
		const elsewhere = await village.join('77'.repeat(20) as RoomId);
		const third = await village.join();
		const takers = [elsewhere, third].map(({ routed }) => {
			const taken: SignalStream[] = [];
			routed.onStream((stream) => taken.push(stream));
			return taken;
		});
		const call = alice.call(elsewhere.peer);
		call.catch(() => undefined);
		await vi.waitFor(() => expect(elsewhere.routed.drops.forged).toBe(1), PATIENCE);
		village.tamper = (passage) => [
			{ ...passage, route: [...passage.route.slice(0, -1), third.peer] }
		];
		alice.call(bob.peer).catch(() => undefined);
		await vi.waitFor(() => expect(third.routed.drops.forged).toBe(1), PATIENCE);
		expect(takers).toEqual([[], []]);
		alice.routed.stop();
		await expect(call).rejects.toThrow();
	});

	it('cannot send our own words back to us', async () => {
		const { village, alice, out } = await talking();
		village.tamper = (passage) => [{ ...passage, route: [...passage.route].reverse() }];
		out.send(Uint8Array.of(2));
		await vi.waitFor(() => expect(alice.routed.drops.forged).toBe(1), PATIENCE);
	});

	it('cannot end the introductions of others, who go another way', async () => {
		const { village, alice, bob, out, atBob } = await talking();
		const passage = village.carried[0];
		if (passage === undefined) throw new Error('Nothing was carried.');
		const body = new Uint8Array(0);
		const mallory = await village.join();
		village.deliver({ ...passage, route: [mallory.peer, village.between[1], alice.peer], body });
		village.deliver({ ...passage, route: [bob.peer, ...village.between, alice.peer], body });
		await village.idle();
		out.send(Uint8Array.of(2));
		await vi.waitFor(() => expect(atBob.messages).toEqual([1, 2]), PATIENCE);
		village.deliver({ ...passage, route: [village.between[0], alice.peer], body });
		const atAlice = heard(out);
		await vi.waitFor(() => expect(atAlice.closed).toBe(1), PATIENCE);
	});

	it('cannot take all places for itself', async () => {
		const { village, bob } = await setup();
		const callers: RoutedPeer[] = [];
		for (let i = 0; i < INTRODUCTIONS_PER_NEIGHBOUR_MAX + 5; i++)
			callers.push(await village.join());
		for (const caller of callers) caller.call(bob.peer).catch(() => undefined);
		await vi.waitFor(() => expect(bob.routed.drops.overload).toBe(5), PATIENCE);
		const near = await village.join();
		near.routed.know(bob.peer, [[near.peer, bob.peer]]);
		const stream = await near.routed.open(
			{ peer: bob.peer, addrs: [] },
			AbortSignal.timeout(5_000)
		);
		expect(stream.peer).toBe(bob.peer);
		for (const caller of callers) caller.routed.stop();
	});
});

describe('a call over routes', () => {
	it('is heard of by who is called only once something is said', async () => {
		const { clock, village, alice, bob, taken } = await setup();
		const out = await alice.call(bob.peer);
		const atAlice = heard(out);
		await village.idle();
		expect(taken).toEqual([]);
		clock.advance(KNOCK_ANSWER_MS);
		await vi.waitFor(() => expect(atAlice.closed).toBe(1), PATIENCE);
	});

	it('goes the second way at once where the first one ends', async () => {
		const { village, alice, bob } = await setup();
		const [one, other] = village.between;
		village.tamper = (passage) => {
			if (passage.route[1] === other) return [passage];
			const back = [other, one, alice.peer];
			return [{ ...passage, route: back, body: new Uint8Array(0) }];
		};
		alice.routed.know(bob.peer, [
			[alice.peer, one, other, bob.peer],
			[alice.peer, other, bob.peer]
		]);
		const stream = await alice.call(bob.peer);
		expect(stream.peer).toBe(bob.peer);
		expect(village.carried.filter((one) => kindOf(one) === 'open')).toHaveLength(2);
	});

	it('goes the second way after a while where the first one is silent, and uses one of them', async () => {
		const { clock, village, alice, bob, taken } = await setup();
		const [one, other] = village.between;
		const late: Passage[] = [];
		village.tamper = (passage) => {
			if (passage.route[1] === other || passage.route[0] === bob.peer) return [passage];
			late.push(passage);
			return [];
		};
		alice.routed.know(bob.peer, [
			[alice.peer, one, bob.peer],
			[alice.peer, other, bob.peer]
		]);
		const calling = alice.call(bob.peer);
		await vi.waitFor(() => expect(late).toHaveLength(1), PATIENCE);
		clock.advance(500);
		const stream = await calling;
		for (const passage of late) village.deliver(passage);
		stream.send(Uint8Array.of(5));
		await vi.waitFor(() => expect(taken).toHaveLength(1), PATIENCE);
		await village.idle();
		expect(taken).toHaveLength(1);
	});

	it('fails where no route is known', async () => {
		const { alice, bob } = await setup();
		const opening = alice.routed.open({ peer: bob.peer, addrs: [] }, AbortSignal.timeout(1_000));
		await expect(opening).rejects.toThrow('Nobody answers');
	});
});

/** Calls that never get through, or always do, beside routes that do. */
async function both(mayCall: boolean, calls: 'silent' | 'refused' | 'answered') {
	const { clock, village, alice, bob, taken } = await setup();
	const network = createFakeNetwork();
	const [aliceNet, bobNet] = [network.join(alice.peer), network.join(bob.peer)];
	const called: SignalStream[] = [];
	bobNet.signalling.onStream((stream) => called.push(stream));
	let asked = 0;
	const calling: Signalling = {
		...aliceNet.signalling,
		open(to, signal) {
			asked++;
			if (calls === 'answered') return aliceNet.signalling.open(to, signal);
			if (calls === 'refused') return Promise.reject(new Error('Nobody answers for it.'));
			return new Promise((_, reject) => {
				signal.addEventListener('abort', () => reject(new Error('given up')));
			});
		}
	};
	alice.routed.know(bob.peer, [[alice.peer, ...village.between, bob.peer]]);
	const introductions = createIntroductions({
		calls: calling,
		routed: alice.routed,
		mayCall: () => mayCall,
		clock
	});
	const open = (to: PeerId = bob.peer) =>
		introductions.open({ peer: to, addrs: [] }, AbortSignal.timeout(5_000));
	return { clock, village, bob: bob.peer, called, taken, open, asked: () => asked, introductions };
}

describe('introductions', () => {
	it('call first where they may, and leave routes alone when the call gets through', async () => {
		const { open, village, called, clock } = await both(true, 'answered');
		await open();
		clock.advance(10 * CALL_HEAD_START_MS);
		expect(called).toHaveLength(1);
		expect(village.carried).toEqual([]);
	});

	it('take a route where the call gets no answer in time, or is refused', async () => {
		const silent = await both(true, 'silent');
		const opening = silent.open();
		await silent.village.idle();
		expect(silent.village.carried).toEqual([]);
		silent.clock.advance(CALL_HEAD_START_MS);
		(await opening).send(Uint8Array.of(1));
		await vi.waitFor(() => expect(silent.taken).toHaveLength(1), PATIENCE);
		const refused = await both(true, 'refused');
		(await refused.open()).send(Uint8Array.of(1));
		await vi.waitFor(() => expect(refused.taken).toHaveLength(1), PATIENCE);
	});

	it('take a route at once where no call can get through', async () => {
		const { open, asked } = await both(false, 'answered');
		await open();
		expect(asked()).toBe(0);
	});

	it('call whom no route leads to, and say so where neither does', async () => {
		const { open, asked } = await both(true, 'refused');
		const nobody = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN' as PeerId;
		await expect(open(nobody)).rejects.toThrow('Nobody answers');
		expect(asked()).toBe(1);
	});

	it('end with what asked for them', async () => {
		const { introductions, village, clock, bob } = await both(true, 'silent');
		const given = new AbortController();
		const opening = introductions.open({ peer: bob, addrs: [] }, given.signal);
		given.abort();
		await expect(opening).rejects.toThrow();
		clock.advance(CALL_HEAD_START_MS);
		await village.idle();
		expect(village.carried).toEqual([]);
	});
});
