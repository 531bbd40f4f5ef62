/** One core in a locked room: its gate, its keys, and what it says and plays. The test plays everybody else. */
import { describe, expect, it } from 'vitest';
import { checkOf } from '#lib/p2p/lock/vault.ts';
import type { PeerOutput } from '#lib/p2p/peer/io.ts';
import { keptBytes, readKept } from '#lib/p2p/peer/epochs.ts';
import { gateOf, passOf } from '#lib/p2p/lock/secrets.ts';
import { digestOfOut } from '#lib/p2p/room/lock.ts';
import { decodeRefusal, encodeKnock } from '#lib/p2p/wire/control.ts';
import { openEnvelope } from '#lib/p2p/wire/envelope.ts';
import { concat, type PeerId } from '#lib/p2p/wire/ids.ts';
import { decodePacket } from '#lib/p2p/wire/packet.ts';
import type { Access } from '#lib/p2p/wire/room-access.ts';
import { wish } from '../lib/law-room.ts';
import { lonePeer, ofType, OPUS, told, type LonePeer } from '../lib/lone-peer.ts';
import { nonce, person, room, story, type Signed } from './room-people.ts';

const SECRET: Access = { kind: 'secret', bytes: new Uint8Array(16).fill(7) };
const gate = gateOf(room, passOf(room, SECRET.bytes));
const [chair, ben, cleo] = [person(0), person(1), person(2)];
const opening = { title: 'Hedge', nonce, createdAtMs: 1, locked: true } as const;

/** The host of a locked room, seated, alone. */
function hostOfLocked(): LonePeer {
	const access = SECRET;
	const host = lonePeer(0, { opening, access, chance: new Uint8Array(32).fill(3) });
	// It takes its seat as soon as it is in its own room.
	settle(host, host.wait(300));
	return host;
}

function settle(lone: LonePeer, out: readonly PeerOutput[]): void {
	for (let next = lone.sign(out); ofType(next, 'sign').length > 0; next = lone.sign(next));
}

function knock(lone: LonePeer, from: PeerId, proof?: Uint8Array): PeerOutput[] {
	const shown = proof === undefined ? {} : { proof };
	const bytes = encodeKnock({ room, want: 'parent', fanout: 2, ...shown });
	return lone.feed({ type: 'knock', ticket: 1, from, bytes });
}

describe('the gate of a locked room', () => {
	it('admits whom its knock shows to know the pass, and refuses all others as locked', () => {
		const host = hostOfLocked();
		for (const proof of [undefined, new Uint8Array(16), gate.proof(cleo.peer, host.me.peer)]) {
			const [answer] = ofType(knock(host, ben.peer, proof), 'refuse');
			expect(decodeRefusal(answer?.refusal ?? new Uint8Array(0))).toEqual({
				reason: 'locked',
				candidates: []
			});
		}
		const good = knock(host, ben.peer, gate.proof(ben.peer, host.me.peer));
		expect(ofType(good, 'admit')).toHaveLength(1);
	});

	it('greets with a proof, and turns out who says anything else first', () => {
		const host = hostOfLocked();
		const out = host.feed({ type: 'opened', peer: ben.peer });
		expect(told(out, ben.peer)[0]).toEqual({
			type: 'admission',
			proof: gate.proof(host.me.peer, ben.peer)
		});
		const answer = host.control(ben.peer, { type: 'attach' });
		expect(answer).toContainEqual({ type: 'close', peer: ben.peer });
		expect(told(answer)).toEqual([]);
	});

	it('turns out who says nothing at all', () => {
		const host = hostOfLocked();
		host.feed({ type: 'opened', peer: ben.peer });
		expect(host.wait(6_000)).toContainEqual({ type: 'close', peer: ben.peer });
	});

	it('is met under a name that its key does not tell', () => {
		const lone = lonePeer(3, { access: SECRET });
		const open = lonePeer(3);
		const first = (one: LonePeer): readonly PeerOutput[] =>
			ofType(one.peer.handle({ type: 'start', saved: [] }, one.nowMs), 'meet');
		expect(first(lone)).toEqual([{ type: 'meet', at: gate.meeting }]);
		expect(first(open)).toEqual([{ type: 'meet', at: room }]);
	});
});

