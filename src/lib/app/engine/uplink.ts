/** What the uplink bears: fewer children when packets do not leave in time, more again slowly. Pure. */

/** Counters since the room was entered, and how many children we carry now. */
export interface UplinkSample {
	readonly carried: number;
	/** Datagrams due, and those of them that were dropped because a channel was closed or lagged. */
	readonly packets: number;
	readonly unsent: number;
}

export interface Uplink {
	/** Children that it bears; null while it bears all we asked of it. */
	readonly cap: number | null;
	readonly atMs: number;
	readonly packets: number;
	readonly unsent: number;
	/** Since when too much was dropped without a break. */
	readonly badSinceMs: number | null;
	/** The last change of the cap; it was a relapse if it had risen before it fell. */
	readonly changedAtMs: number;
	readonly rose: boolean;
	/** Since when nothing was bad and nothing changed. */
	readonly quietSinceMs: number;
	/** How long it has to go well before one more child is tried. */
	readonly patienceMs: number;
}

/** Shares of shorter times say little: a speaker sends 50 packets a second to each child. */
const SAMPLE_MS = 1_000;
/** Fewer than this in a sample are heartbeats: nobody talks, and nothing is measured. */
const SAMPLE_PACKETS_MIN = 40;
/** More than this share dropped is heard by children in spite of repairs. */
const UNSENT_SHARE_MAX = 0.05;
/** One child's share of packets may be lost because that child is gone: its link is given up after eight seconds. */
const ONE_CHILD_PATIENCE_MS = 10_000;
/** More than one child's share can only be the uplink: two bad samples in a row, so that one pause is forgiven. */
const MANY_CHILDREN_PATIENCE_MS = 2_000;
/** Children that were let go need this long to be gone, and their packets with them. */
const SETTLE_MS = 5_000;
/** One more child is tried after this long; after each relapse twice as long, up to the second. */
export const UPLINK_PATIENCE_MIN_MS = 60_000;
export const UPLINK_PATIENCE_MAX_MS = 16 * 60_000;
/** A cap above all that is given by default: by then it has gone well for so long that the past is forgotten. */
const CAP_MAX = 16;

export function newUplink(): Uplink {
	return {
		cap: null,
		atMs: -Infinity,
		packets: 0,
		unsent: 0,
		badSinceMs: null,
		changedAtMs: -Infinity,
		rose: false,
		quietSinceMs: -Infinity,
		patienceMs: UPLINK_PATIENCE_MIN_MS
	};
}

export function nextUplink(before: Uplink, sample: UplinkSample, nowMs: number): Uplink {
	const { packets, unsent } = sample;
	const begins = before.atMs === -Infinity || packets < before.packets || unsent < before.unsent;
	if (begins) return { ...before, atMs: nowMs, packets, unsent, badSinceMs: null };
	if (nowMs - before.atMs < SAMPLE_MS) return before;
	const due = packets - before.packets;
	const share = due < SAMPLE_PACKETS_MIN ? 0 : Math.min(1, (unsent - before.unsent) / due);
	const isBad = share > UNSENT_SHARE_MAX && sample.carried > 0;
	// What went wrong went wrong since the last sample, not only now.
	const badSinceMs = isBad ? (before.badSinceMs ?? before.atMs) : null;
	const uplink: Uplink = { ...before, atMs: nowMs, packets, unsent, badSinceMs };
	if (!isBad) return better(uplink, nowMs);
	const quiet = { ...uplink, quietSinceMs: nowMs };
	return worse(quiet, { share, carried: sample.carried }, nowMs);
}

function worse(
	uplink: Uplink,
	{ share, carried }: { readonly share: number; readonly carried: number },
	nowMs: number
): Uplink {
	const isMany = share * carried > 1.5;
	const waitMs = isMany ? MANY_CHILDREN_PATIENCE_MS : ONE_CHILD_PATIENCE_MS;
	const isSure = uplink.badSinceMs !== null && nowMs - uplink.badSinceMs >= waitMs;
	if (!isSure || nowMs - uplink.changedAtMs < SETTLE_MS) return uplink;
	const cap = Math.min(carried - 1, Math.floor(carried * (1 - share)));
	const patienceMs = uplink.rose
		? Math.min(2 * uplink.patienceMs, UPLINK_PATIENCE_MAX_MS)
		: uplink.patienceMs;
	return { ...uplink, cap, changedAtMs: nowMs, rose: false, patienceMs };
}

function better(uplink: Uplink, nowMs: number): Uplink {
	if (uplink.cap === null || nowMs - uplink.quietSinceMs < uplink.patienceMs) return uplink;
	const cap = uplink.cap + 1;
	if (cap > CAP_MAX) return { ...newUplink(), ...last(uplink) };
	return { ...uplink, cap, changedAtMs: nowMs, rose: true, quietSinceMs: nowMs };
}

/** What the next sample is compared with. */
function last({ atMs, packets, unsent }: Uplink): Pick<Uplink, 'atMs' | 'packets' | 'unsent'> {
	return { atMs, packets, unsent };
}
