/** Recordings of others: fetched when the person says so, passed on where their host allows it, deleted when their host says so. */
import { sha256 } from '@noble/hashes/sha2.js';
import { isDiskFull } from '#lib/io/disk/disk-full.ts';
import { loadHashes, openFetched, saveHashes } from '#lib/io/disk/fetched-files.ts';
import type { Disk } from '#lib/io/ports.ts';
import { PIECE_BYTES } from '#lib/p2p/archive/limits.ts';
import { pieceCount } from '#lib/p2p/archive/manifest.ts';
import type { ShareAnswer } from '#lib/p2p/archive/share-message.ts';
import type { ShareLink } from '#lib/p2p/archive/share-link.ts';
import { shareKeyOf } from '#lib/p2p/archive/share-link.ts';
import { sameBytes } from '#lib/p2p/wire/bytes.ts';
import type { RecordingId } from '#lib/p2p/wire/ids.ts';
import { forgetRecordingKeys, saveRecordingKeys } from '../engine/recording-keys.ts';
import { announce, changed, inTurn, type Desk } from './desk.ts';
import { startFetch, type FetchProgress, type ShareNetwork } from './fetch.ts';
import { checkManifest, isExpired, type SignedManifest } from './manifests.ts';
import { openOpenedKeys } from './opened-keys.ts';
import { renewClips, withdrawClips } from './own-clips.ts';
import { roomKeys } from './room-keys.ts';
import type { Copy, Share } from './share-book.ts';

/** What the browser needs for itself beside what is fetched. */
const SPACE_SPARED_BYTES = 20 * 1_024 * 1_024;

type Offer = Extract<ShareAnswer, { type: 'offer' }>;

/** As it is from the press on. */
export function newCopy(link: ShareLink, signed: SignedManifest, nowMs: number): Copy {
	const key = shareKeyOf(link);
	const keys = new Uint8Array(0);
	return {
		role: 'holder',
		link,
		key,
		signed,
		keys,
		sinceMs: nowMs,
		state: 'fetching',
		reported: false
	};
}

/** Starts, or goes on with, what is to be fetched, where there is a network. */
export function fetchCopy(desk: Desk, id: RecordingId): Promise<void> {
	return inTurn(desk, id, async () => {
		const { network, parts, book } = desk;
		const copy = book.find(id);
		if (network === null || parts.disk === null || desk.going.has(id)) return;
		if (copy?.role !== 'holder' || copy.state !== 'fetching') return;
		try {
			await begin(desk, copy, { network, disk: parts.disk });
		} catch (error) {
			await stopFor(desk, id, error);
		}
	});
}

async function begin(
	desk: Desk,
	copy: Copy,
	{ network, disk }: { readonly network: ShareNetwork; readonly disk: Disk }
): Promise<void> {
	const { clock, me, chance, note } = desk.parts;
	const { id } = copy.link;
	const { bytes } = copy.signed.manifest;
	const files = await openFetched(disk, id, bytes);
	try {
		const { left } = await disk.space();
		const missing = Math.max(0, bytes - files.count * PIECE_BYTES);
		if (left !== null && left < missing + SPACE_SPARED_BYTES) throw new DiskFull();
		const fetch = startFetch({
			...{ copy, network, clock, me, files, hashes: await loadHashes(disk, id) },
			start: Math.floor(chance() * pieceCount(bytes)),
			onHashes: (hashes) => saveHashes(disk, id, hashes),
			onOffer: (offer) => takeOffer(desk, id, offer),
			onProgress(progress) {
				const going = desk.going.get(id);
				if (going !== undefined) going.progress = progress;
				changed(desk);
			},
			onWhole: () => void whole(desk, id).catch(note),
			onFailed: (why) => void inTurn(desk, id, () => stopFor(desk, id, why)).catch(note)
		});
		desk.going.set(id, { fetch, progress: fetch.progress, files });
		desk.problems.delete(id);
		announce(desk);
		changed(desk);
	} catch (error) {
		await files.close();
		throw error;
	}
}

class DiskFull extends Error {}

/** It waits for the person: what is here stays. */
async function stopFor(desk: Desk, id: RecordingId, why: unknown): Promise<void> {
	const isFull = why instanceof DiskFull || isDiskFull(why);
	if (!isFull) desk.parts.note(why);
	desk.problems.set(id, isFull ? 'disk-full' : 'disk-failed');
	await halt(desk, id);
	await setState(desk, id, 'paused');
}

/** Lets go of lines and files. */
async function halt(desk: Desk, id: RecordingId): Promise<void> {
	const going = desk.going.get(id);
	desk.going.delete(id);
	desk.held.delete(id);
	if (going === undefined) return;
	await going.fetch.stop();
	await going.files.close();
}

async function setState(desk: Desk, id: RecordingId, state: Copy['state']): Promise<void> {
	const copy = desk.book.find(id);
	if (copy?.role === 'holder') await desk.book.put({ ...copy, state });
	announce(desk);
	changed(desk);
}

