/** Somebody who shares and fetches recordings, as an app does, on a real node, with files of the machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createShelf, type Shelf } from '#lib/app/recordings/shelf.ts';
import { openSharingDesk, type Preview, type SharingDesk } from '#lib/app/sharing/sharing-desk.ts';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { createFsDisk } from '#lib/io/disk/fs-disk.ts';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import { createPeerNode, type PeerNode } from '#lib/io/net/peer-node.ts';
import type { Clock, Disk, Keys, Store } from '#lib/io/ports.ts';
import { encodeMeta, type RecordingMeta } from '#lib/p2p/archive/meta.ts';
import { parseShareLink, type ShareLink } from '#lib/p2p/archive/share-link.ts';
import { peerIdOf, type PeerId, type RecordingId } from '#lib/p2p/wire/ids.ts';
import { createMemoryStore } from './memory-store.ts';
import { onceTold } from './once-told.ts';
import { QUIET_SHELF } from './quiet-shelf.ts';
import { reachSeeds } from './reach-seeds.ts';
import { putParts } from './tape-files.ts';
import type { MadeTape } from './tape-maker.ts';
import type { WholeSeed } from './whole-seed.ts';

/** Whoever fetched it may pass it on. */
export const OPEN_TO_ALL = { passedOn: true, opened: false };

export interface Sharer {
	readonly peer: PeerId;
	readonly node: PeerNode;
	readonly desk: SharingDesk;
	readonly disk: Disk;
	readonly store: Store;
	readonly keys: Keys;
	/** The app is closed; what is on its disk stays. */
	close(): Promise<void>;
	readonly keySeed: Uint8Array;
	/** The app is opened again; by another identity where it has another key. */
	reopened(changes?: Pick<SharerOptions, 'keySeed'>): Promise<Sharer>;
}

export interface SharerOptions {
	readonly keySeed?: Uint8Array;
	/** Of the desk; the network has the machine's own. */
	readonly clock?: Clock;
	/** Where its fetches begin, from 0 to 1. */
	readonly chance?: number;
	readonly mayPassOn?: boolean;
	/** What becomes of the machine's disk: one that is full, say. */
	readonly disk?: (disk: Disk) => Disk;
	/** Gets what goes wrong where nobody waits for it; throws it where it is left out. */
	readonly note?: (error: unknown) => void;
}

const folders: string[] = [];
const running = new Set<{ stop(): Promise<void> }>();

/** Stops everybody, and takes their files away. */
export async function endSharers(): Promise<void> {
	const all = [...running];
	running.clear();
	await Promise.all(all.map((one) => one.stop()));
	await Promise.all(
		folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true }))
	);
}

export async function openSharer(seed: WholeSeed, options: SharerOptions = {}): Promise<Sharer> {
	const folder = await mkdtemp(join(tmpdir(), 'grapevine-'));
	folders.push(folder);
	const keySeed = options.keySeed ?? newKeySeed();
	return open(seed, { ...options, keySeed }, { folder, store: createMemoryStore() });
}

const same = (disk: Disk): Disk => disk;
const rethrow = (error: unknown): void => {
	throw error;
};

async function open(
	seed: WholeSeed,
	options: SharerOptions & { readonly keySeed: Uint8Array },
	kept: { readonly folder: string; readonly store: Store }
): Promise<Sharer> {
	const { keySeed, clock = createSystemClock(), chance = 0, mayPassOn = true } = options;
	const keys = await createKeys(keySeed);
	const peer = peerIdOf(keys.publicKey);
	const disk = (options.disk ?? same)(createFsDisk(kept.folder));
	const { store } = kept;
	const desk = await openSharingDesk({
		...{ disk, store, clock, keys, me: peer },
		myName: () => 'Hanna',
		isInRoom: () => false,
		mayPassOn: () => mayPassOn,
		isShunned: () => false,
		chance: () => chance,
		note: options.note ?? rethrow
	});
	const nodeClock = createSystemClock();
	const node = await createPeerNode({ keySeed, seeds: [seed.addr], clock: nodeClock });
	running.add(node);
	await reachSeeds(node, 1);
	desk.connect(node);
	const close = async (): Promise<void> => {
		running.delete(node);
		for (const { id, state } of desk.copies) if (state === 'fetching') await desk.leave(id);
		await node.stop();
	};
	const reopened = async (changes: Pick<SharerOptions, 'keySeed'> = {}): Promise<Sharer> => {
		await close();
		return open(seed, { ...options, ...changes, keySeed: changes.keySeed ?? keySeed }, kept);
	};
	return { peer, node, desk, disk, store, keys, keySeed, close, reopened };
}

/** Puts a recording on somebody's disk, as if it had been recorded there by them. */
export async function putTape(
	{ disk, keys }: Sharer,
	{ parts, meta }: MadeTape,
	changes: Partial<RecordingMeta> = {}
): Promise<RecordingId> {
	const own = { ...meta, hostKey: keys.publicKey, ...changes };
	await putParts(disk, own.id, { ...parts, meta: encodeMeta(own) });
	return own.id;
}

/** As the page of the link does: looks until somebody tells. */
export function found(who: Sharer, link: ShareLink): Promise<NonNullable<Preview['found']>> {
	return new Promise((resolve) => {
		let preview: Preview | null = null;
		const told = (): void => {
			if (preview === null || preview.found === null) return;
			preview.stop();
			resolve(preview.found);
		};
		preview = who.desk.look(link, told);
		told();
	});
}

/** Looks, and presses. */
export async function fetchBy(who: Sharer, link: ShareLink): Promise<void> {
	await who.desk.fetch(link, await found(who, link));
}

/** Resolves once it is so, by what the desk tells. */
export const when = ({ desk }: Sharer, isSo: () => boolean): Promise<void> => onceTold(desk, isSo);

/** The link under which they share it. */
export const linkOf = ({ desk }: Sharer, id: RecordingId): ShareLink =>
	parseShareLink(desk.shared(id)!.link)!;

/** Their recordings, as the app lists them. */
export const shelfOf = ({ disk, store, desk }: Sharer): Shelf =>
	createShelf({
		...QUIET_SHELF,
		...{ disk, store, clock: createSystemClock(), sharing: desk }
	});
