/** A peer without a browser that notes when frames came and who its parent was. */
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { fetchSeedInfo } from '#lib/io/net/seed-info.ts';
import { parseRoomKey } from '#lib/p2p/wire/room-key.ts';
import { startHeadlessPeer } from '../../src/seed/headless-peer.ts';
import { eventually } from '../e2e/drive.ts';

/** A look is a millisecond's work on a slow machine, of which whoever is watched has nothing: three of them look. */
const LOOK_MS = 20;
/** Half a minute of one speaker. */
const TIMES_MAX = 1_500;
/** Gaps are looked for from shortly before a death until long after it. */
const GAPS_FROM_MS = 100;
const GAPS_FOR_MS = 2_500;

/** In milliseconds, from the death on. */
export interface Orphan {
	/** Until it had another parent. */
	readonly parentMs: number;
	/** Its longest time without a frame. */
	readonly frameGapMs: number;
}

export interface TimedPeer {
	readonly peer: string;
	parent(): string | null;
	/** What the death of its parent `before` at `atMs` was like. */
	since(atMs: number, before: string): Orphan;
	stop(): Promise<void>;
}

/** Joins, and resolves when it is attached. */
export async function joinTimed(seedUrl: string, key: string, fanout = 0): Promise<TimedPeer> {
	const answer = await fetchSeedInfo(seedUrl);
	const reading = parseRoomKey(key);
	if (!answer.ok || !reading.ok) throw new Error('The seed or the key of the bench is broken.');
	const framesMs: number[] = [];
	const peer = await startHeadlessPeer({
		seeds: answer.info.seeds,
		iceServers: answer.info.iceServers,
		room: reading.room,
		name: 'Timed',
		fanout,
		clock: createSystemClock(),
		onSound(inputs) {
			if (!inputs.some(({ type }) => type === 'frame')) return;
			framesMs.push(Date.now());
			if (framesMs.length > TIMES_MAX) framesMs.shift();
		},
		onStatus: () => undefined
	});
	const parents: { readonly atMs: number; readonly parent: string | null }[] = [];
	const look = setInterval(() => {
		const { parent } = peer.engine.diagnostics();
		if (parent !== parents.at(-1)?.parent) parents.push({ atMs: Date.now(), parent });
	}, LOOK_MS);
	const stop = async (): Promise<void> => {
		clearInterval(look);
		await peer.stop();
	};
	try {
		await eventually(
			'the peer without a browser is attached',
			() => Promise.resolve(peer.engine.diagnostics().depth),
			(depth) => depth !== null
		);
	} catch (error) {
		await stop();
		throw error;
	}
	return {
		peer: peer.peer,
		parent: () => peer.engine.diagnostics().parent,
		since(atMs, before) {
			const next = parents.find(
				(one) => one.atMs >= atMs && one.parent !== null && one.parent !== before
			);
			const toMs = atMs + GAPS_FOR_MS;
			const times = framesMs.filter((ms) => ms >= atMs - GAPS_FROM_MS && ms < toMs);
			const ends = [...times.slice(1), toMs];
			return {
				parentMs: (next?.atMs ?? Infinity) - atMs,
				frameGapMs: Math.max(0, ...ends.map((ms, i) => ms - (times[i] ?? atMs)))
			};
		},
		stop
	};
}
