/** What the parts of sharing have in common: the book, the network where there is one, and what goes on now. */
import type { FetchedFiles } from '#lib/io/disk/fetched-files.ts';
import type { Clock, Disk, Keys, Store } from '#lib/io/ports.ts';
import { SHARES_ANNOUNCED_MAX } from '#lib/p2p/archive/share-limits.ts';
import type { PeerId, RecordingId, ShareKey } from '#lib/p2p/wire/ids.ts';
import type { Listeners } from '../listeners.ts';
import type { Fetch, FetchProgress, ShareNetwork } from './fetch.ts';
import { mayGive } from './giver.ts';
import type { Held } from './held.ts';
import { isExpired } from './manifests.ts';
import type { ShareBook } from './share-book.ts';

export interface SharingParts {
	/** Where files can be written at their end; null where this browser keeps none for us. */
	readonly disk: Disk | null;
	readonly store: Store;
	readonly clock: Clock;
	readonly keys: Keys;
	readonly me: PeerId;
	/** What we call ourselves. */
	readonly myName: () => string;
	readonly isInRoom: () => boolean;
	/** Whether we pass on what others share. */
	readonly mayPassOn: () => boolean;
	/** Who is not answered. */
	readonly isShunned: (peer: PeerId) => boolean;
	/** From 0 to 1. */
	readonly chance: () => number;
	readonly note: (error: unknown) => void;
}

/** Why a copy does not go on. */
export type CopyProblem =
	/** There is too little space for all of it. */
	| 'disk-full'
	/** It could not be written. */
	| 'disk-failed';

export interface Going {
	readonly fetch: Fetch;
	readonly files: FetchedFiles;
	progress: FetchProgress;
}

export interface Desk {
	readonly parts: SharingParts;
	readonly book: ShareBook;
	readonly changes: Listeners<undefined>;
	network: ShareNetwork | null;
	/** Resolves once there is one. */
	readonly connected: Promise<ShareNetwork>;
	readonly onConnected: (network: ShareNetwork) => void;
	/** Fetches under way. */
	readonly going: Map<RecordingId, Going>;
	/** Those that are being started or stopped: one after the other for each recording. */
	readonly turns: Map<RecordingId, Promise<void>>;
	readonly problems: Map<RecordingId, CopyProblem>;
	/** Pieces of what is whole, opened. At most SHARES_MAX, as the book. */
	readonly held: Map<RecordingId, Promise<Held | null>>;
	announced: ReadonlySet<ShareKey>;
	/** Asks for news of everything that is here, and tells hosts what is whole. */
	askNow: () => void;
}

export const changed = (desk: Desk): void => desk.changes.tell(undefined);

/** What there is to find is announced, and nothing else; calls are taken while there is something to give. */
export function announce(desk: Desk): void {
	const { network, book, parts } = desk;
	if (network === null) return;
	const nowMs = parts.clock.nowMs();
	const told = book.all.filter((share) => {
		const { manifest } = share.signed;
		// Who took something back has to be found by those who still have it.
		const isOwnAndTakenBack = share.role === 'host' && manifest.state === 'withdrawn';
		return mayGive({ ...parts, book }, share) || (isOwnAndTakenBack && !isExpired(manifest, nowMs));
	});
	const keys = new Set(told.slice(-SHARES_ANNOUNCED_MAX).map(({ key }) => key));
	for (const key of desk.announced) if (!keys.has(key)) network.directory.withdraw(key);
	for (const key of keys) if (!desk.announced.has(key)) network.directory.announce(key);
	desk.announced = keys;
	network.sharing.listen(keys.size > 0);
}

/** What is done about one recording is done one after the other. */
export function inTurn(desk: Desk, id: RecordingId, act: () => Promise<void>): Promise<void> {
	const mine = (desk.turns.get(id) ?? Promise.resolve()).catch(() => undefined).then(act);
	desk.turns.set(id, mine);
	const over = (): void => {
		if (desk.turns.get(id) === mine) desk.turns.delete(id);
	};
	mine.then(over, over);
	return mine;
}
