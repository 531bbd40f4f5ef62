/** What the uplink bears: fewer children when packets do not leave in time, more again slowly. Pure. */
import type { LinkCounts } from './links.ts';
import type { EngineDiagnostics } from './messages.ts';

export interface UplinkSample {
	/** Children that we carry now. */
	readonly carried: number;
	/** Due since the room was entered: where they are fewer than before, that is another room. */
	readonly packets: number;
	/** By neighbour: children, and whoever else is sent sound, such as others on stage. */
	readonly unsentBy: Readonly<Record<string, LinkCounts>>;
}

export interface Uplink {
	/** Children that it bears; null while it bears all we asked of it. */
	readonly cap: number | null;
	readonly atMs: number;
	readonly packets: number;
	readonly unsentBy: UplinkSample['unsentBy'];
	/** Since when too much was dropped, without its being seen to be better. */
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
/** Fewer than this a second on a link are heartbeats and repairs: nobody talks there, and nothing is measured. */
const PACKETS_PER_SECOND_MIN = 20;
/** More than this share dropped is heard by children in spite of repairs. */
const UNSENT_SHARE_MAX = 0.05;
/** A lone link does not tell whose line is behind; its other end is better off elsewhere once most is dropped. */
const LONE_UNSENT_SHARE_MAX = 0.5;
/** One child's share, beside the worst link, may be another child that is gone: its link is given up after eight seconds. */
const ONE_CHILD_PATIENCE_MS = 10_000;
/** More than one child's share can only be the uplink: two bad samples in a row, so that one pause is forgiven. */
const MANY_CHILDREN_PATIENCE_MS = 2_000;
/** Children that were let go need this long to be gone, and their packets with them. */
const SETTLE_MS = 5_000;
/** One more child is tried after this long; after each relapse twice as long, up to the second. */
export const UPLINK_PATIENCE_MIN_MS = 60_000;
export const UPLINK_PATIENCE_MAX_MS = 16 * 60_000;
/**
 * A cap above all that is given by default, and above what is asked: by then it has gone well for so long that the past
 * is forgotten.
 */
const CAP_MAX = 16;

export function newUplink(): Uplink {
	return {
		cap: null,
		atMs: -Infinity,
		packets: 0,
		unsentBy: {},
		badSinceMs: null,
		changedAtMs: -Infinity,
		rose: false,
		quietSinceMs: -Infinity,
		patienceMs: UPLINK_PATIENCE_MIN_MS
	};
}

export function uplinkSample({
	children,
	bytes,
	engine
}: Pick<EngineDiagnostics, 'children' | 'bytes' | 'engine'>): UplinkSample {
	return { carried: children.length, packets: bytes.packetsUp, unsentBy: engine.unsentBy };
}

/** `asked`: children that somebody said we should carry, 0 where nobody did. */
export function nextUplink(
	before: Uplink,
	sample: UplinkSample,
	nowMs: number,
	asked: number
): Uplink {
	const { packets, unsentBy } = sample;
	const sampleMs = nowMs - before.atMs;
	const begins = before.atMs === -Infinity || packets < before.packets;
	if (!begins && sampleMs < SAMPLE_MS) return before;
	const looked: Uplink = { ...before, atMs: nowMs, packets, unsentBy };
	if (begins) return { ...looked, badSinceMs: null };
	const share = behindShare(soundOn(before.unsentBy, unsentBy, sampleMs));
	const capMax = Math.max(CAP_MAX, asked);
	// One child more would tell: until then what was bad has not ended.
	if (share === null) return better(looked, nowMs, capMax);
	const isBad = share > UNSENT_SHARE_MAX && sample.carried > 0;
	if (!isBad) return better({ ...looked, badSinceMs: null }, nowMs, capMax);
	// What went wrong went wrong since the last sample, not only now.
	const badSinceMs = before.badSinceMs ?? before.atMs;
	const bad = { ...looked, badSinceMs, quietSinceMs: nowMs };
	return worse(bad, { share, carried: sample.carried }, nowMs);
}

/** What was due, and dropped, within the last sample on each link that had sound. */
function soundOn(
	before: UplinkSample['unsentBy'],
	now: UplinkSample['unsentBy'],
	sampleMs: number
): LinkCounts[] {
	const dueMin = (PACKETS_PER_SECOND_MIN * sampleMs) / 1_000;
	return Object.entries(now)
		.map(([peer, counts]) => since(before[peer], counts))
		.filter(({ due }) => due >= dueMin);
}

/** A link that has had less than before is another with the same neighbour. */
function since(before: LinkCounts | undefined, { due, unsent }: LinkCounts): LinkCounts {
	if (before === undefined || due < before.due || unsent < before.unsent) return { due, unsent };
	return { due: due - before.due, unsent: unsent - before.unsent };
}

/**
 * Without the worst link: that neighbour's own line may be bad, and an uplink that is behind shows on others as well.
 * Null where a lone link does not tell.
 */
function behindShare(links: readonly LinkCounts[]): number | null {
	const [worst, ...others] = [...links].sort((a, b) => b.unsent - a.unsent);
	if (worst === undefined) return 0;
	if (others.length > 0) return unsentShare(others);
	const lone = unsentShare([worst]);
	return lone > UNSENT_SHARE_MAX && lone <= LONE_UNSENT_SHARE_MAX ? null : lone;
}

function unsentShare(links: readonly LinkCounts[]): number {
	const sum = (of: keyof LinkCounts): number => links.reduce((all, link) => all + link[of], 0);
	return sum('unsent') / sum('due');
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

function better(uplink: Uplink, nowMs: number, capMax: number): Uplink {
	if (uplink.cap === null || nowMs - uplink.quietSinceMs < uplink.patienceMs) return uplink;
	const cap = uplink.cap + 1;
	if (cap > capMax) return { ...newUplink(), ...last(uplink) };
	return { ...uplink, cap, changedAtMs: nowMs, rose: true, quietSinceMs: nowMs };
}

/** What the next sample is compared with. */
function last({ atMs, packets, unsentBy }: Uplink): Pick<Uplink, 'atMs' | 'packets' | 'unsentBy'> {
	return { atMs, packets, unsentBy };
}
