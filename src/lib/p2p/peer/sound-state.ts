/** What the sound path of one peer remembers beside its streams. */
import type { PeerId, StreamId } from '../wire/ids.ts';
import { NO_FLAPS, type Flaps } from './flaps.ts';
import { LOSABLE_UNKNOWN } from './repair-timing.ts';
import { newSendTimes, type LinkTraffic, type SendTimes } from './traffic.ts';

/** "Push me everything new", as a neighbour pulled it. */
export interface Lease {
	readonly untilMs: number;
	/** Another speaker needs only those it does not hear itself; null: all. */
	readonly streams: ReadonlySet<StreamId> | null;
}

/** Of a parent's lateness, before there was any. */
export const NEVER_LATE = { ms: 0, atMs: -Infinity, times: 0 } as const;

/** The eager parent under watch, and the backup that stands in for it. */
export interface Watch {
	parent: PeerId | null;
	/** When its last packet of frames came, or since when it is our parent. */
	lastMs: number;
	/** How much later than expected its packets come, smoothed. */
	jitterMs: number;
	/** How late packets came of a parent that we took for silent in vain, when last, and how often in a row. */
	late: { readonly ms: number; readonly atMs: number; readonly times: number };
	/** Since when others bring new frames while it is silent. */
	evidenceMs: number | null;
	/** When the tree was last told. */
	starvedMs: number;
	/** Of parents that were left in haste. */
	flaps: Flaps;
	/** How many packets in a row may be missing before it counts as silent. */
	losable: number;
	/** Share its line loses; that of the one before it until it is known. */
	lineLoss: number;
	lease: {
		readonly from: PeerId;
		readonly askedMs: number;
		readonly untilMs: number;
		answered: boolean;
	} | null;
	/** Frames it brought again since `repeatsSinceMs` that it was not asked for. */
	repeats: number;
	repeatsSinceMs: number;
	/** When to look at it again; Infinity while nobody talks. */
	dueMs: number;
	/** We ourselves were held up since its last packet, and gave what waits the time to be read. */
	excused: boolean;
}

/** A backup that pushes everything beside our parent, because the way here loses too much. */
export interface Second {
	wanted: boolean;
	from: PeerId | null;
	askedMs: number;
	/** When a packet of frames last came from it. */
	lastMs: number;
}

/** Frames of one tick that wait for each other. */
export interface Bundle {
	waiting: readonly {
		readonly stream: StreamId;
		readonly seq: number;
		readonly bytes: Uint8Array;
	}[];
	/** When the first and the second of them came. */
	firstMs: number;
	secondMs: number;
	/** Its next frame goes ahead alone: so the others wait for less. */
	ahead: StreamId | null;
	dueMs: number;
}

/** What a backup said it has. */
export interface Shown {
	readonly atMs: number;
	/** A few at most: a map for each digest would cost more than looking through them. */
	readonly streams: readonly {
		readonly stream: StreamId;
		readonly seq: number;
		readonly bits: number;
	}[];
}

/** Repair in numbers, since we entered the room. */
export interface RepairCounts {
	/** Frames that were missing and had to be asked for. */
	gaps: number;
	/** Of those, closed by an answer. */
	repaired: number;
	/** Of those, given up. */
	lost: number;
	pullsSent: number;
	pullsServed: number;
	framesServed: number;
	digestsSent: number;
	/** Times a backup was asked to stand in for our parent. */
	leasesAsked: number;
	/** Times the tree was told that our parent is silent. */
	starved: number;
	/** Copies of earlier frames put into packets for links that lose some. */
	copies: number;
	/** Bytes of frames and of digests and pulls, out. */
	frameBytesUp: number;
	repairBytesUp: number;
}

export interface SoundState {
	/** At most NEIGHBOURS_REMEMBERED_MAX. */
	readonly links: Map<PeerId, LinkTraffic>;
	/** The traffic of our children, in their order: looked up once for many packets. */
	fan: { readonly children: readonly PeerId[]; readonly links: readonly LinkTraffic[] };
	readonly downTimes: SendTimes;
	readonly meshTimes: SendTimes;
	/** Only neighbours that may pull hold one. */
	readonly leases: Map<PeerId, Lease>;
	/** Whom we asked for frames, and until when any stream is taken from it. At most one for each link. */
	readonly owing: Map<PeerId, number>;
	/** Only of our backups. */
	readonly shown: Map<PeerId, Shown>;
	readonly watch: Watch;
	readonly second: Second;
	readonly bundle: Bundle;
	/** When the first gap is to be asked for. */
	gapsDueMs: number;
	/** When those we stand by for may next be told what we have. */
	nextDigestMs: number;
	/** The earliest wake under way. */
	wakeMs: number;
	/** Seats of other speakers no link leads to, since when, and whom we asked instead. */
	readonly unheard: Map<StreamId, { readonly sinceMs: number; askedMs: number; turn: number }>;
	readonly counts: RepairCounts;
}

export function newSoundState(): SoundState {
	return {
		links: new Map(),
		fan: { children: [], links: [] },
		downTimes: newSendTimes(),
		meshTimes: newSendTimes(),
		leases: new Map(),
		owing: new Map(),
		shown: new Map(),
		watch: {
			parent: null,
			lastMs: 0,
			jitterMs: 0,
			late: NEVER_LATE,
			evidenceMs: null,
			starvedMs: 0,
			flaps: NO_FLAPS,
			losable: LOSABLE_UNKNOWN,
			lineLoss: 0,
			lease: null,
			repeats: 0,
			repeatsSinceMs: -Infinity,
			dueMs: Infinity,
			excused: false
		},
		second: { wanted: false, from: null, askedMs: -Infinity, lastMs: -Infinity },
		bundle: { waiting: [], firstMs: 0, secondMs: 0, ahead: null, dueMs: Infinity },
		gapsDueMs: Infinity,
		nextDigestMs: 0,
		wakeMs: Infinity,
		unheard: new Map(),
		counts: {
			gaps: 0,
			repaired: 0,
			lost: 0,
			pullsSent: 0,
			pullsServed: 0,
			framesServed: 0,
			digestsSent: 0,
			leasesAsked: 0,
			starved: 0,
			copies: 0,
			frameBytesUp: 0,
			repairBytesUp: 0
		}
	};
}
