/**
 * One identity for each browser, kept; but two tabs in one room must not be one person twice. Whichever tab
 * comes second gets an identity of its own, kept for that tab.
 */
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import { loadIdentity } from '#lib/io/keys/identity.ts';
import type { Store } from '#lib/io/ports.ts';
import { fromHex, peerIdOf, toHex, type PeerId } from '#lib/p2p/wire/ids.ts';

/** A reloaded page's lock is let go a moment after the new page asks for it. */
const LOCK_WAIT_MS = 400;
const TAB_RECORD = 'grapevine.tab-identity';

export interface ClaimedIdentity {
	readonly keySeed: Uint8Array;
	readonly publicKey: Uint8Array;
	readonly peer: PeerId;
	/** False in a second tab: this identity ends with the tab. */
	readonly kept: boolean;
}

export async function claimIdentity(store: Store): Promise<ClaimedIdentity> {
	const main = await loadIdentity(store);
	if (await hold(main.peer)) return { ...main, kept: true };
	const tab = await identityOf(readTabSeed());
	if (await hold(tab.peer)) return tab;
	// A duplicated tab brought a copy of the first one's identity along.
	const fresh = await identityOf(newKeySeed());
	sessionStorage.setItem(TAB_RECORD, toHex(fresh.keySeed));
	await hold(fresh.peer);
	return fresh;
}

function readTabSeed(): Uint8Array {
	const hex = sessionStorage.getItem(TAB_RECORD);
	if (hex !== null && /^[0-9a-f]{64}$/.test(hex)) return fromHex(hex);
	const seed = newKeySeed();
	sessionStorage.setItem(TAB_RECORD, toHex(seed));
	return seed;
}

async function identityOf(keySeed: Uint8Array): Promise<ClaimedIdentity> {
	const { publicKey } = await createKeys(keySeed);
	return { keySeed, publicKey, peer: peerIdOf(publicKey), kept: false };
}

/** Holds the identity's lock for the life of the page; false where another tab has it. */
function hold(peer: PeerId): Promise<boolean> {
	const { locks } = navigator as { locks?: LockManager };
	if (locks === undefined) return Promise.resolve(true);
	return new Promise((resolve) => {
		const forever = new Promise<void>(() => undefined);
		locks
			.request(`grapevine/${peer}`, { signal: AbortSignal.timeout(LOCK_WAIT_MS) }, () => {
				resolve(true);
				return forever;
			})
			.catch(() => {
				resolve(false);
			});
	});
}
