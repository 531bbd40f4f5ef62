/** Node peers in the room of a test: they meet by its seed, and hear and say nothing unless they are told to. */
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import type { RoomId } from '#lib/p2p/wire/ids.ts';
import {
	startHeadlessPeer,
	type HeadlessOptions,
	type HeadlessPeer
} from '../../src/seed/headless-peer.ts';
import type { RunningSeed } from './seed-process.ts';

export type Who = Pick<HeadlessOptions, 'name' | 'fanout' | 'keySeed' | 'opening' | 'shape'>;

const members = new Set<HeadlessPeer>();

/** `start`: what is to be started, an ordinary peer or a relay helper. */
export async function join(
	seed: RunningSeed,
	room: RoomId,
	who: Who,
	start: typeof startHeadlessPeer = startHeadlessPeer
): Promise<HeadlessPeer> {
	const { seeds, iceServers } = await seed.info();
	const peer = await start({
		...{ seeds, iceServers, room, ...who },
		clock: createSystemClock(),
		onSound: () => undefined,
		onStatus: () => undefined
	});
	members.add(peer);
	return peer;
}

/** Stops all that joined. */
export async function endMembers(): Promise<void> {
	await Promise.all([...members].map((peer) => peer.stop()));
	members.clear();
}
