/** Rooms to begin a story with, and what is asked of their members. */
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { World, type Member, type WorldOptions } from './world.ts';

export const CALM: Omit<WorldOptions, 'seed'> = { delayMs: [5, 25], loss: 0, gossip: true };

export interface Room {
	readonly world: World;
	readonly host: Member;
	/** The host first. */
	readonly speakers: readonly Member[];
	readonly listeners: readonly Member[];
}

export interface RoomSize {
	readonly speakers: number;
	readonly listeners: number;
	readonly fanout: number;
	/** A frame of each speaker in so many milliseconds; 0: nobody talks. */
	readonly talkEveryMs?: number;
}

/** A room with all speakers on stage, unmuted and talking, and all listeners below them. */
export function openRoom(options: WorldOptions, size: RoomSize): Room {
	const { fanout, talkEveryMs = 20 } = size;
	const world = new World(options);
	const host = world.join(0, fanout);
	world.until('the host is on stage', () => isSeated(host), 1_000);
	const others = range(size.speakers - 1).map((i) => {
		const member = world.join(1 + i, fanout);
		world.until('a speaker-to-be has joined', () => isJoined(member), 5_000);
		seat(world, member);
		return member;
	});
	const listeners = range(size.listeners).map((i) => world.join(100 + i, fanout));
	world.until('all listeners are attached', () => listeners.every(isJoined), 30_000);
	const speakers = [host, ...others];
	if (talkEveryMs > 0) for (const speaker of speakers) openMicrophone(world, speaker, talkEveryMs);
	return { world, host, speakers, listeners };
}

/** The host invites, and the other accepts. */
export function seat(world: World, member: Member): void {
	const invitation = () => member.peer.view().me.invitation;
	world.wish(hostOf(world), { type: 'invite', peer: member.id });
	world.until('the invitation arrives', () => invitation() !== null, 5_000);
	world.wish(member, { type: 'accept', invitation: invitation()?.id ?? raise() });
	world.until('the seat is taken', () => isSeated(member), 5_000);
}

export function openMicrophone(world: World, member: Member, talkEveryMs: number): void {
	world.wish(member, { type: 'unmute' });
	world.talk(member, talkEveryMs);
}

export const hostOf = (world: World): Member =>
	world.alive.find((member) => member.number === 0) ?? raise();
export const isJoined = ({ peer }: Pick<Member, 'peer'>): boolean => peer.view().phase === 'joined';
export const isSeated = ({ peer }: Pick<Member, 'peer'>): boolean =>
	peer.view().stage.some((one) => one.me);

/** The stream a member speaks on. */
export function streamOf(world: World, speaker: Member): StreamId {
	const others = world.alive.filter((member) => member !== speaker);
	for (const other of others) {
		const { speakers } = other.peer.diagnostics(world.nowMs);
		const found = speakers.find((one) => one.peer === speaker.id);
		if (found !== undefined) return found.stream;
	}
	throw new Error(`Nobody knows ${speaker.id} as a speaker.`);
}

/** Everybody alive heard something new of every open microphone but its own within `forMs`. */
export function whoHearsNot(world: World, forMs: number): string[] {
	const talking = world.alive.filter((member) => member.talking && isSeated(member));
	const streams = talking.map((speaker) => ({ speaker, stream: streamOf(world, speaker) }));
	const counts = () =>
		world.alive.flatMap((member) =>
			streams
				.filter(({ speaker }) => speaker !== member)
				.map(({ speaker, stream }) => ({
					who: `${member.number} hears ${speaker.number} not`,
					frames: member.heard.get(stream)?.size ?? 0
				}))
		);
	const before = new Map(counts().map(({ who, frames }) => [who, frames]));
	world.run(forMs);
	return counts().flatMap(({ who, frames }) => (frames > (before.get(who) ?? 0) ? [] : [who]));
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

function raise(): never {
	throw new Error('There is no such one.');
}
