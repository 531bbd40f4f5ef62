/**
 * What the host looks back at: how many listened when, who spoke for how long, hands, reactions, messages. Counted on the
 * host's own device, of what its room tells it anyhow, and told to nobody.
 */
import type { RoomView } from '#lib/p2p/peer/view.ts';
import type { PeerId, RoomId } from '#lib/p2p/wire/ids.ts';

export interface SummaryMoment {
	/** Epoch ms by this device's clock. */
	readonly atMs: number;
	readonly listeners: number;
}

export interface SpokenTime {
	readonly peer: PeerId;
	readonly name: string;
	readonly spokenMs: number;
}

export interface RoomSummary {
	readonly room: RoomId;
	readonly title: string;
	/** What was seen up to then is counted, epoch ms; 0 before anything was. */
	readonly untilMs: number;
	/** As they were counted, the oldest first; at most MOMENTS_MAX. */
	readonly moments: readonly SummaryMoment[];
	readonly peak: SummaryMoment;
	/** Who spoke longest first; at most SPEAKERS_MAX. */
	readonly speakers: readonly SpokenTime[];
	/** Hands raised, reactions shown and messages written since it began. */
	readonly hands: number;
	readonly reactions: number;
	readonly messages: number;
}

/** What is new in the room. */
export interface RoomLook {
	readonly view: RoomView;
	readonly levels: ReadonlyMap<PeerId, number>;
	readonly reactions: number;
	/** When each was seen, epoch ms: after a return all that is remembered comes anew. */
	readonly messages: readonly number[];
	readonly nowMs: number;
}

export interface SummaryCount {
	look(news: RoomLook): void;
	readonly summary: RoomSummary;
}

/** Listeners are noted this often at first; of too many moments every second one goes, and they become rarer. */
const MOMENT_MS = 10_000;
/** More points than a chart has. */
export const MOMENTS_MAX = 360;
/** More than ever sit on a stage in one evening. */
export const SPEAKERS_MAX = 100;
/** Who is heard at two looks is taken to have spoken between them, unless the app slept in between. */
const LOOK_MAX_MS = 1_500;

/** Goes on from `before`, which the same room had on this device. */
export function countRoom(room: RoomId, before: RoomSummary | null): SummaryCount {
	let moments = [...(before?.moments ?? [])];
	let spacingMs = spacingOf(moments);
	let peak = before?.peak ?? { atMs: 0, listeners: 0 };
	let title = before?.title ?? '';
	let { hands, reactions, messages } = before ?? { hands: 0, reactions: 0, messages: 0 };
	const spoken = new Map(before?.speakers.map((one) => [one.peer, one]));
	const countedUntilMs = before?.untilMs ?? 0;
	/** Null before the first look: whose hand is up on a return had it up before. */
	let raised: ReadonlySet<PeerId> | null = before === null ? new Set() : null;
	let lookedAtMs: number | null = null;

	const note = (listeners: number, nowMs: number): void => {
		if (listeners > peak.listeners) peak = { atMs: nowMs, listeners };
		const last = moments.at(-1);
		if (last !== undefined && nowMs - last.atMs < spacingMs) return;
		moments.push({ atMs: nowMs, listeners });
		if (moments.length <= MOMENTS_MAX) return;
		moments = moments.filter((_, i) => i % 2 === 0);
		spacingMs *= 2;
	};
	const hear = ({ view, levels, nowMs }: RoomLook): void => {
		const forMs = lookedAtMs === null ? 0 : nowMs - lookedAtMs;
		if (forMs <= 0 || forMs > LOOK_MAX_MS) return;
		for (const { peer, name } of view.stage) {
			if ((levels.get(peer) ?? 0) <= 0) continue;
			const known = spoken.get(peer);
			if (known === undefined && spoken.size >= SPEAKERS_MAX) continue;
			spoken.set(peer, { peer, name, spokenMs: (known?.spokenMs ?? 0) + forMs });
		}
	};
	return {
		look(news) {
			const { view, nowMs } = news;
			if (view.phase !== 'joined' && view.phase !== 'reconnecting') return;
			title = view.title;
			note(view.listenerCount, nowMs);
			hear(news);
			const up = view.listeners.filter(({ handUp }) => handUp).map(({ peer }) => peer);
			hands += up.filter((peer) => raised?.has(peer) === false).length;
			raised = new Set(up);
			reactions += news.reactions;
			messages += news.messages.filter((seenAtMs) => seenAtMs > countedUntilMs).length;
			lookedAtMs = nowMs;
		},
		get summary() {
			const speakers = [...spoken.values()].sort((a, b) => b.spokenMs - a.spokenMs);
			const untilMs = lookedAtMs ?? countedUntilMs;
			const counts = { hands, reactions, messages };
			return { room, title, untilMs, moments: [...moments], peak, speakers, ...counts };
		}
	};
}

/** What was thinned before goes on thinned. */
function spacingOf(moments: readonly SummaryMoment[]): number {
	const [first, last] = [moments[0], moments.at(-1)];
	if (first === undefined || last === undefined || moments.length < MOMENTS_MAX / 2)
		return MOMENT_MS;
	return Math.max(MOMENT_MS, (last.atMs - first.atMs) / moments.length);
}
