/** Recordings, handed out by their hosts and fetched by others, peer to peer: what screens and the shelf ask for. */
import { encodeShareLink, type ShareLink } from '#lib/p2p/archive/share-link.ts';
import type { Manifest } from '#lib/p2p/archive/manifest.ts';
import { SHARES_MAX } from '#lib/p2p/archive/share-limits.ts';
import { putNewest } from '#lib/p2p/wire/bounded.ts';
import { peerIdOf, type PeerId, type RecordingId } from '#lib/p2p/wire/ids.ts';
import { createListeners } from '../listeners.ts';
import {
	fetchCopy,
	leaveCopy,
	newCopy,
	NO_PROGRESS,
	pauseCopy,
	removeCopy,
	takeManifest
} from './copies.ts';
import { mayOpenClips, mayShareClips } from './clip-leave.ts';
import { announce, changed, type CopyProblem, type Desk, type SharingParts } from './desk.ts';
import type { FetchProgress, ShareNetwork } from './fetch.ts';
import { createGiver } from './giver.ts';
import { openHeld, type Held } from './held.ts';
import { isExpired } from './manifests.ts';
import { keepAsking } from './news.ts';
import { clipBytes, renewClips, withdrawClip, withdrawClips } from './own-clips.ts';
import { openPreview, type Preview } from './preview.ts';
import {
	letGoOwn,
	renewOwn,
	shareOwn,
	tellHolders,
	withdrawOwn,
	type ShareTerms
} from './own-shares.ts';
import {
	loadShareBook,
	type Copy,
	type CopyState,
	type OwnShare,
	type Share
} from './share-book.ts';

export type { ShareTerms } from './own-shares.ts';
export type { CopyProblem } from './desk.ts';
export type { CopyState } from './share-book.ts';
export type { Preview } from './preview.ts';

/** Ours, as its host sees it. */
export interface SharedView extends ShareTerms {
	/** What stands behind the `#` of its link. */
	readonly link: string;
	readonly state: 'shared' | 'withdrawn';
	/** Only members can hear it, unless it is opened. */
	readonly sealed: boolean;
	/** A clip, not a recording. */
	readonly clip: boolean;
	/** How many have said that they fetched it whole. */
	readonly fetched: number;
}

/** A clip of ours. */
export interface ClipView extends SharedView {
	readonly id: RecordingId;
	/** What it was cut from. */
	readonly of: RecordingId;
	readonly manifest: Manifest;
}

/** A recording of somebody else. */
export interface CopyView extends FetchProgress {
	readonly id: RecordingId;
	readonly host: PeerId;
	/** What stands behind the `#` of the link it came by. */
	readonly link: string;
	readonly manifest: Manifest;
	readonly state: CopyState;
	readonly problem: CopyProblem | null;
}

export interface SharingDesk {
	/** False where this browser keeps no files for us. */
	readonly available: boolean;
	/** How one of our own is shared; null where it never was. */
	shared(id: RecordingId): SharedView | null;
	/** Hands one of our own out, or changes on what terms. Rejects where it cannot be read, or kept. */
	share(id: RecordingId, terms: ShareTerms): Promise<void>;
	/** Whoever has it deletes it; of a clip nothing is left here either. */
	withdraw(id: RecordingId): Promise<void>;
	/** One of our own is deleted: it is taken back, and so are clips of it. */
	letGo(id: RecordingId): Promise<void>;
	/** Whether clips of it may be handed out, and a locked room's opened to whoever has their link. */
	clipLeave(of: RecordingId): { readonly share: boolean; readonly open: boolean };
	/** Hands a clip out: `file` is one as it would be saved. Gives its id. Rejects where it cannot be kept, or may not. */
	shareClip(file: Uint8Array, terms: ShareTerms): Promise<RecordingId>;
	/** Clips that we hand out; the newest first. */
	readonly clips: readonly ClipView[];
	/** The file of a clip that is here, our own or fetched whole; null where it is not. */
	clipBytes(id: RecordingId): Promise<Uint8Array | null>;
	/** How long it is kept was chosen anew. Content where it is not shared. */
	renew(id: RecordingId): Promise<void>;
	/** What we have, or had, of somebody else's; null where nothing. */
	copy(id: RecordingId): CopyView | null;
	/** Everything we have, or had, of somebody else's; the newest first. */
	readonly copies: readonly CopyView[];
	/** Asks what a link leads to as soon as there is a network, until it is stopped. */
	look(link: ShareLink, onChange: () => void): Preview;
	/** The person wants it: what was found is fetched from now on. Rejects where it cannot be kept. */
	fetch(link: ShareLink, found: NonNullable<Preview['found']>): Promise<void>;
	/** Goes on with one that was paused. */
	resume(id: RecordingId): Promise<void>;
	pause(id: RecordingId): Promise<void>;
	/** Nothing of it is left here. */
	remove(id: RecordingId): Promise<void>;
	/** Lets go of a fetch that goes on, as when the app is closed: it goes on with the next start. */
	leave(id: RecordingId): Promise<void>;
	/** From now on things are found, fetched and given. */
	connect(network: ShareNetwork): void;
	onChange(listener: () => void): () => void;
}

