/** The keys of a locked room: what opens what, and what gives nothing away. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gateOf, memberKeyOf, passOf } from '#lib/p2p/lock/secrets.ts';
import { SIV_KEY_BYTES, sivOpen, sivSeal } from '#lib/p2p/lock/siv.ts';
import { createVault, heldProof } from '#lib/p2p/lock/vault.ts';
import { decodeAccess, encodeAccess, type Access } from '#lib/p2p/wire/room-access.ts';
import { parseRoomKey, encodeRoomKey } from '#lib/p2p/wire/room-key.ts';
import { roomIdOf, type StreamId } from '#lib/p2p/wire/ids.ts';
import { sealedBytesOf } from '#lib/p2p/wire/text.ts';
import { person, room } from './room-people.ts';

const STREAM = '0011223344556677' as StreamId;
const SECRET = new Uint8Array(16).fill(9);
const key = (of: number): Uint8Array => new Uint8Array(32).fill(of);
const chance = (of: number): Uint8Array => new Uint8Array(32).fill(100 + of);
const bytes = (max: number) => fc.uint8Array({ maxLength: max });

describe('what is sealed with a synthetic nonce', () => {
	it('is opened by its key in its place, whole, and by nothing else', () => {
		const sivKey = fc.uint8Array({ minLength: SIV_KEY_BYTES, maxLength: SIV_KEY_BYTES });
		fc.assert(
			fc.property(sivKey, bytes(40), bytes(300), fc.nat(), (k, context, plain, at) => {
				const sealed = sivSeal(k, context, plain);
				expect(sivOpen(k, context, sealed)).toEqual(plain);
				expect(sivOpen(k, Uint8Array.of(...context, 1), sealed)).toBeNull();
				const bent = sealed.slice();
				bent[at % bent.length] = (bent[at % bent.length] ?? 0) ^ 0x10;
				expect(sivOpen(k, context, bent)).toBeNull();
				const other = k.slice();
				// The first 16 bytes are of no account where there is nothing to encrypt.
				const place = 16 + (at % (SIV_KEY_BYTES - 16));
				other[place] = (other[place] ?? 0) ^ 1;
				expect(sivOpen(other, context, sealed)).toBeNull();
			})
		);
	});
});

describe('the frames of an epoch', () => {
	const said = (seq: number) => ({
		stream: STREAM,
		seq,
		level: 17,
		opus: Uint8Array.of(0x78, 1, 2, 3)
	});

	it('are opened by whoever has its key, as that frame of that speaker alone', () => {
		const [speaker, listener] = [createVault(room, chance(1)), createVault(room, chance(2))];
		speaker.learn(1, key(1));
		listener.learn(1, key(1));
		const sframe = speaker.sealFrame(1, said(70_000));
		expect(listener.openFrame(STREAM, 70_000, sframe)).toEqual({
			level: 17,
			opus: said(0).opus
		});
		expect(listener.openFrame(STREAM, 70_001, sframe)).toBe('broken');
		expect(listener.openFrame('8811223344556677' as StreamId, 70_000, sframe)).toBe('broken');
		expect(sframe.length - said(0).opus.length).toBeLessThanOrEqual(14);
	});

	it('are noise to who has the key of another epoch only', () => {
		const [speaker, removed] = [createVault(room, chance(1)), createVault(room, chance(2))];
		speaker.learn(2, key(2));
		removed.learn(1, key(1));
		expect(removed.openFrame(STREAM, 5, speaker.sealFrame(2, said(5)))).toBe('no-key');
		removed.learn(2, key(3));
		expect(removed.openFrame(STREAM, 5, speaker.sealFrame(2, said(5)))).toBe('broken');
	});

	it('of one number never use a key twice, where a speaker is there twice or comes back', () => {
		const [one, again] = [createVault(room, chance(1)), createVault(room, chance(2))];
		one.learn(1, key(1));
		again.learn(1, key(1));
		const [a, b] = [one.sealFrame(1, said(5)), again.sealFrame(1, said(5))];
		expect(a.subarray(0, 6)).not.toEqual(b.subarray(0, 6));
		expect(a.subarray(-8)).not.toEqual(b.subarray(-8));
	});
});

describe('the words of a locked room', () => {
	it('are read by those who come later, back to the first epoch, who hear nothing of then', () => {
		const early = createVault(room, chance(1));
		early.learn(1, key(1));
		const first = early.sealText('Garden');
		const before = [2, 3].map((epoch) => {
			const wrapped = early.wrapBefore(epoch, key(epoch));
			early.learn(epoch, key(epoch));
			return { epoch, wrapped };
		});
		const late = createVault(room, chance(2));
		late.learn(3, key(3));
		expect(late.openText(first)).toBeNull();
		for (const { epoch, wrapped } of before.reverse()) {
			late.unwrapBefore(epoch, epoch - 1, wrapped);
		}
		expect(late.openText(first)).toBe('Garden');
		expect(late.keyOf(1)).toBeNull();
	});

	it('are longer by a fixed number of bytes, and their text stands nowhere in them', () => {
		const vault = createVault(room, chance(1));
		vault.learn(1, key(1));
		const sealed = sealedBytesOf(vault.sealText('Garden talk')) ?? new Uint8Array(0);
		expect(sealed.length).toBe('Garden talk'.length + 20);
		expect(new TextDecoder().decode(sealed)).not.toContain('Garden');
		expect(vault.openText('in the clear')).toBe('in the clear');
	});
});

describe('the pass of a room', () => {
	const [ana, ben, cleo] = [person(1), person(2), person(3)];
	const gate = gateOf(room, passOf(room, SECRET));

	it('lets its bearer in where it is shown by the one to the other that it names', () => {
		const proof = gate.proof(ana.peer, ben.peer);
		expect(gate.isProof(ana.peer, ben.peer, proof)).toBe(true);
		expect(gate.isProof(cleo.peer, ben.peer, proof)).toBe(false);
		expect(gate.isProof(ana.peer, cleo.peer, proof)).toBe(false);
		const elsewhere = gateOf(roomIdOf(ana.key, new Uint8Array(8)), passOf(room, SECRET));
		expect(elsewhere.isProof(ana.peer, ben.peer, proof)).toBe(false);
	});

	it('names another place to meet than the room does, and wraps what seeds carry', () => {
		expect(gate.meeting).not.toBe(room);
		const event = Uint8Array.of(1, 2, 3);
		expect(gate.unwrap(gate.wrap(event))).toEqual(event);
		const other = gateOf(room, passOf(room, new Uint8Array(16)));
		expect(other.unwrap(gate.wrap(event))).toBeNull();
		expect(other.meeting).not.toBe(gate.meeting);
	});

	it('is not the secret, and does not give the key that members share', () => {
		const pass = passOf(room, SECRET);
		expect(pass).not.toEqual(SECRET);
		expect(memberKeyOf(room, pass)).not.toEqual(memberKeyOf(room, SECRET));
		expect(heldProof(key(1), ana.key)).not.toEqual(heldProof(key(1), ben.key));
	});
});

describe('the link of a locked room', () => {
	const link = (access: Access): string =>
		`https://seed.example/app/r/${encodeRoomKey(room)}?x=1#${encodeAccess(room, access)}`;

	it.each(['secret', 'pass'] as const)('carries its %s behind the key', (kind) => {
		const access = { kind, bytes: SECRET };
		expect(parseRoomKey(link(access))).toEqual({ ok: true, room, access });
		expect(parseRoomKey(`come: <${link(access)}>.`)).toEqual({ ok: true, room, access });
		const bare = `${encodeRoomKey(room)}#${encodeAccess(room, access)}`;
		expect(parseRoomKey(bare)).toEqual({ ok: true, room, access });
	});

	it('is told to be damaged where a letter of it is', () => {
		const whole = link({ kind: 'secret', bytes: SECRET });
		const bent = whole.slice(0, -3) + (whole.at(-3) === 'x' ? 'y' : 'x') + whole.slice(-2);
		expect(parseRoomKey(bent)).toMatchObject({ ok: false, reason: 'checksum' });
		const other = roomIdOf(person(4).key, new Uint8Array(8));
		expect(decodeAccess(other, encodeAccess(room, { kind: 'secret', bytes: SECRET }))).toBeNull();
	});
});
