/**
 * Cuts a clip out of a recording: the frames of a stretch of it with what proves them, and of the log what says whose they
 * are. It is a small recording again, which is read as one, and begins where the clip does. Kept at all times:
 * 1. what a signature covers stays as it was signed;
 * 2. every frame of the stretch is in it, of everybody who is heard there.
 */
import { openEnvelope } from '../wire/envelope.ts';
import { isKind, type RoomEvent } from '../wire/event.ts';
import { streamOf, type EventId, type PeerId, type StreamId } from '../wire/ids.ts';
import { coveredBy } from '../wire/proof.ts';
import { concat } from '../wire/ids.ts';
import { TICK_MS } from '../wire/seq.ts';
import { encodeBlock, timeIn, type Block, type Run } from './block.ts';
import { joinParts } from './container.ts';
import { KINDS } from './kinds.ts';
import { CLIP_MAX_MS, CLIP_MIN_MS } from './limits.ts';
import { encodeLogEntry, type LogEntry } from './log-entry.ts';
import { encodeMeta } from './meta.ts';
import { covers, signedRows, type ChainedProof } from './proof-chain.ts';
import { AHEAD_MS, blocksIn, type OpenRecording, type Reading } from './reader.ts';
import { encodeRecord } from './record.ts';
import { createIndexer, encodeIndexEntry } from './seek-index.ts';
import { fromPlay } from './timeline.ts';

/** For who listens. */
export interface Cut {
	readonly fromMs: number;
	readonly toMs: number;
}

/** As near to what was wished as a clip of this recording can be, in whole ticks. */
export function cutWithin({ fromMs, toMs }: Cut, durationMs: number): Cut {
	const whole = (ms: number): number => Math.round(ms / TICK_MS) * TICK_MS;
	const last = Math.max(0, whole(durationMs) - CLIP_MIN_MS);
	const from = Math.max(0, Math.min(whole(fromMs), last));
	const to = Math.max(from + CLIP_MIN_MS, Math.min(whole(toMs), from + CLIP_MAX_MS));
	return { fromMs: from, toMs: Math.min(to, Math.max(from + CLIP_MIN_MS, whole(durationMs))) };
}

/** The content of a clip in one piece; null where nobody is heard in it. */
export function* clipOf(recording: OpenRecording, cut: Cut): Reading<Uint8Array | null> {
	const parts = partsOf(recording, cut);
	const blocks: Block[] = [];
	for (const [i, entry] of recording.index.entries()) {
		const isNear = parts.some(
			({ fromMs, toMs }) => entry.fromMs < toMs && entry.untilMs + AHEAD_MS >= fromMs
		);
		if (!isNear) continue;
		for (const block of yield* blocksIn(recording, i)) {
			const runs = block.runs.flatMap((run) => runsWithin(run, parts));
			if (runs.length > 0) blocks.push({ ...block, runs });
		}
	}
	const streams = new Set(blocks.flatMap(({ runs }) => runs.map(({ stream }) => stream)));
	return streams.size === 0 ? null : contentOf(recording, { parts, blocks, streams });
}

/** By the recording's own clock; several where it was paused in between. */
function partsOf({ spans }: OpenRecording, { fromMs, toMs }: Cut): Cut[] {
	return spans.flatMap((span) => {
		const from = Math.max(fromMs, span.playMs);
		const to = Math.min(toMs, span.playMs + span.toMs - span.fromMs);
		if (from >= to) return [];
		const atMs = fromPlay([span], from);
		return [{ fromMs: atMs, toMs: atMs + to - from }];
	});
}

/** Frames that begin in one of the parts, a run for each part. */
function runsWithin(run: Run, parts: readonly Cut[]): Run[] {
	return parts.flatMap(({ fromMs, toMs }) => {
		const frames = run.frames.filter(({ seq }) => {
			const atMs = timeIn(run, seq);
			return atMs >= fromMs && atMs < toMs;
		});
		const [first] = frames;
		if (first === undefined) return [];
		const numbers = new Set(frames.map(({ seq }) => seq));
		const proofs = proofsOf(run.stream, numbers, run.proofs);
		return [{ stream: run.stream, atMs: timeIn(run, first.seq), frames, proofs }];
	});
}