describe('what a locked room says of itself', () => {
	it('is in its events for nobody who has them alone', () => {
		const host = hostOfLocked();
		expect(host.peer.view()).toMatchObject({ title: 'Hedge', lock: { doorClosed: false } });
		for (const envelope of host.peer.envelopes()) {
			const text = new TextDecoder('latin1').decode(envelope);
			expect(text).not.toContain('Hedge');
			expect(text).not.toContain(host.me.name);
			expect(openEnvelope(envelope).ok).toBe(true);
			expect(openEnvelope(host.peer.wrap(envelope)).ok).toBe(false);
			expect(host.peer.unwrap(host.peer.wrap(envelope))).toEqual(envelope);
		}
	});

	it('leaves its microphone sealed', () => {
		const host = hostOfLocked();
		settle(host, host.feed({ type: 'wish', wish: { type: 'unmute' } }));
		host.letInLocked(ben.peer, gate.proof(ben.peer, host.me.peer));
		const out = host.feed({ type: 'voice', seq: 9, level: 20, opus: OPUS });
		const packets = [...ofType(out, 'datagram'), ...ofType(host.wait(100), 'datagram')];
		const frames = packets.flatMap(({ bytes }) => {
			const packet = decodePacket(bytes);
			return packet?.type === 'frames' ? packet.frames : [];
		});
		expect(frames).toHaveLength(1);
		expect(frames[0]).toMatchObject({ kind: 'voice', sealed: true, level: 127 });
		const bytes = frames[0]?.bytes ?? new Uint8Array(0);
		expect(Buffer.from(bytes).includes(Buffer.from(OPUS))).toBe(false);
	});
});

describe('the key of an epoch', () => {
	it('is remembered whole', () => {
		const key = new Uint8Array(32).fill(1);
		const given = { secret: SECRET.bytes, epoch: 70_000, key };
		expect(readKept(keptBytes(given))).toEqual(given);
		expect(readKept(keptBytes(given).subarray(1))).toBeNull();
	});

	it('is sealed for nobody who cannot show the secret', () => {
		const host = hostOfLocked();
		host.letInLocked(ben.peer, gate.proof(ben.peer, host.me.peer));
		const nothing = new Uint8Array(16);
		const ask = { type: 'key-ask', have: 0, name: new Uint8Array(0), held: nothing } as const;
		const out = host.control(ben.peer, { ...ask, who: ben.peer, proof: nothing });
		expect(ofType(out, 'seal')).toEqual([]);
		expect(host.peer.diagnostics(host.nowMs).drops.forged).toBe(1);
	});

	it('goes to who shows the secret, sealed for that one, and not any more once it is out', () => {
		const host = hostOfLocked();
		host.letInLocked(ben.peer, gate.proof(ben.peer, host.me.peer));
		// What Ben's own app would ask.
		const asked = askOf(
			1,
			host.me.peer,
			host.peer.envelopes().flatMap((one) => host.opened(one))
		);
		const out = host.feed({ type: 'control', from: ben.peer, bytes: asked });
		const [seal] = ofType(out, 'seal');
		expect(seal?.to).toEqual(ben.key);
		expect(readKept(seal?.plain ?? new Uint8Array(0))).toMatchObject({ epoch: 1 });
		const removal = { type: 'remove', peer: ben.peer, block: false } as const;
		settle(host, host.feed({ type: 'wish', wish: removal }));
		const sealed = new Uint8Array(100);
		const late = host.feed({ type: 'sealed', ticket: seal?.ticket ?? 0, sealed });
		expect(told(late, ben.peer)).toEqual([]);
		const again = host.feed({ type: 'control', from: ben.peer, bytes: asked });
		expect(ofType(again, 'seal')).toEqual([]);
		expect(host.peer.diagnostics(host.nowMs).lock).toMatchObject({ epoch: 2, key: 2 });
		// Who was put out still has the link: newcomers wait from now on.
		expect(host.peer.view().lock?.doorClosed).toBe(true);
	});
});

const keyOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const kept = (epoch: number, byte: number): Uint8Array =>
	keptBytes({ secret: SECRET.bytes, epoch, key: keyOf(byte) });

/** Ben, below the host of a locked room, without its first key; what the host signs is told by the test. */
function benBelowHost() {
	const tale = story();
	tale.tell(chair, { kind: 'sit', invite: null, name: chair.name });
	const lock = (epoch: number, byte: number): Signed => {
		const check = checkOf(room, epoch, concat(keyOf(byte), SECRET.bytes));
		const rest = { out: digestOfOut([]), before: 0, texts: new Uint8Array(0) };
		return tale.tell(chair, { kind: 'lock', epoch, check, ...rest });
	};
	lock(1, 1);
	const lone = lonePeer(1, { access: SECRET });
	lone.learn(...tale.events);
	lone.attachTo(chair.peer, [chair.peer], gate.proof(chair.peer, ben.peer));
	return { lone, tale, lock };
}

