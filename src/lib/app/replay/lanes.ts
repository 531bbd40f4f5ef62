/** When who is heard in a recording, by its index alone: for drawing, jumping and leaving out silence before any sound is read. */
import type { IndexEntry } from '#lib/p2p/archive/seek-index.ts';
import type { OpenRecording } from '#lib/p2p/archive/reader.ts';
import { toPlay } from '#lib/p2p/archive/timeline.ts';
import { LEVEL_SILENT } from '#lib/p2p/wire/packet.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { TICK_MS } from '#lib/p2p/wire/seq.ts';

/** A stretch of somebody's voice, by the clock people listen by. */
export interface Stretch {
	readonly fromMs: number;
	readonly toMs: number;
	/** From 0 (as good as silent, or sealed) to 1, the loudest in it. */
	readonly loudness: number;
}

export type Lanes = ReadonlyMap<PeerId, readonly Stretch[]>;

/** Quieter than this, in -dBov, is drawn as nothing. */
const QUIET_LEVEL = 60;
/** Of sealed sound only its length is known: drawn as if it were of middling loudness. */
const SEALED_LOUDNESS = 0.5;
/** A breath is no silence: only what lasts longer is left out or jumped over. */
const BREATH_MS = 1_500;

export function lanesOf({ seats, index, spans, meta }: OpenRecording): Lanes {
	const peers = new Map(seats.map(({ stream, peer }) => [stream, peer]));
	const lanes = new Map<PeerId, Stretch[]>();
	for (const { lanes: heard } of index) {
		for (const lane of heard) {
			const peer = peers.get(lane.stream);
			if (peer === undefined || lane.voiceTicks === 0) continue;
			const mine = lanes.get(peer) ?? [];
			lanes.set(peer, mine);
			const fromMs = toPlay(spans, lane.atMs);
			const toMs = toPlay(spans, lane.atMs + lane.voiceTicks * TICK_MS);
			mine.push({ fromMs, toMs, loudness: loudnessOf(lane, meta.sealed) });
		}
	}
	for (const mine of lanes.values()) mine.sort((a, b) => a.fromMs - b.fromMs);
	return lanes;
}

function loudnessOf({ level }: IndexEntry['lanes'][number], sealed: boolean): number {
	if (sealed && level === LEVEL_SILENT) return SEALED_LOUDNESS;
	return Math.max(0, 1 - level / QUIET_LEVEL);
}

export type Silence = Omit<Stretch, 'loudness'>;

/** Stretches in which nobody is heard for longer than a breath. */
export function silencesOf(lanes: Lanes, durationMs: number): Silence[] {
	const voice = [...lanes.values()].flat().sort((a, b) => a.fromMs - b.fromMs);
	const silences: Silence[] = [];
	let heardMs = 0;
	for (const { fromMs, toMs } of [...voice, { fromMs: durationMs, toMs: durationMs }]) {
		if (fromMs - heardMs > BREATH_MS) silences.push({ fromMs: heardMs, toMs: fromMs });
		heardMs = Math.max(heardMs, toMs);
	}
	return silences;
}

/** When that person begins to speak next after `afterMs`; null where it is not again. */
export function nextTurn(stretches: readonly Stretch[], afterMs: number): number | null {
	let untilMs = -Infinity;
	for (const { fromMs, toMs } of stretches) {
		if (fromMs > afterMs && fromMs - untilMs > BREATH_MS) return fromMs;
		untilMs = Math.max(untilMs, toMs);
	}
	return null;
}

/** How loud somebody was in each of `columns` equal parts of the recording, from 0 to 1. */
export function columnsOf(
	stretches: readonly Stretch[],
	durationMs: number,
	columns: number
): readonly number[] {
	const heights = new Array<number>(columns).fill(0);
	const column = (ms: number): number =>
		Math.min(columns - 1, Math.max(0, Math.floor((ms / Math.max(1, durationMs)) * columns)));
	for (const { fromMs, toMs, loudness } of stretches) {
		for (let i = column(fromMs); i <= column(Math.max(fromMs, toMs - 1)); i++) {
			heights[i] = Math.max(heights[i] ?? 0, loudness);
		}
	}
	return heights;
}
