/** Of a locked room's recording the keys that a clip of it needs, and no others: they open more than the clip to who has more. */
import { fetchedBytes } from '#lib/io/disk/fetched-files.ts';
import { openClipFile } from '#lib/io/disk/recording-reader.ts';
import { epochByteOf } from '#lib/p2p/lock/vault.ts';
import type { RecordingId } from '#lib/p2p/wire/ids.ts';
import { loadRecordingKeys, type EpochKey } from '../engine/recording-keys.ts';
import type { Desk } from './desk.ts';
import type { OwnShare } from './share-book.ts';

/** `of`: the recording it was cut from. Of epochs whose numbers end alike the latest, as whoever opens a frame takes it. */
export async function clipKeys(
	{ parts }: Desk,
	{ link, signed }: OwnShare,
	of: RecordingId
): Promise<readonly EpochKey[]> {
	const { disk, store } = parts;
	const file = disk && (await fetchedBytes(disk, link.id, signed.manifest.bytes));
	const clip = file && (await openClipFile(file));
	if (clip === null) return [];
	const bytes = new Set<number | null>();
	for await (const frames of clip.reader.frames(0)) {
		for (const { frame } of frames) if (frame.kind === 'voice') bytes.add(epochByteOf(frame.opus));
	}
	const needed = new Map<number, EpochKey>();
	for (const one of await loadRecordingKeys(store, of)) {
		const byte = one.epoch & 0xff;
		const isLater = one.epoch > (needed.get(byte)?.epoch ?? -1);
		if (bytes.has(byte) && isLater) needed.set(byte, one);
	}
	return [...needed.values()];
}
