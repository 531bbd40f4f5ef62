/** What the app has of recordings: those that lie on this device, and what is handed out and fetched from peer to peer. */
import { createWorkerDisk } from '#lib/io/disk/worker-disk.ts';
import { askToPersist, isPersisted } from '#lib/io/disk/persistence.ts';
import { RECORDINGS } from '#lib/io/disk/recording-files.ts';
import { createKeys } from '#lib/io/keys/keys.ts';
import type { Clock, Device, Disk, Store } from '#lib/io/ports.ts';
import type { RecordingId } from '#lib/p2p/wire/ids.ts';
import type { BlockedList } from '../blocked-list.ts';
import type { ClaimedIdentity } from '../claim-identity.ts';
import type { Preferences } from '../preferences.ts';
import type { KeepNews } from '../people/keep-desk.ts';
import { openSharingDesk, type SharingDesk } from '../sharing/sharing-desk.ts';
import { createShelf, type Shelf } from './shelf.ts';

export interface RecordingsParts {
	readonly identity: ClaimedIdentity;
	readonly store: Store;
	readonly clock: Clock;
	readonly device: Device;
	readonly preferences: Preferences;
	readonly blocked: BlockedList;
	/** Null where this browser keeps no files for us. */
	readonly disk: Disk | null;
	/** What we call ourselves. */
	readonly myName: () => string;
	readonly isInRoom: () => boolean;
	/** Those who spoke are told how long one is kept. */
	readonly tell: (news: KeepNews) => Promise<void>;
	/** The recording that goes on now. */
	readonly current: () => RecordingId | null;
}

const note = (error: unknown): void => {
	console.warn(error);
};

export async function openRecordings(
	parts: RecordingsParts
): Promise<{ readonly shelf: Shelf; readonly sharing: SharingDesk }> {
	const { identity, store, clock, device, preferences, blocked, disk } = parts;
	const sharing = await openSharingDesk({
		// In a second tab we are somebody else, who has nothing of the first one's.
		disk: disk !== null && identity.kept ? createWorkerDisk(RECORDINGS) : null,
		...{ store, clock, keys: await createKeys(identity.keySeed), me: identity.peer },
		...{ myName: parts.myName, isInRoom: parts.isInRoom },
		mayPassOn: () => givesFreely(device, preferences.settings.fanout),
		isShunned: (peer) => blocked.people.some((one) => one.peer === peer),
		chance: () => Math.random(),
		note
	});
	const { current, tell } = parts;
	const shelf = createShelf({
		...{ disk, store, clock, sharing, isPersisted, askToPersist, current, tell, note }
	});
	return { shelf, sharing };
}

/** Whether recordings of others are passed on: not where data costs money, nor where the person only listens. */
function givesFreely({ conditions }: Device, fanout: number | null): boolean {
	const { metered, saveData } = conditions.network;
	return fanout !== 0 && !metered && !saveData;
}
