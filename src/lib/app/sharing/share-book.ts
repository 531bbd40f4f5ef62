/** What this device shares and what it fetched, kept: links, manifests, and how far things are. The pieces are on the disk. */
import type { Store } from '#lib/io/ports.ts';
import { CONTENT_HEAD_BYTES } from '#lib/p2p/archive/container.ts';
import { openManifest } from '#lib/p2p/archive/manifest.ts';
import { MANIFEST_BYTES_MAX } from '#lib/p2p/archive/limits.ts';
import { FETCHERS_MAX, OPENED_KEYS_BYTES_MAX, SHARES_MAX } from '#lib/p2p/archive/share-limits.ts';
import { SHARE_SECRET_BYTES, shareKeyOf, type ShareLink } from '#lib/p2p/archive/share-link.ts';
import {
	fromHex,
	parsePeerId,
	PUBLIC_KEY_BYTES,
	RECORDING_ID_BYTES,
	toHex,
	type PeerId,
	type RecordingId,
	type ShareKey
} from '#lib/p2p/wire/ids.ts';
import { hexIn, numberIn, textIn } from '../json-record.ts';
import { openKeptList } from '../kept-list.ts';
import type { SignedManifest } from './manifests.ts';

const RECORD = 'shares';

/** How far a copy is. */
export type CopyState =
	| 'fetching'
	/** The person said so, or the disk. */
	| 'paused'
	| 'whole'
	/** Its host took it back: nothing of it is here any more, and others are told. */
	| 'withdrawn'
	/** Its day came: nothing of it is here any more. */
	| 'expired';

const COPY_STATES: readonly CopyState[] = ['fetching', 'paused', 'whole', 'withdrawn', 'expired'];

interface Entry {
	readonly link: ShareLink;
	readonly key: ShareKey;
	/** The newest that is known. */
	readonly signed: SignedManifest;
	/** What opens a sealed one to who has the link; empty where it is not opened. */
	readonly keys: Uint8Array;
	/** Epoch ms: the newest are announced first, and the oldest forgotten. */
	readonly sinceMs: number;
}

/** What is handed out. */
export type ShareSource =
	/** `head`: what the content begins with: how long its parts were when it was shared. Later ones are no part of it. */
	| { readonly type: 'recording'; readonly head: Uint8Array }
	/** A clip's file in a folder of its own; `of`: what it was cut from. */
	| { readonly type: 'clip'; readonly of: RecordingId };

/** Ours, which we hand out. */
export interface OwnShare extends Entry {
	readonly role: 'host';
	readonly from: ShareSource;
	/** Who said that they have all of it. */
	readonly fetchers: readonly PeerId[];
}

/** Somebody else's, which we fetched. */
export interface Copy extends Entry {
	readonly role: 'holder';
	readonly state: CopyState;
	/** Its host was told that we have all of it. */
	readonly reported: boolean;
}

export type Share = OwnShare | Copy;

export interface ShareBook {
	/** The newest last. */
	readonly all: readonly Share[];
	find(id: RecordingId): Share | null;
	byKey(key: ShareKey): Share | null;
	/** In the place of one of the same recording. Rejects where the browser does not keep it; it holds until the next start. */
	put(share: Share): Promise<void>;
	forget(id: RecordingId): Promise<void>;
}

export async function loadShareBook(store: Store): Promise<ShareBook> {
	const format = { record: RECORD, read: readShare, write: asRecord, max: Infinity };
	const list = await openKeptList(store, format);
	const find = (id: RecordingId): Share | null =>
		list.items.find(({ link }) => link.id === id) ?? null;
	return {
		get all() {
			return list.items;
		},
		find,
		byKey: (key) => list.items.find((one) => one.key === key) ?? null,
		put: (share) => list.change((shares) => bounded(withShare(shares, share))),
		forget: (id) =>
			find(id) === null
				? Promise.resolve()
				: list.change((shares) => shares.filter(({ link }) => link.id !== id))
	};
}

/** In its place where it is the same one; the newest last. */
function withShare(shares: readonly Share[], share: Share): readonly Share[] {
	const { id } = share.link;
	const before = shares.find(({ link }) => link.id === id);
	if (before?.key === share.key) return shares.map((one) => (one === before ? share : one));
	return [...shares.filter((one) => one !== before), share];
}

/** At most SHARES_MAX; but what somebody has, or hands out, is not forgotten for what is over. */
function bounded(shares: readonly Share[]): readonly Share[] {
	let surplus = shares.length - SHARES_MAX;
	return surplus <= 0 ? shares : shares.filter((one) => !isOver(one) || surplus-- <= 0);
}

/** Nothing is handed out or fetched any more. */
export const isOver = (share: Share): boolean =>
	share.signed.manifest.state === 'withdrawn' ||
	(share.role === 'holder' && (share.state === 'withdrawn' || share.state === 'expired'));

function asRecord(share: Share): object {
	const { link, signed, keys, sinceMs } = share;
	const common = {
		id: link.id,
		hostKey: toHex(link.hostKey),
		secret: toHex(link.secret),
		signed: toHex(signed.signed),
		keys: toHex(keys),
		sinceMs
	};
	if (share.role === 'host') {
		const { from, fetchers } = share;
		return from.type === 'clip'
			? { ...common, cutFrom: from.of, fetchers }
			: { ...common, head: toHex(from.head), fetchers };
	}
	return { ...common, state: share.state, reported: share.reported };
}

function readShare(item: Readonly<Record<string, unknown>>): Share | null {
	const id = hexIn(item['id'], RECORDING_ID_BYTES) as RecordingId | null;
	const hostKey = hexIn(item['hostKey'], PUBLIC_KEY_BYTES);
	const secret = hexIn(item['secret'], SHARE_SECRET_BYTES);
	const signed = bytesIn(item['signed'], MANIFEST_BYTES_MAX);
	const opened = signed === null ? null : openManifest(signed);
	const keys = bytesIn(item['keys'], OPENED_KEYS_BYTES_MAX);
	if (!id || !hostKey || !secret || signed === null || opened === null || keys === null)
		return null;
	const link = { id, hostKey: fromHex(hostKey), secret: fromHex(secret) };
	const entry: Entry = {
		...{ link, keys, key: shareKeyOf(link), sinceMs: numberIn(item['sinceMs']) },
		signed: { manifest: opened.manifest, signed }
	};
	const from = sourceIn(item);
	if (from !== null) {
		const fetchers = Array.isArray(item['fetchers']) ? item['fetchers'].map(String) : [];
		const peers = fetchers.map(parsePeerId).filter((peer) => peer !== null);
		return { ...entry, role: 'host', from, fetchers: peers.slice(0, FETCHERS_MAX) };
	}
	const state = COPY_STATES.find((one) => one === item['state']);
	if (state === undefined) return null;
	return { ...entry, role: 'holder', state, reported: item['reported'] === true };
}

function sourceIn(item: Readonly<Record<string, unknown>>): ShareSource | null {
	const head = hexIn(item['head'], CONTENT_HEAD_BYTES);
	if (head !== null) return { type: 'recording', head: fromHex(head) };
	const of = hexIn(item['cutFrom'], RECORDING_ID_BYTES) as RecordingId | null;
	return of === null ? null : { type: 'clip', of };
}

function bytesIn(value: unknown, bytesMax: number): Uint8Array | null {
	const hex = textIn(value);
	const fits = hex.length % 2 === 0 && hex.length <= 2 * bytesMax && /^[0-9a-f]*$/.test(hex);
	return fits ? fromHex(hex) : null;
}
