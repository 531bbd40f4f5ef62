/** Whether there is a seed where a person says there is one. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createNetworkDesk, type NetworkDesk } from '#lib/app/network/network-desk.ts';
import { loadPreferences } from '#lib/app/preferences.ts';
import { createMemoryStore } from '../lib/memory-store.ts';

const PEER = '12D3KooWP3WKsAmZJtjc9LKDaasaUx12wLvvdRWMG3Y3SR83qXaB';
const TOLD = { peer: PEER, addrs: [], seeds: [], stun: 8080, version: '0.1.0' };

afterEach(() => {
	vi.unstubAllGlobals();
});

async function setup(): Promise<{ desk: NetworkDesk; asked: string[] }> {
	const asked: string[] = [];
	vi.stubGlobal('fetch', (url: URL) => {
		asked.push(url.href);
		return Promise.resolve(new Response(JSON.stringify(TOLD)));
	});
	const desk = createNetworkDesk(
		await loadPreferences(createMemoryStore()),
		() => Promise.reject(new Error('There is no network here.')),
		{ now: { month: '2026-11', up: 0, down: 0 }, count: () => undefined }
	);
	return { desk, asked };
}

describe('a seed', () => {
	it('is asked who it is at its web address', async () => {
		const { desk, asked } = await setup();
		const found = `/dns4/seed.example/tcp/443/tls/ws/p2p/${PEER}`;
		expect(await desk.findSeed(' seed.example ')).toBe(found);
		expect(asked).toEqual(['https://seed.example/seed.json']);
	});

	it('is taken as it is by its multiaddr, and not asked where that is none', async () => {
		const { desk, asked } = await setup();
		const found = `/ip4/203.0.113.3/tcp/80/ws/p2p/${PEER}`;
		expect(await desk.findSeed(found)).toBe(found);
		for (const wrong of ['/ip4/203.0.113.300/tcp/80', '/dns4/a.example/tcp/99999', '/dns4'])
			expect(await desk.findSeed(`${wrong}/ws/p2p/${PEER}`)).toBeNull();
		expect(asked).toEqual([]);
	});
});