/** As much of each row as covers them, up to its signature. */
function proofsOf(
	stream: StreamId,
	numbers: ReadonlySet<number>,
	proofs: readonly ChainedProof[]
): ChainedProof[] {
	const left = new Set(numbers);
	const kept: ChainedProof[] = [];
	for (const row of signedRows(stream, proofs).reverse()) {
		const latest = [...left].map((seq) => row.proofs.findLastIndex((proof) => covers(proof, seq)));
		const from = Math.min(...latest.filter((at) => at >= 0));
		if (from === Infinity) continue;
		const part = row.proofs.slice(from);
		for (const proof of part) for (const { seq } of coveredBy(proof.seq, proof)) left.delete(seq);
		kept.unshift(...part);
	}
	return kept;
}

interface Chosen {
	readonly parts: readonly Cut[];
	readonly blocks: readonly Block[];
	readonly streams: ReadonlySet<StreamId>;
}

function contentOf(recording: OpenRecording, { parts, blocks, streams }: Chosen): Uint8Array {
	const indexer = createIndexer();
	const sound: Uint8Array[] = [];
	const index: Uint8Array[] = [];
	let bytes = 0;
	for (const block of blocks) {
		const record = encodeRecord(KINDS.block, encodeBlock(block));
		const entry = indexer.add(block, bytes);
		if (entry !== null) index.push(encodeIndexEntry(entry));
		sound.push(record);
		bytes += record.length;
	}
	const rest = indexer.rest();
	if (rest !== null) index.push(encodeIndexEntry(rest));
	const { meta, seats } = recording;
	const heard = new Set(seats.flatMap(({ stream, peer }) => (streams.has(stream) ? [peer] : [])));
	const people = meta.people.filter(({ peer }) => heard.has(peer));
	return joinParts({
		meta: encodeMeta({ ...meta, keptAtMs: null, people }),
		log: concat(...logOf(recording, { parts, streams, heard }).map(encodeLogEntry)),
		index: concat(...index),
		sound: concat(...sound)
	});
}

interface Wanted extends Pick<Chosen, 'parts' | 'streams'> {
	readonly heard: ReadonlySet<PeerId>;
}

/** Whose room it is, who sat where and by whose invitation, what they agreed to, and what was said or pinned there. */
function logOf({ log }: OpenRecording, { parts, streams, heard }: Wanted): LogEntry[] {
	const events = log.flatMap((entry) => (entry.type === 'event' ? (eventIn(entry) ?? []) : []));
	const seats = events.filter((event) => isKind(event, 'sit') && streams.has(streamOf(event.id)));
	const invitations = new Set(
		seats.flatMap((event): EventId[] =>
			isKind(event, 'sit') && event.body.invite !== null ? [event.body.invite] : []
		)
	);
	const isThere = (atMs: number): boolean =>
		parts.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
	const said = log.filter((entry) => {
		if (entry.type === 'mark') return false;
		const event = eventIn(entry);
		if (event === null) return false;
		if (entry.type === 'text') return isThere(entry.atMs) && heard.has(event.author);
		if (isKind(event, 'open') || seats.some(({ id }) => id === event.id)) return true;
		if (invitations.has(event.id)) return true;
		if (isKind(event, 'consent')) return heard.has(event.author);
		return isKind(event, 'pin') && isThere(entry.atMs);
	});
	const marks = parts.flatMap(({ fromMs, toMs }, i): LogEntry[] => {
		const isLast = i === parts.length - 1;
		return [
			{ type: 'mark', mark: 'on', atMs: fromMs, lastMs: fromMs },
			{ type: 'mark', mark: isLast ? 'off' : 'paused', atMs: toMs, lastMs: toMs }
		];
	});
	return [...said, ...marks];
}

function eventIn(entry: Exclude<LogEntry, { readonly type: 'mark' }>): RoomEvent | null {
	const opened = openEnvelope(entry.type === 'event' ? entry.envelope : entry.signed);
	return opened.ok ? opened.event : null;
}
