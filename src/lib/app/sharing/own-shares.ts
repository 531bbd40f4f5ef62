/** Our own recordings, handed out: made ready, signed anew when something changes, taken back. */
import { saveHashes } from '#lib/io/disk/fetched-files.ts';
import { INDEX, LOG, META, openFolder, soundFiles } from '#lib/io/disk/recording-files.ts';
import type { Disk } from '#lib/io/ports.ts';
import { sha256 } from '@noble/hashes/sha2.js';
import { encodeContentHead } from '#lib/p2p/archive/container.ts';
import type { Manifest } from '#lib/p2p/archive/manifest.ts';
import { deletedAtMs } from '#lib/p2p/archive/retention.ts';
import { SHARE_SEARCH_MS } from '#lib/p2p/archive/share-limits.ts';
import { encodeQuestion } from '#lib/p2p/archive/share-message.ts';
import { sameBytes } from '#lib/p2p/wire/bytes.ts';
import type { RecordingId } from '#lib/p2p/wire/ids.ts';
import { NAME_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';
import { loadRecordingKeys, type EpochKey } from '../engine/recording-keys.ts';
import { cutTorn } from '../engine/reel-files.ts';
import { announce, changed, type Desk } from './desk.ts';
import { ownContent } from './held.ts';
import { hashesOf, signManifest } from './manifests.ts';
import { newShare } from './new-share.ts';
import { sealOpenedKeys } from './opened-keys.ts';
import type { OwnShare, Share } from './share-book.ts';

export interface ShareTerms {
	/** Others may pass it on, also while we are away. */
	readonly passedOn: boolean;
	/** Of a locked room: whoever has the link can listen. */
	readonly opened: boolean;
}

/** Hands it out, or changes on what terms. Rejects where it cannot be read or kept. */
export async function shareOwn(desk: Desk, id: RecordingId, terms: ShareTerms): Promise<void> {
	const known = desk.book.find(id);
	const isShared = known?.role === 'host' && known.signed.manifest.state === 'shared';
	const share = isShared ? known : await prepare(desk, id);
	await issue(desk, share, { ...termsOf(share.signed.manifest), passedOn: terms.passedOn }, terms);
}

type Changes = Partial<Pick<Manifest, 'passedOn' | 'state' | 'expiresAtMs'>>;

const termsOf = ({ passedOn, state, expiresAtMs }: Manifest): Changes => ({
	...{ passedOn, state, expiresAtMs }
});

/** False of what another identity on this device hands out, as in another tab: we cannot sign for it. */
export const isOurs = ({ parts }: Desk, { link }: Share): boolean =>
	sameBytes(link.hostKey, parts.keys.publicKey);

/** What is signed later counts, whatever the clock says. Rejects where it is not ours. */
export async function issue(
	desk: Desk,
	share: OwnShare,
	changes: Changes,
	{ opened }: Pick<ShareTerms, 'opened'>
): Promise<void> {
	const { book, parts } = desk;
	const { manifest } = share.signed;
	const { id, secret } = share.link;
	if (!isOurs(desk, share)) {
		throw new Error('Only who hosted it can hand it out, change that, or take it back.');
	}
	const epochKeys = opened && manifest.sealed ? await epochKeysOf(desk, share) : [];
	const keys = epochKeys.length === 0 ? new Uint8Array(0) : sealOpenedKeys(epochKeys, secret, id);
	const next: Manifest = {
		...manifest,
		...changes,
		issuedAtMs: Math.max(Math.floor(parts.clock.nowMs()), manifest.issuedAtMs + 1),
		hostName: cleanText(parts.myName(), NAME_BYTES_MAX),
		keysHash: keys.length === 0 ? null : sha256(keys)
	};
	await book.put({ ...share, keys, signed: await signManifest(next, parts.keys) });
	announce(desk);
	changed(desk);
}

async function epochKeysOf(desk: Desk, share: OwnShare): Promise<readonly EpochKey[]> {
	const { from, link } = share;
	if (from.type === 'recording') return loadRecordingKeys(desk.parts.store, link.id);
	const { clipKeys } = await import('./clip-keys.ts');
	return clipKeys(desk, share, from.of);
}

/** Everything but a signature that counts: what is shared from now on is what there is now. */
async function prepare(desk: Desk, id: RecordingId): Promise<OwnShare> {
	const { disk, clock } = desk.parts;
	if (disk === null) throw new Error('There are no recordings here.');
	await cutTornParts(disk, id);
	const reader = await openFolder(disk, id);
	if (reader === null) throw new Error('There is no such recording.');
	const { recording } = reader;
	const { meta } = recording;
	const head = encodeContentHead(recording.sizes);
	const content = await ownContent(disk, id, head);
	if (content === null) throw new Error('The recording is too large to be handed out.');
	const hashes = await hashesOf(content);
	await saveHashes(disk, id, hashes);
	desk.held.delete(id);
	return newShare({
		offered: {
			...{ id, room: meta.room, hostKey: meta.hostKey, title: meta.title },
			...{ sealed: meta.sealed, clip: false },
			expiresAtMs: deletedAtMs(meta, recording.lastMs),
			startedAtMs: meta.startedAtMs,
			durationMs: recording.durationMs,
			bytes: content.size
		},
		hashes,
		from: { type: 'recording', head },
		nowMs: Math.floor(clock.nowMs())
	});
}

/** What a crash left half written would be cut off when the recording goes on, and others would have it. */
async function cutTornParts(disk: Disk, id: RecordingId): Promise<void> {
	const last = (await soundFiles(disk, id)).at(-1);
	for (const name of [META, LOG, INDEX, ...(last === undefined ? [] : [last])]) {
		const file = await disk.open(id, name);
		try {
			await cutTorn(disk, id, name, file);
		} finally {
			await file.close();
		}
	}
}

/** Until when it is kept was chosen anew: those who have it are to know. Content where it is not shared, or not by us. */
export async function renewOwn(desk: Desk, id: RecordingId): Promise<void> {
	const share = desk.book.find(id);
	if (share?.role !== 'host' || !isOurs(desk, share) || share.signed.manifest.state === 'withdrawn')
		return;
	const reader = desk.parts.disk === null ? null : await openFolder(desk.parts.disk, id);
	if (reader === null) return;
	const { meta, lastMs } = reader.recording;
	const opened = share.keys.length > 0;
	await issue(desk, share, { expiresAtMs: deletedAtMs(meta, lastMs) }, { opened });
}

/** Whoever has it deletes it; those who are there are told at once. Content where it is not shared. */
export async function withdrawOwn(desk: Desk, id: RecordingId): Promise<void> {
	const share = desk.book.find(id);
	if (share?.role !== 'host' || share.signed.manifest.state === 'withdrawn') return;
	await issue(desk, share, { state: 'withdrawn' }, { opened: false });
	desk.held.delete(id);
	void tellHolders(desk, id);
}

/** It is deleted here: whoever has it by our leave is to delete it as well. Content where we cannot say so. */
export async function letGoOwn(desk: Desk, id: RecordingId): Promise<void> {
	const share = desk.book.find(id);
	if (share !== null && isOurs(desk, share)) await withdrawOwn(desk, id);
}

/** Those who have it and are there hear how it is now; who has it whole answers with that. */
export async function tellHolders(desk: Desk, id: RecordingId): Promise<void> {
	const { network, book } = desk;
	const share = book.find(id);
	if (network === null || share === null) return;
	const { key, signed } = share;
	const question = encodeQuestion({ type: 'look', key, manifest: signed.signed });
	const signal = AbortSignal.timeout(2 * SHARE_SEARCH_MS);
	try {
		for await (const contact of network.directory.find(key, signal)) {
			// Who cannot be reached now asks for news later.
			network.sharing.ask(contact, question, signal).catch(() => undefined);
		}
	} catch {
		// No seed answers: they ask for news themselves.
	}
}
