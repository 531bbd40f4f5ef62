/** What a link leads to, before anything of it is fetched: asked of its host and of others until somebody answers. */
import type { Clock, Keys } from '#lib/io/ports.ts';
import {
	SHARE_SEARCH_MAX_MS,
	SHARE_SEARCH_MIN_MS,
	SHARE_SEARCH_MS
} from '#lib/p2p/archive/share-limits.ts';
import { shareKeyOf, type ShareLink } from '#lib/p2p/archive/share-link.ts';
import { decodeAnswer, encodeQuestion } from '#lib/p2p/archive/share-message.ts';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import { peerIdOf, type PeerId, type ShareKey } from '#lib/p2p/wire/ids.ts';
import type { ShareNetwork } from './fetch.ts';
import { checkManifest, type SignedManifest } from './manifests.ts';

export interface Preview {
	/** Null until somebody has told. */
	readonly found: SignedManifest | null;
	/** Nobody was there the last time we looked. */
	readonly alone: boolean;
	/** No more is asked. */
	stop(): void;
}

export function openPreview(
	link: ShareLink,
	parts: {
		readonly network: Promise<ShareNetwork>;
		readonly clock: Clock;
		readonly keys: Pick<Keys, 'verify'>;
		readonly onChange: () => void;
	}
): Preview {
	const { clock, keys, onChange } = parts;
	const key = shareKeyOf(link);
	const stay = new AbortController();
	let found: SignedManifest | null = null;
	let alone = false;
	let looking = false;
	let pauseMs = SHARE_SEARCH_MIN_MS;
	let cancel = (): void => undefined;
	const isOver = (): boolean => stay.signal.aborted;
	const stop = (): void => {
		stay.abort();
		cancel();
	};

	const ask = async (network: ShareNetwork, contact: Contact): Promise<void> => {
		try {
			const question = encodeQuestion({ type: 'look', key, manifest: new Uint8Array(0) });
			const answer = decodeAnswer(await network.sharing.ask(contact, question, stay.signal));
			if (answer?.type !== 'offer') return;
			const told = await checkManifest(answer.manifest, link, keys);
			const isNewer = (told?.manifest.issuedAtMs ?? 0) > (found?.manifest.issuedAtMs ?? 0);
			if (told === null || !isNewer || stay.signal.aborted) return;
			found = told;
			onChange();
		} catch {
			// It is not there; the next search tries again.
		}
	};
	const look = async (network: ShareNetwork): Promise<void> => {
		if (looking || stay.signal.aborted) return;
		looking = true;
		cancel();
		await askAround(
			network,
			{ key, host: peerIdOf(link.hostKey) },
			{ stay: stay.signal, ask: (contact) => ask(network, contact) }
		);
		looking = false;
		if (isOver() || found !== null) return;
		alone = true;
		onChange();
		cancel = clock.wake(clock.nowMs() + pauseMs, () => void look(network));
		pauseMs = Math.min(2 * pauseMs, SHARE_SEARCH_MAX_MS);
	};
	void parts.network.then((network) => {
		if (isOver()) return;
		const stopSeeds = network.seeds.onChange((reached) => {
			if (reached > 0 && found === null) void look(network);
		});
		stay.signal.addEventListener('abort', stopSeeds, { once: true });
		void look(network);
	});
	return {
		get found() {
			return found;
		},
		get alone() {
			return alone && found === null;
		},
		stop
	};
}

/** The host by its id alone, and whoever is announced. Resolves when all have answered or have not. */
async function askAround(
	{ directory }: ShareNetwork,
	{ key, host }: { readonly key: ShareKey; readonly host: PeerId },
	of: { readonly stay: AbortSignal; readonly ask: (contact: Contact) => Promise<void> }
): Promise<void> {
	const asked = [of.ask({ peer: host, addrs: [] })];
	const signal = AbortSignal.any([of.stay, AbortSignal.timeout(SHARE_SEARCH_MS)]);
	try {
		for await (const contact of directory.find(key, signal)) asked.push(of.ask(contact));
	} catch {
		// No seed answers.
	}
	await Promise.all(asked);
}
