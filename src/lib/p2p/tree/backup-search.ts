/** Where a listener's look for backups stands. */
import type { Contact } from '../wire/contact.ts';
import type { PeerId } from '../wire/ids.ts';
import { fullBucket, type Bucket } from '../wire/rate.ts';
import * as timing from './timing.ts';

/** Looking for backups, one place at a time. */
export interface BackupSearch {
	/** What is under way: by a knock, or by `stand-by` on a link that is open. */
	attempt: {
		readonly peer: PeerId;
		readonly startedMs: number;
		readonly how: 'knock' | 'stand-by';
	} | null;
	/** Where those who did not stand by have sent us. At most REDIRECTS_MAX. */
	places: readonly Contact[];
	readonly triesLeft: Bucket;
	/** Not to be asked to stand by before that time. At most CONTACTS_MAX. */
	readonly avoid: Map<PeerId, number>;
	/** Stood by for us, less well than others: not to be looked at again before that time, but good in need. At most CONTACTS_MAX. */
	readonly worse: Map<PeerId, number>;
	/** When a third one may be looked for, to take the place of the worse of the two. */
	rotateAtMs: number;
	rotatePauseMs: number;
	/** Tries left in this rotation. */
	rotateTries: number;
	/** When the directory may be asked for want of places to try. */
	nextFindMs: number;
	/** Of a generator of numbers that look random, different at each peer. */
	shuffle: number;
}

export function newBackupSearch(me: PeerId): BackupSearch {
	let shuffle = 1;
	for (const letter of me) shuffle = Math.imul(shuffle, 31) + letter.charCodeAt(0);
	return {
		attempt: null,
		places: [],
		triesLeft: fullBucket(timing.BACKUP_TRIES),
		avoid: new Map(),
		worse: new Map(),
		rotateAtMs: 0,
		rotatePauseMs: timing.ROTATE_MIN_MS,
		rotateTries: 0,
		nextFindMs: 0,
		shuffle: shuffle >>> 0
	};
}
