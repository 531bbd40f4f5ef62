/** Which seeds and servers, as it is kept; and what rooms took, month by month. */
import { describe, expect, it } from 'vitest';
import { loadDataUse } from '#lib/app/network/data-use.ts';
import {
	canHide,
	FIRST_NETWORK,
	hides,
	ICE_MAX,
	iceServersOf,
	isIceServer,
	readNetworkChoice
} from '#lib/app/network/network-choice.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
import { createMemoryStore } from '../lib/memory-store.ts';

const STUN = { url: 'stun:stun.example:3478', username: '', credential: '' };
const TURN = { url: 'turns:turn.example:443?transport=tcp', username: 'mira', credential: 'pw' };
const OWN = [{ urls: 'stun:home.example:3478' }];

describe('a server', () => {
	it('is STUN by its address alone, TURN with a name and a password', () => {
		expect([STUN, TURN].map(isIceServer)).toEqual([true, true]);
		expect(isIceServer({ ...TURN, credential: '' })).toBe(false);
		for (const url of ['', 'turn:', 'https://turn.example', 'stun:a b', `stun:${'a'.repeat(300)}`])
			expect(isIceServer({ ...STUN, url })).toBe(false);
	});

	it('stands beside those of the seeds', () => {
		expect(iceServersOf({ ...FIRST_NETWORK, ice: [STUN, TURN] }, OWN)).toEqual([
			...OWN,
			{ urls: STUN.url },
			{ urls: TURN.url, username: 'mira', credential: 'pw' }
		]);
	});
});

describe('an address', () => {
	it('is hidden only where somebody passes everything on', () => {
		expect(hides({ ...FIRST_NETWORK, relayOnly: true })).toBe(false);
		expect(canHide({ ...FIRST_NETWORK, ice: [STUN] })).toBe(false);
		expect(hides({ ...FIRST_NETWORK, ice: [TURN], relayOnly: true })).toBe(true);
		expect(hides({ ...FIRST_NETWORK, ice: [TURN] })).toBe(false);
	});
});

describe('what was kept', () => {
	it('is read part by part, and no more of it than fits', () => {
		expect(readNetworkChoice('nonsense')).toEqual(FIRST_NETWORK);
		const many = Array.from({ length: ICE_MAX + 5 }, (_, i) => ({
			...STUN,
			url: `stun:s${i}.example`
		}));
		const read = readNetworkChoice({ seeds: ['junk', 7], ice: [...many, 'x', {}], relayOnly: 1 });
		expect(read.seeds).toEqual([]);
		expect(read.ice).toHaveLength(ICE_MAX);
		expect(read.relayOnly).toBe(false);
		expect(
			readNetworkChoice(JSON.parse(JSON.stringify({ ...FIRST_NETWORK, ice: [TURN] })))
		).toEqual({
			...FIRST_NETWORK,
			ice: [TURN]
		});
	});
});

describe('what rooms took', () => {
	it('adds up over rooms and starts, and begins anew with each month', async () => {
		const store = createMemoryStore();
		const clock = createFakeClock();
		let month = '2026-11';
		const use = await loadDataUse(store, clock, () => month);
		const [one, two] = [{}, {}];
		use.count(one, 100, 10);
		use.count(one, 150, 30);
		use.count(two, 5, 1);
		expect(use.now).toEqual({ month, up: 155, down: 31 });
		const later = await loadDataUse(store, clock, () => month);
		expect(later.now.up).toBeGreaterThanOrEqual(100);
		month = '2026-12';
		expect(use.now).toEqual({ month, up: 0, down: 0 });
		use.count(two, 25, 1);
		expect(use.now).toEqual({ month, up: 20, down: 0 });
	});
});
