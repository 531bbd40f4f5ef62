/** A peer without a browser that keeps what it hears, byte by byte, to be compared with what others heard. */
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { fetchSeedInfo } from '#lib/io/net/seed-info.ts';
import { parseRoomKey } from '#lib/p2p/wire/room-key.ts';
import { startHeadlessPeer } from '../../src/seed/headless-peer.ts';
import { eventually } from '../e2e/drive.ts';

/** Some minutes of one speaker: more than any measurement takes. */
const FRAMES_MAX = 20_000;

export interface CountingPeer {
	/** Opus packets in hexadecimal, by stream and number. */
	readonly frames: ReadonlyMap<string, string>;
	depth(): number | null;
	stop(): Promise<void>;
}

/** Joins as a listener that carries `fanout` children; resolves when sound would reach it. */
export async function joinCounting(
	seedUrl: string,
	key: string,
	fanout: number
): Promise<CountingPeer> {
	const answer = await fetchSeedInfo(seedUrl);
	const reading = parseRoomKey(key);
	if (!answer.ok || !reading.ok) throw new Error('The seed or the key of the bench is broken.');
	const frames = new Map<string, string>();
	const peer = await startHeadlessPeer({
		seeds: answer.info.seeds,
		iceServers: answer.info.iceServers,
		room: reading.room,
		name: 'Counter',
		fanout,
		clock: createSystemClock(),
		onSound(inputs) {
			for (const input of inputs) {
				if (input.type !== 'frame' || frames.size >= FRAMES_MAX) continue;
				frames.set(`${input.stream} ${input.seq}`, Buffer.from(input.opus).toString('hex'));
			}
		},
		onStatus: () => undefined
	});
	const depth = (): number | null => peer.engine.diagnostics().depth;
	await eventually(
		'the peer without a browser is attached',
		() => Promise.resolve(depth()),
		(now) => now !== null
	);
	return {
		frames,
		depth,
		stop: () => peer.stop()
	};
}
