/** Which seeds and servers, as it is kept; and what rooms took, month by month. */
import { afterEach, describe, expect, it, vi } from 'vitest';
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
const PEER = '12D3KooWP3WKsAmZJtjc9LKDaasaUx12wLvvdRWMG3Y3SR83qXaB';
const OWN = [{ urls: 'stun:home.example:3478' }];

afterEach(() => {
	vi.unstubAllGlobals();
});

describe('a server', () => {
	it('is STUN by its address alone, TURN with a name and a password', () => {
		expect([STUN, TURN].map(isIceServer)).toEqual([true, true]);
		expect(isIceServer({ ...TURN, credential: '' })).toBe(false);
		for (const url of ['', 'turn:', 'https://turn.example', 'stun:a b', `stun:${'a'.repeat(300)}`])
			expect(isIceServer({ ...STUN, url })).toBe(false);
	});

	it.each([
		'stun:stun.example',
		'stuns:stun.example:5349',
		'stun:203.0.113.3:1',
		'stun:[2001:db8::1]',
		'stun:[2001:db8::1]:65535',
		'stun:exämple.org',
		'turn:turn.example',
		'turn:[2001:db8::1]:3478?transport=udp',
		'turns:turn.example?transport=tcp'
	])('may be at %s', (url) => {
		expect(isIceServer({ ...TURN, url })).toBe(true);
	});

	it.each([
		'stun:stun.example:99999',
		'stun:stun.example:65536',
		'stun:stun.example:0',
		'stun:stun.example:',
		'stun:stun.example:12a',
		'stun:stun.example:3478:3478',
		'turn:a:b:c',
		'stun:2001:db8::1',
		'stun:[2001:db8::1',
		'stun:[2001::db8::1]',
		'stun:[stun.example]',
		'stun:[2001:db8::1]3478',
		'stun:203.0.113.300',
		'stun:stun.example#3478',
		'stun:stun.example?transport=udp',
		'turn:turn.example?transport=sctp',
		'turn:turn.example?transport=udp&transport=tcp',
		'turn:mira@turn.example',
		'turn://turn.example'
	])('is never at %s', (url) => {
		expect(isIceServer({ ...TURN, url })).toBe(false);
	});

	it('is none where the browser says so, after all', () => {
		const asked: unknown[] = [];
		vi.stubGlobal(
			'RTCPeerConnection',
			class {
				constructor({ iceServers }: { iceServers: { urls: string }[] }) {
					asked.push(...iceServers);
					if (iceServers.some(({ urls }) => urls === STUN.url)) throw new SyntaxError();
				}

				close(): void {
					asked.push('closed');
				}
			}
		);
		expect([STUN, TURN].map(isIceServer)).toEqual([false, true]);
		const taken = { urls: TURN.url, username: 'mira', credential: 'pw' };
		expect(asked).toEqual([{ urls: STUN.url }, taken, 'closed']);
		expect(readNetworkChoice({ ice: [STUN, TURN] }).ice).toEqual([TURN]);
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

describe('what was kept by who knew no better', () => {
	it('loses the seeds and servers that cannot be used, and keeps the others', () => {
		const seed = `/dns4/seed.example/tcp/443/tls/ws/p2p/${PEER}`;
		const seeds = [`/ip4/203.0.113.300/tcp/1/ws/p2p/${PEER}`, seed];
		const ice = [{ ...STUN, url: 'stun:stun.example:99999' }, STUN];
		expect(readNetworkChoice({ seeds, ice, relayOnly: false })).toEqual({
			...FIRST_NETWORK,
			seeds: [seed],
			ice: [STUN]
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
