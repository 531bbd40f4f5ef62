import { describe, expect, it } from 'vitest';
import { passOf } from '#lib/p2p/lock/secrets.ts';
import { roomIdOf } from '#lib/p2p/wire/ids.ts';
import { encodeAccess, type Access } from '#lib/p2p/wire/room-access.ts';
import { encodeRoomKey } from '#lib/p2p/wire/room-key.ts';
import { readRelayCommand } from '../../../src/seed/relay-options.ts';

const room = roomIdOf(new Uint8Array(32).fill(1), new Uint8Array(8));
const SECRET = new Uint8Array(16).fill(9);
const PASS: Access = { kind: 'pass', bytes: passOf(room, SECRET) };
const link = (access: Access): string =>
	`https://seed.example/r/${encodeRoomKey(room)}#${encodeAccess(room, access)}`;

describe("the relay helper's command line", () => {
	it.each([
		['the pass', PASS],
		['nothing but the pass of the whole link', { kind: 'secret', bytes: SECRET } as const]
	])('takes %s of a locked room', (_, access) => {
		expect(readRelayCommand([link(access)])).toMatchObject({
			type: 'run',
			options: { room, access: PASS, seeds: ['https://seed.example'] }
		});
	});

	it('needs none for an open one, and says where a link is damaged', () => {
		expect(readRelayCommand([encodeRoomKey(room)])).toMatchObject({
			type: 'run',
			options: { room, access: null }
		});
		expect(readRelayCommand([`${link(PASS).slice(0, -1)}2`])).toMatchObject({ type: 'wrong' });
	});
});