/** Rejects where the store cannot be read. */
export async function openSharingDesk(parts: SharingParts): Promise<SharingDesk> {
	const { promise: connected, resolve: onConnected } = Promise.withResolvers<ShareNetwork>();
	const desk: Desk = {
		...{ parts, connected, onConnected },
		book: await loadShareBook(parts.store),
		changes: createListeners(),
		network: null,
		...{ going: new Map(), turns: new Map(), problems: new Map(), held: new Map() },
		announced: new Set(),
		askNow: () => undefined
	};
	const { book } = desk;
	return {
		available: parts.disk !== null,
		shared(id) {
			const share = book.find(id);
			return share?.role === 'host' ? sharedView(share) : null;
		},
		share: (id, terms) => shareOwn(desk, id, terms),
		withdraw: (id) => (isClip(book.find(id)) ? withdrawClip(desk, id) : withdrawOwn(desk, id)),
		async letGo(id) {
			await letGoOwn(desk, id);
			await withdrawClips(desk, id);
		},
		async renew(id) {
			await renewOwn(desk, id);
			await renewClips(desk, id);
		},
		clipLeave: (of) => ({
			share: mayShareClips({ book, clock: parts.clock }, of),
			open: mayOpenClips(book, of)
		}),
		async shareClip(file, terms) {
			const { shareClip } = await import('./share-clip.ts');
			return shareClip(desk, file, terms);
		},
		get clips() {
			return book.all.flatMap(clipView).reverse();
		},
		clipBytes: (id) => clipBytes(desk, id),
		copy(id) {
			const share = book.find(id);
			return share?.role === 'holder' ? copyView(desk, share) : null;
		},
		get copies() {
			const all = book.all.filter((share) => share.role === 'holder').reverse();
			return all.map((copy) => copyView(desk, copy));
		},
		look: (link, onChange) => openPreview(link, { ...parts, network: desk.connected, onChange }),
		async fetch(link, found) {
			await book.put(newCopy(link, found, Math.floor(parts.clock.nowMs())));
			changed(desk);
			await fetchCopy(desk, link.id);
		},
		async resume(id) {
			const copy = book.find(id);
			if (copy?.role !== 'holder' || copy.state !== 'paused') return;
			await book.put({ ...copy, state: 'fetching' });
			changed(desk);
			await fetchCopy(desk, id);
		},
		pause: (id) => pauseCopy(desk, id),
		remove: (id) => removeCopy(desk, id),
		leave: (id) => leaveCopy(desk, id),
		connect: (network) => connect(desk, network),
		onChange: (listener) => desk.changes.add(listener)
	};
}

function sharedView({ link, signed, keys, fetchers }: OwnShare): SharedView {
	const { state, passedOn, sealed, clip } = signed.manifest;
	const opened = keys.length > 0;
	return {
		...{ state, passedOn, sealed, clip, opened, fetched: fetchers.length },
		link: encodeShareLink(link)
	};
}

const isClip = (share: Share | null): boolean =>
	share?.role === 'host' && share.from.type === 'clip';

/** None of what was taken back. */
function clipView(share: Share): ClipView[] {
	if (share.role !== 'host' || share.from.type !== 'clip') return [];
	const { link, signed, from } = share;
	const view = sharedView(share);
	if (view.state === 'withdrawn') return [];
	return [{ ...view, id: link.id, of: from.of, manifest: signed.manifest }];
}

function copyView({ going, problems }: Desk, { link, signed, state }: Copy): CopyView {
	const progress = going.get(link.id)?.progress ?? NO_PROGRESS;
	return {
		...progress,
		...{ id: link.id, host: peerIdOf(link.hostKey), link: encodeShareLink(link) },
		...{ manifest: signed.manifest, state },
		problem: problems.get(link.id) ?? null
	};
}

function connect(desk: Desk, network: ShareNetwork): void {
	const { parts, book } = desk;
	desk.network = network;
	desk.onConnected(network);
	const giver = createGiver({
		...parts,
		book,
		held: (share) => heldNow(desk, share),
		onNewer: (share, newer) => takeManifest(desk, share, newer),
		onHost(share) {
			if (share.role === 'holder' && !share.reported) desk.askNow();
		},
		async onWhole(share, from) {
			if (share.role !== 'host') return;
			await book.put({ ...share, fetchers: [...share.fetchers, from] });
			changed(desk);
		}
	});
	network.sharing.onQuestion((from, question, way) => giver.answer(from, question, way));
	announce(desk);
	desk.askNow = keepAsking(desk);
	network.seeds.onChange((reached) => {
		if (reached > 0) desk.askNow();
	});
	// Who fetched what while we were away is told when we are back, and tells.
	let greeted = false;
	const greet = (): void => {
		if (greeted || network.seeds.reached() === 0) return;
		greeted = true;
		for (const { role, key, link } of book.all) {
			if (role === 'host' && desk.announced.has(key)) void tellHolders(desk, link.id);
		}
	};
	network.seeds.onChange(greet);
	greet();
	for (const share of book.all) {
		if (share.role === 'holder' && share.state === 'fetching') {
			fetchCopy(desk, share.link.id).catch(parts.note);
		}
	}
}

/** Of what is being fetched, what is there now; of what is whole, all of it. */
async function heldNow({ going, held, parts, book }: Desk, share: Share): Promise<Held | null> {
	const { id } = share.link;
	const fetching = going.get(id)?.fetch.held;
	if (fetching !== undefined) return fetching;
	const isWhole = share.role === 'host' || share.state === 'whole';
	if (!isWhole || parts.disk === null || isExpired(share.signed.manifest, parts.clock.nowMs())) {
		return null;
	}
	const now = book.find(id) ?? share;
	const opened = held.get(id) ?? openHeld(parts.disk, now);
	putNewest(held, id, opened, SHARES_MAX);
	const found = await opened;
	// It may be there the next time: a disk is not always at hand.
	if (found === null && held.get(id) === opened) held.delete(id);
	return found;
}
