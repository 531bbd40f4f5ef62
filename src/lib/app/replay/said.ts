/**
 * What was said, laid out in ticks of 20 ms by the clock people listen by: one row for each speaker, whatever seats they
 * had, so that tracks and mix are made of the same.
 */
import type { RecordingReader } from '#lib/io/disk/recording-reader.ts';
import type { RecordedFrame } from '#lib/p2p/archive/reader.ts';
import type { Vault } from '#lib/p2p/lock/vault.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { TICK_MS } from '#lib/p2p/wire/seq.ts';

/** What lies further behind its own time than this is left out: it was said in a pause, and has no place. */
const BEHIND_MAX_TICKS = 50;

export interface SaidTick {
	readonly peer: PeerId;
	readonly tick: number;
	/** As its speaker's encoder made it. */
	readonly opus: Uint8Array;
}

export interface Said {
	/** In the order of the ticks of each speaker. */
	readonly said: readonly SaidTick[];
	/** Nothing that follows stands before this tick. */
	readonly fromTick: number;
}

export interface SaidWish {
	readonly reader: RecordingReader;
	/** Opens what is sealed; what it cannot open is left out. */
	readonly vault: Vault;
	readonly fromTick: number;
	/** Behind the last; left out: to the end. */
	readonly toTick?: number;
	/** Only this one; null: everybody. */
	readonly only: PeerId | null;
}

export const ticksIn = (durationMs: number): number => Math.ceil(durationMs / TICK_MS);

/** Behind the last tick of what is wished. */
export const endOf = ({ reader, toTick }: SaidWish): number =>
	Math.min(toTick ?? Infinity, ticksIn(reader.recording.durationMs));

export async function* saidFrom(wish: SaidWish): AsyncGenerator<Said, void, undefined> {
	const { reader, fromTick, only } = wish;
	const { seats } = reader.recording;
	const mine = seats.filter(({ peer }) => only === null || peer === only);
	const peers = new Map(mine.map(({ stream, peer }) => [stream, peer]));
	const last = new Map<PeerId, number>();
	const end = endOf(wish);
	for await (const frames of reader.frames(fromTick * TICK_MS, new Set(peers.keys()))) {
		const said: SaidTick[] = [];
		for (const recorded of frames) {
			const peer = peers.get(recorded.frame.stream);
			const opus = opusOf(recorded, wish.vault);
			if (peer === undefined || opus === null) continue;
			const due = Math.round(recorded.playMs / TICK_MS);
			// Two of one speaker's never share a tick: clocks drift, and rounding does the rest.
			const tick = Math.max(due, (last.get(peer) ?? -1) + 1);
			if (tick - due > BEHIND_MAX_TICKS || tick < fromTick || tick >= end) continue;
			last.set(peer, tick);
			said.push({ peer, tick, opus });
		}
		const begin = Math.floor((frames.at(0)?.playMs ?? 0) / TICK_MS);
		if (begin >= end) return;
		yield { said, fromTick: begin };
	}
}

function opusOf({ frame }: RecordedFrame, vault: Vault): Uint8Array | null {
	if (frame.kind !== 'voice') return null;
	if (frame.sealed !== true) return frame.opus;
	const opened = vault.openFrame(frame.stream, frame.seq, frame.opus);
	return typeof opened === 'string' ? null : opened.opus;
}

/** Whether anybody plays music in it (RFC 6716, 3.1, tells stereo by a bit of the first byte): a file says so at its beginning. */
export async function channelsIn(wish: SaidWish): Promise<1 | 2> {
	for await (const { said } of saidFrom(wish)) {
		if (said.some(({ opus }) => ((opus[0] ?? 0) & 4) !== 0)) return 2;
	}
	return 1;
}