const whole = (desk: Desk, id: RecordingId): Promise<void> =>
	inTurn(desk, id, async () => {
		const copy = desk.book.find(id);
		if (copy?.role !== 'holder') return;
		await halt(desk, id);
		await keepKeys(desk, copy);
		await setState(desk, id, 'whole');
		desk.askNow();
	});

/** Of a locked room's recording: those that came with the link, and those that we had as a member. */
async function keepKeys({ parts: { store } }: Desk, copy: Copy): Promise<void> {
	const { signed, link, keys } = copy;
	if (!signed.manifest.sealed) return;
	const opened = keys.length === 0 ? null : openOpenedKeys(keys, link.secret, link.id);
	const mine = await roomKeys(store, signed.manifest.room);
	await saveRecordingKeys(store, link.id, [...(opened ?? []), ...mine]);
}

export const pauseCopy = (desk: Desk, id: RecordingId): Promise<void> =>
	inTurn(desk, id, async () => {
		await halt(desk, id);
		desk.problems.delete(id);
		await setState(desk, id, 'paused');
	});

/** As when the app is closed. */
export const leaveCopy = (desk: Desk, id: RecordingId): Promise<void> =>
	inTurn(desk, id, () => halt(desk, id));

/** Nothing of it is left here. */
export const removeCopy = (desk: Desk, id: RecordingId): Promise<void> =>
	inTurn(desk, id, async () => {
		await withdrawClips(desk, id);
		await erase(desk, id);
		await desk.book.forget(id);
		announce(desk);
		changed(desk);
	});

/** Its host took it back, or its day came: what is left is that it was so. */
export const giveUpCopy = (
	desk: Desk,
	id: RecordingId,
	why: 'withdrawn' | 'expired'
): Promise<void> =>
	inTurn(desk, id, async () => {
		await withdrawClips(desk, id);
		await erase(desk, id);
		await setState(desk, id, why);
	});

async function erase(desk: Desk, id: RecordingId): Promise<void> {
	await halt(desk, id);
	desk.problems.delete(id);
	await desk.parts.disk?.removeFolder(id);
	await forgetRecordingKeys(desk.parts.store, id);
}

/** What somebody says of a copy of ours. False where nothing is to be fetched any more. */
export async function takeOffer(desk: Desk, id: RecordingId, offer: Offer): Promise<boolean> {
	const share = desk.book.find(id);
	if (share === null) return false;
	const told = await checkManifest(offer.manifest, share.link, desk.parts.keys);
	// Whoever signs nothing has nothing; that is no reason to stop.
	if (told !== null) await takeManifest(desk, share, told);
	await takeKeys(desk, id, offer.keys);
	const now = desk.book.find(id);
	return now?.role === 'holder' && now.state === 'fetching';
}

/**
 * Of two manifests the one issued later counts. Under one link the bytes never change: one that speaks of others tells
 * nothing but whether it is still shared.
 */
export async function takeManifest(desk: Desk, share: Share, told: SignedManifest): Promise<void> {
	if (share.role === 'host') return;
	const { manifest } = told;
	const ours = share.signed.manifest;
	const isNewer = manifest.issuedAtMs > ours.issuedAtMs;
	if (!isNewer || !(manifest.state === 'withdrawn' || sameBytes(manifest.root, ours.root))) return;
	await desk.book.put({ ...share, signed: told });
	// What cannot be deleted now is with the next round of news.
	await expireCopy(desk, share.link.id).catch(desk.parts.note);
	if (manifest.state !== 'withdrawn') await renewClips(desk, share.link.id);
	announce(desk);
	changed(desk);
}

async function takeKeys(desk: Desk, id: RecordingId, keys: Uint8Array): Promise<void> {
	const copy = desk.book.find(id);
	const hash = copy?.signed.manifest.keysHash ?? null;
	if (copy?.role !== 'holder' || hash === null || sameBytes(copy.keys, keys)) return;
	if (!sameBytes(sha256(keys), hash)) return;
	const next = { ...copy, keys: keys.slice() };
	await desk.book.put(next);
	if (next.state === 'whole') await keepKeys(desk, next);
}

/** Deletes it where its day has come, or where its host took it back and it could not be deleted then. */
export async function expireCopy(desk: Desk, id: RecordingId): Promise<void> {
	const copy = desk.book.find(id);
	if (copy?.role !== 'holder' || copy.state === 'withdrawn' || copy.state === 'expired') return;
	const { manifest } = copy.signed;
	if (manifest.state === 'withdrawn') await giveUpCopy(desk, id, 'withdrawn');
	else if (isExpired(manifest, desk.parts.clock.nowMs())) await giveUpCopy(desk, id, 'expired');
}

export const NO_PROGRESS: FetchProgress = {
	...{ done: 0, pieces: 0, sources: 0, dropped: 0, alone: false }
};