describe('two keys of one epoch', () => {
	const asksOf = (out: readonly PeerOutput[]) =>
		told(out, chair.peer).filter((message) => message.type === 'key-ask');

	it('are no two: who has the one that lost asks for the other, as one who has none', () => {
		const { lone, lock } = benBelowHost();
		lone.feed({ type: 'unsealed', plain: kept(1, 1) });
		lone.learn(lock(2, 2));
		lone.feed({ type: 'unsealed', plain: kept(2, 2) });
		expect(lone.peer.diagnostics(lone.nowMs).lock).toMatchObject({ epoch: 2, key: 2 });
		const asks = asksOf([...lone.learn(lock(2, 3)), ...lone.wait(1_000)]);
		expect(asks.length).toBeGreaterThan(0);
		expect(asks.map(({ have }) => have)).toEqual(asks.map(() => 1));
		wish(lone, { type: 'unask' });
		expect(lone.peer.view().refusal).toBe('no-key');
		lone.feed({ type: 'unsealed', plain: kept(2, 3) });
		wish(lone, { type: 'unask' });
		expect(lone.peer.view().refusal).not.toBe('no-key');
	});

	it('go one after the other to who was given the one that lost', () => {
		const { lone, tale, lock } = benBelowHost();
		lone.feed({ type: 'unsealed', plain: kept(1, 1) });
		lone.letInLocked(cleo.peer, gate.proof(cleo.peer, ben.peer));
		const bytes = askOf(2, ben.peer, tale.events);
		const given = (out: readonly PeerOutput[]) =>
			ofType(out, 'seal').map(({ to, plain }) => [to, readKept(plain)?.key[0]]);
		expect(given(lone.feed({ type: 'control', from: cleo.peer, bytes }))).toEqual([[cleo.key, 1]]);
		lone.learn(lock(2, 2));
		expect(given(lone.feed({ type: 'unsealed', plain: kept(2, 2) }))).toEqual([[cleo.key, 2]]);
		lone.learn(lock(2, 3));
		expect(given(lone.feed({ type: 'unsealed', plain: kept(2, 3) }))).toEqual([[cleo.key, 3]]);
	});
});

describe('the door', () => {
	/** The host of a locked room whose door is closed, and Ben, who has come to it. */
	function benAtDoor() {
		const host = hostOfLocked();
		settle(host, host.feed({ type: 'wish', wish: { type: 'door', closed: true } }));
		host.letInLocked(ben.peer, gate.proof(ben.peer, host.me.peer));
		const bytes = askOf(
			1,
			host.me.peer,
			host.peer.envelopes().flatMap((one) => host.opened(one))
		);
		const ask = (): void => void host.feed({ type: 'control', from: ben.peer, bytes });
		const door = () => host.peer.view().lock?.door.map(({ peer }) => peer);
		const pass = (forS: number, each: () => void): PeerOutput[] =>
			Array.from({ length: forS }).flatMap(() => {
				each();
				return [...host.beat(ben.peer), ...host.wait(1_000)];
			});
		ask();
		return { ask, door, pass };
	}

	it('shows who stands there as long as it knocks, and no longer than that', () => {
		const { ask, door, pass } = benAtDoor();
		const nothing = (): void => undefined;
		expect(door()).toEqual([ben.peer]);
		pass(60, ask);
		expect(door()).toEqual([ben.peer]);
		pass(25, nothing);
		expect(door()).toEqual([ben.peer]);
		expect(ofType(pass(10, nothing), 'view').length).toBeGreaterThan(0);
		expect(door()).toEqual([]);
		ask();
		expect(door()).toEqual([ben.peer]);
	});

	it('turns nobody away whom another has let in', () => {
		const { lone, tale } = benBelowHost();
		lone.learn(tale.tell(chair, { kind: 'door', closed: true }));
		const no = { type: 'key-give', to: ben.peer, sealed: new Uint8Array(0) } as const;
		lone.control(chair.peer, no);
		expect(lone.peer.view()).toMatchObject({ phase: 'at-door', lock: { turnedAway: true } });
		lone.feed({ type: 'unsealed', plain: kept(1, 1) });
		lone.control(chair.peer, no);
		expect(lone.peer.view()).toMatchObject({ phase: 'joined', lock: { turnedAway: false } });
	});
});

/** The ask for keys of person `number`, attached below `parent` in that room. */
function askOf(number: number, parent: PeerId, events: readonly Signed[]): Uint8Array {
	const lone = lonePeer(number, { access: SECRET });
	lone.learn(...events);
	const out = [
		...lone.attachTo(parent, [parent], gate.proof(parent, lone.me.peer)),
		...lone.wait(300)
	];
	const asks = ofType(out, 'control').filter(
		({ to, bytes }) =>
			to === parent && told([{ type: 'control', to, bytes }])[0]?.type === 'key-ask'
	);
	return asks[0]?.bytes ?? new Uint8Array(0);
}
