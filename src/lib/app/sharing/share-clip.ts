/**
 * Hands a clip out, as it was cut. Loaded when somebody does. Of a locked room it is opened by the room's host alone, or
 * where the host opened the recording.
 */
import { bytesAsSource } from '#lib/io/disk/byte-sources.ts';
import { openFetched, saveHashes } from '#lib/io/disk/fetched-files.ts';
import { openClipFile } from '#lib/io/disk/recording-reader.ts';
import type { Disk } from '#lib/io/ports.ts';
import { CLIP_FILE_BYTES_MAX, type Clip } from '#lib/p2p/archive/clip-head.ts';
import { RECORDING_ID_BYTES, toHex, type RecordingId } from '#lib/p2p/wire/ids.ts';
import { mayOpenClips, mayShareClips } from './clip-leave.ts';
import type { Desk } from './desk.ts';
import { hashesOf, readPieceOf } from './manifests.ts';
import { newShare } from './new-share.ts';
import { expiryOf } from './own-clips.ts';
import { issue, type ShareTerms } from './own-shares.ts';
import type { OwnShare } from './share-book.ts';

/** `file`: a clip, as it would be saved. Gives by what id it is shared. Rejects where it cannot be kept, or handed out. */
export async function shareClip(
	desk: Desk,
	file: Uint8Array,
	terms: ShareTerms
): Promise<RecordingId> {
	const { parts, book } = desk;
	const { disk, clock } = parts;
	const isLong = file.length > CLIP_FILE_BYTES_MAX;
	const read = isLong ? null : await openClipFile(bytesAsSource(file));
	if (disk === null || read === null) throw new Error('There is no such clip.');
	const { clip } = read.head;
	if (!mayShareClips({ book, clock }, clip.id)) throw new Error('It may not be passed on.');
	const share = await prepareClip(desk, disk, {
		...{ file, clip, sealed: read.reader.recording.meta.sealed }
	});
	const { id } = share.link;
	const opened = terms.opened && mayOpenClips(book, clip.id);
	await issue(desk, share, { passedOn: terms.passedOn }, { opened });
	return id;
}

interface Prepared {
	readonly file: Uint8Array;
	readonly clip: Clip;
	readonly sealed: boolean;
}

async function prepareClip(
	desk: Desk,
	disk: Disk,
	{ file, clip, sealed }: Prepared
): Promise<OwnShare> {
	const { clock, keys: own } = desk.parts;
	const chance = crypto.getRandomValues(new Uint8Array(RECORDING_ID_BYTES));
	const id = toHex(chance) as RecordingId;
	const expiresAtMs = await expiryOf(desk, clip.id);
	const hashes = await writeClip(disk, id, file);
	return newShare({
		offered: {
			...{ id, room: clip.room, hostKey: own.publicKey, title: clip.title, sealed, clip: true },
			expiresAtMs,
			startedAtMs: clip.startedAtMs + clip.fromMs,
			durationMs: clip.toMs - clip.fromMs,
			bytes: file.length
		},
		hashes,
		from: { type: 'clip', of: clip.id },
		nowMs: Math.floor(clock.nowMs())
	});
}

/** As if it had been fetched. Nothing is left of one that could not be written whole. */
async function writeClip(disk: Disk, id: RecordingId, file: Uint8Array): Promise<Uint8Array[]> {
	const content = bytesAsSource(file);
	const hashes = await hashesOf(content);
	try {
		const files = await openFetched(disk, id, file.length);
		try {
			for (const piece of hashes.keys()) await files.put(piece, await readPieceOf(content, piece));
		} finally {
			await files.close();
		}
		await saveHashes(disk, id, hashes);
	} catch (error) {
		await disk.removeFolder(id);
		throw error;
	}
	return hashes;
}
