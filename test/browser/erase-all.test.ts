/** What a browser keeps for the app, and that nothing of it is left. */
import { expect, it } from 'vitest';
import { eraseAll } from '#lib/io/disk/erase-all.ts';
import { openIndexedDbStore } from '#lib/io/disk/indexed-db-store.ts';
import { browserSimplePeer } from '#lib/io/link/browser-simple-peer.ts';

const names = async (): Promise<string[]> => {
	const root = (await navigator.storage.getDirectory()) as FileSystemDirectoryHandle & {
		keys(): AsyncIterable<string>;
	};
	const found: string[] = [];
	for await (const name of root.keys()) found.push(name);
	return found;
};

it('takes away records, files, caches and words, though the app still holds its records open', async () => {
	// Another page of the app, which lets go when it is asked to.
	const store = await openIndexedDbStore('erased');
	await store.put('identity', Uint8Array.of(1));
	const root = await navigator.storage.getDirectory();
	const folder = await root.getDirectoryHandle('recordings', { create: true });
	await folder.getFileHandle('sound.0001', { create: true });
	await (await caches.open('shell')).put('/page', new Response('page'));
	localStorage.setItem('language', 'fr');
	sessionStorage.setItem('grapevine.tab-identity', 'ff');
	expect(await eraseAll()).toEqual([]);
	expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain('erased');
	expect(await names()).toEqual([]);
	expect(await caches.keys()).toEqual([]);
	expect([
		localStorage.getItem('language'),
		sessionStorage.getItem('grapevine.tab-identity')
	]).toEqual([null, null]);
});

/** The addresses a connection offers, until the browser has no more. */
function offered(relayOnly: boolean): Promise<string[]> {
	const peer = browserSimplePeer({ initiator: true, iceServers: [], relayOnly });
	const { _pc: connection } = peer as unknown as { _pc: RTCPeerConnection };
	const found: string[] = [];
	return new Promise((resolve) => {
		connection.addEventListener('icecandidate', ({ candidate }) => {
			if (candidate !== null) {
				found.push(candidate.candidate);
				return;
			}
			peer.destroy();
			resolve(found);
		});
	});
}

it('no address of ours is offered where all is to go by a relay', async () => {
	expect((await offered(false)).filter((one) => one !== '').length).toBeGreaterThan(0);
	expect((await offered(true)).filter((one) => one !== '')).toEqual([]);
});
