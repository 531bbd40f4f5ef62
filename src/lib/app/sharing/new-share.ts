/** What is to be handed out, as it stands in the book before its host signs for it. */
import type { Manifest } from '#lib/p2p/archive/manifest.ts';
import { rootOf } from '#lib/p2p/archive/merkle.ts';
import { SHARE_SECRET_BYTES, shareKeyOf } from '#lib/p2p/archive/share-link.ts';
import type { OwnShare, ShareSource } from './share-book.ts';

/** What the manifest says of the content itself. */
export type Offered = Pick<
	Manifest,
	| 'id'
	| 'room'
	| 'hostKey'
	| 'title'
	| 'sealed'
	| 'clip'
	| 'expiresAtMs'
	| 'startedAtMs'
	| 'durationMs'
	| 'bytes'
>;

export interface NewShare {
	readonly offered: Offered;
	/** Of its pieces. */
	readonly hashes: readonly Uint8Array[];
	readonly from: ShareSource;
	/** Whole milliseconds, epoch. */
	readonly nowMs: number;
}

/** Under a link of its own, with everything but a signature that counts. */
export function newShare({ offered, hashes, from, nowMs }: NewShare): OwnShare {
	const secret = crypto.getRandomValues(new Uint8Array(SHARE_SECRET_BYTES));
	const link = { id: offered.id, hostKey: offered.hostKey, secret };
	const manifest: Manifest = {
		...offered,
		...{ issuedAtMs: nowMs, state: 'shared', passedOn: false, hostName: '', keysHash: null },
		root: rootOf(hashes)
	};
	return {
		...{ role: 'host', link, key: shareKeyOf(link), from, sinceMs: nowMs, fetchers: [] },
		signed: { manifest, signed: new Uint8Array(0) },
		keys: new Uint8Array(0)
	};
}
