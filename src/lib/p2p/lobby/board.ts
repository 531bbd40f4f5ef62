/**
 * The notice board of a lobby: listings, at most so many of one host, of one source, and in all, each until its
 * time is over. A seed keeps one; so does whoever looks at several seeds.
 */
import type { Verified } from '../wire/envelope.ts';
import type { PeerId, RoomId } from '../wire/ids.ts';
import {
	ANNOUNCED_AHEAD_MAX_MS,
	ANNOUNCED_LATE_MS,
	CLOCK_SKEW_MAX_MS,
	LISTING_LIVE_MS,
	LISTING_WITHDRAWN_MS,
	LISTINGS_MAX,
	LISTINGS_PER_HOST_MAX,
	LISTINGS_PER_SOURCE_MAX
} from '../wire/limits.ts';
import type { ReadListing } from '../wire/listing.ts';
import type { TellAnswer } from '../wire/lobby.ts';

/** Announcements last for days: those may not take the places of rooms that are open now. */
const ANNOUNCED_MAX = LISTINGS_MAX / 2;

/** A listing on the board. */
export interface Notice {
	readonly listing: Verified<ReadListing>;
	/** When it was heard, by our own clock. */
	readonly heardAtMs: number;
	/** By our own clock; over then. */
	readonly untilMs: number;
	/** Counts the changes of the board. */
	readonly revision: number;
}

interface Kept extends Notice {
	readonly source: string | null;
}

export interface Board {
	/** Whether a listing would be taken, before its signature is checked, which costs more than this. */
	judge(listing: ReadListing, source: string | null, nowMs: number): TellAnswer;
	/**
	 * Puts it up in the place of the same room's earlier one. `source` is where it came from (an address), null
	 * where that says nothing; `ageMs` how long ago it was heard by whoever passed it on.
	 */
	put(
		listing: Verified<ReadListing>,
		from: { readonly source: string | null; readonly ageMs?: number },
		nowMs: number
	): TellAnswer;
	/** What was put up after that revision, withdrawals too, in the order of the changes. */
	since(revision: number, nowMs: number): readonly Notice[];
	/** Rooms that are open or announced. */
	list(nowMs: number): readonly Notice[];
	readonly revision: number;
	/** For who measures: everything kept, withdrawals too. */
	readonly size: number;
}

/**
 * 1. At most one notice for each room, the one issued last.
 * 2. Never more than LISTINGS_MAX, half of them announced, LISTINGS_PER_HOST_MAX of a host,
 *    LISTINGS_PER_SOURCE_MAX of a source. Who comes first stays: a flood cannot push out what is there.
 * 3. Nothing is kept after its time.
 */
export function createBoard(): Board {
	const notices = new Map<RoomId, Kept>();
	let revision = 0;

	const sweep = (nowMs: number): void => {
		for (const [room, { untilMs }] of notices) if (untilMs <= nowMs) notices.delete(room);
	};
	const judge = (listing: ReadListing, source: string | null, nowMs: number): TellAnswer => {
		sweep(nowMs);
		if (!isInTime(listing, nowMs)) return 'out-of-time';
		const before = notices.get(listing.room);
		if (before !== undefined && before.listing.issuedAtMs >= listing.issuedAtMs) return 'old';
		const others = [...notices.values()].filter((one) => one !== before);
		return hasRoom(others, listing, source) ? 'taken' : 'full';
	};
	return {
		judge,
		put(listing, { source, ageMs = 0 }, nowMs) {
			const answer = judge(listing, source, nowMs);
			const heardAtMs = nowMs - ageMs;
			const untilMs = endOf(listing, heardAtMs);
			if (answer !== 'taken') return answer;
			if (untilMs <= nowMs) return 'out-of-time';
			// Last changed, last in the map: `since` need not sort.
			notices.delete(listing.room);
			notices.set(listing.room, { listing, heardAtMs, untilMs, source, revision: ++revision });
			return 'taken';
		},
		since(after, nowMs) {
			sweep(nowMs);
			return [...notices.values()].filter((one) => one.revision > after);
		},
		list(nowMs) {
			sweep(nowMs);
			return [...notices.values()].filter(({ listing }) => listing.state !== 'withdrawn');
		},
		get revision() {
			return revision;
		},
		get size() {
			return notices.size;
		}
	};
}

function hasRoom(others: readonly Kept[], listing: ReadListing, source: string | null): boolean {
	const { host, state } = listing;
	const isAnnounced = state === 'announced';
	const announced = others.filter((one) => one.listing.state === 'announced').length;
	return (
		others.length < LISTINGS_MAX &&
		(!isAnnounced || announced < ANNOUNCED_MAX) &&
		countOf(others, host) < LISTINGS_PER_HOST_MAX &&
		(source === null ||
			others.filter((one) => one.source === source).length < LISTINGS_PER_SOURCE_MAX)
	);
}

const countOf = (notices: readonly Kept[], host: PeerId): number =>
	notices.filter((one) => one.listing.host === host).length;

function isInTime({ state, issuedAtMs, startsAtMs }: ReadListing, nowMs: number): boolean {
	// An announcement is as true as when it was made, whoever shows it.
	if (state === 'announced')
		return (
			issuedAtMs <= nowMs + CLOCK_SKEW_MAX_MS &&
			startsAtMs + ANNOUNCED_LATE_MS > nowMs &&
			startsAtMs <= nowMs + ANNOUNCED_AHEAD_MAX_MS + CLOCK_SKEW_MAX_MS
		);
	return Math.abs(nowMs - issuedAtMs) <= CLOCK_SKEW_MAX_MS;
}

function endOf({ state, startsAtMs }: ReadListing, heardAtMs: number): number {
	switch (state) {
		case 'live':
			return heardAtMs + LISTING_LIVE_MS;
		case 'announced':
			return startsAtMs + ANNOUNCED_LATE_MS;
		case 'withdrawn':
			return heardAtMs + LISTING_WITHDRAWN_MS;
	}
}
