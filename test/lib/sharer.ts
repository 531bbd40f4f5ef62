/** Somebody who shares and fetches recordings, as an app does, on a real node, with files of the machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSharingDesk, type Preview, type SharingDesk } from '#lib/app/sharing/sharing-desk.ts';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { createFsDisk } from '#lib/io/disk/fs-disk.ts';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import { createPeerNode, type PeerNode } from '#lib/io/net/peer-node.ts';
import type { Clock, Disk, Keys, Store } from '#lib/io/ports.ts';
import { encodeMeta, type RecordingMeta } from '#lib/p2p/archive/meta.ts';
import type { ShareLink } from '#lib/p2p/archive/share-link.ts';
import { peerIdOf, type PeerId, type RecordingId } from '#lib/p2p/wire/ids.ts';
import { createMemoryStore } from './memory-store.ts';
import { reachSeeds } from './reach-seeds.ts';
import type { MadeTape } from './tape-maker.ts';
import type { WholeSeed } from './whole-seed.ts';

export interface Sharer {
	readonly peer: PeerId;
	readonly node: PeerNode;
	readonly desk: SharingDesk;
	readonly disk: Disk;
	readonly store: Store;
	readonly keys: Keys;
	/** The app is closed; what is on its disk stays. */
	close(): Promise<void>;
	/** The app is opened again. */
	reopened(): Promise<Sharer>;
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
		note: (error) => {
			throw error;
		}
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
	const reopened = async (): Promise<Sharer> => {
		await close();
		return open(seed, options, kept);
	};
	return { peer, node, desk, disk, store, keys, close, reopened };
}

/** Puts a recording on somebody's disk, as if it had been recorded there by them. */
export async function putTape(
	{ disk, keys }: Sharer,
	{ parts, meta }: MadeTape,
	changes: Partial<RecordingMeta> = {}
): Promise<RecordingId> {
	const own = { ...meta, hostKey: keys.publicKey, ...changes };
	for (const [name, bytes] of Object.entries({ ...parts, meta: encodeMeta(own) })) {
		const file = await disk.open(own.id, name === 'sound' ? 'sound.0001' : name);
		await file.append(bytes);
		await file.close();
	}
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
export function when(who: Sharer, isSo: () => boolean): Promise<void> {
	return new Promise((resolve) => {
		if (isSo()) {
			resolve();
			return;
		}
		const stop = who.desk.onChange(() => {
			if (!isSo()) return;
			stop();
			resolve();
		});
	});
}
