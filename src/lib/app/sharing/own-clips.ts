/**
 * Clips of ours that are handed out, as recordings are. Kept at all times:
 * 1. a clip is handed out no longer than what it was cut from is there;
 * 2. of somebody else's recording it is handed out only while that may be passed on.
 */
import { fetchedBytes } from '#lib/io/disk/fetched-files.ts';
import { openFolder } from '#lib/io/disk/recording-files.ts';
import { deletedAtMs } from '#lib/p2p/archive/retention.ts';
import type { RecordingId } from '#lib/p2p/wire/ids.ts';
import { changed, type Desk } from './desk.ts';
import { isExpired } from './manifests.ts';
import { isOurs, issue, withdrawOwn } from './own-shares.ts';
import type { OwnShare, Share } from './share-book.ts';

/** When what it was cut from goes, epoch ms; null where that is kept. */
export async function expiryOf({ parts, book }: Desk, of: RecordingId): Promise<number | null> {
	const source = book.find(of);
	if (source?.role === 'holder') return source.signed.manifest.expiresAtMs;
	const reader = parts.disk === null ? null : await openFolder(parts.disk, of);
	if (reader === null) throw new Error('What it was cut from is not here.');
	return deletedAtMs(reader.recording.meta, reader.recording.lastMs);
}

const isClipOf =
	(of: RecordingId) =>
	(share: Share): share is OwnShare =>
		share.role === 'host' && share.from.type === 'clip' && share.from.of === of;

const isShared = ({ signed }: Share): boolean => signed.manifest.state === 'shared';

/** Until when what they were cut from is there has changed. */
export async function renewClips(desk: Desk, of: RecordingId): Promise<void> {
	for (const share of desk.book.all.filter(isClipOf(of)).filter(isShared)) {
		if (!isOurs(desk, share)) continue;
		const expiresAtMs = await expiryOf(desk, of);
		if (expiresAtMs === share.signed.manifest.expiresAtMs) continue;
		const opened = share.keys.length > 0;
		await issue(desk, share, { expiresAtMs }, { opened });
	}
}

/** What they were cut from is not there any more, or may not be passed on. */
export async function withdrawClips(desk: Desk, of: RecordingId): Promise<void> {
	for (const share of desk.book.all.filter(isClipOf(of))) {
		if (isOurs(desk, share)) await withdrawClip(desk, share.link.id);
	}
}

/** Whoever has it deletes it, and so do we: all that stays is that it was so. */
export async function withdrawClip(desk: Desk, id: RecordingId): Promise<void> {
	await withdrawOwn(desk, id);
	await desk.parts.disk?.removeFolder(id);
}

/** Nothing is left of those whose day has come. */
export async function expireClips(desk: Desk): Promise<void> {
	const { book, parts } = desk;
	const clips = book.all.filter((share) => share.role === 'host' && share.from.type === 'clip');
	for (const { link, signed } of clips) {
		if (!isExpired(signed.manifest, parts.clock.nowMs())) continue;
		desk.held.delete(link.id);
		await parts.disk?.removeFolder(link.id);
		await book.forget(link.id);
		changed(desk);
	}
}

/** The file of a clip that is here whole, our own or somebody else's; null where it is not. */
export async function clipBytes(
	{ parts, book }: Desk,
	id: RecordingId
): Promise<Uint8Array | null> {
	const share = book.find(id);
	if (parts.disk === null || share?.signed.manifest.clip !== true) return null;
	const { bytes } = share.signed.manifest;
	const file = await fetchedBytes(parts.disk, id, bytes);
	return file === null ? null : file.read(0, bytes);
}
