/** Big rooms: one who speaks and a crowd that comes over some seconds, some with much to give, some with little. */
import { Dice } from './dice.ts';
import { isJoined, isSeated, range } from './room.ts';
import { FIRST_LISTENER, mix } from './wires.ts';
import { World, type Member, type WorldOptions } from './world.ts';

export interface Crowd {
	readonly world: World;
	readonly host: Member;
	readonly listeners: readonly Member[];
	/** For what happens to the crowd, apart from what the wires do. */
	readonly dice: Dice;
}

export interface CrowdSize {
	readonly listeners: number;
	/** Children each listener would carry; by default phones with 2, others with 4 to 6. */
	readonly fanout?: number;
	readonly hostFanout?: number;
	/** Within this time all come. */
	readonly comeWithinMs?: number;
	/** How long they have to find better parents and backups before anybody speaks. */
	readonly quietMs?: number;
	/** And how long after that, the sound on. */
	readonly settleMs?: number;
}

export const HOST_FANOUT = 6;
export const JOIN_MAX_MS = 120_000;
/** A room has found its rest by then: so long after the last has come, places change for those alone who go and come. */
export const REST_MS = 60_000;

export function openCrowd(options: WorldOptions, size: CrowdSize): Crowd {
	const world = new World(options);
	const dice = new Dice(mix(options.seed, 77, 1));
	const host = world.join(0, size.hostFanout ?? HOST_FANOUT);
	world.until('the host is on stage', () => isSeated(host), 1_000);
	world.wish(host, { type: 'unmute' });
	const stepMs = (size.comeWithinMs ?? 10_000) / size.listeners;
	const listeners = range(size.listeners).map((i) => {
		world.run(stepMs);
		return world.join(FIRST_LISTENER + i, size.fanout ?? fanoutOf(dice));
	});
	let waiting = listeners;
	const isComplete = (): boolean => {
		waiting = waiting.filter((one) => !isJoined(one));
		return waiting.length === 0;
	};
	world.until('everybody is attached', isComplete, JOIN_MAX_MS);
	world.run(size.quietMs ?? 0);
	world.talk(host);
	world.run(size.settleMs ?? 10_000);
	return { world, host, listeners, dice };
}

/** Two phones in five; the others lend a computer. */
export function fanoutOf(dice: Dice): number {
	if (dice.chance(0.4)) return 2;
	return dice.chance(0.5) ? 4 : 6;
}

export const parentOf = (world: World, member: Member): Member | null => {
	const { parent } = member.peer.diagnostics(world.nowMs);
	return parent === null ? null : (world.members.get(parent) ?? null);
};

/** From the speaker down to each listener, as the wires have it; without those who are not attached. */
export function treeDelaysMs({ world, host, listeners }: Crowd): number[] {
	const parents = new Map(listeners.map((one) => [one, one.alive ? parentOf(world, one) : null]));
	const known = new Map<Member, number | null>([[host, 0]]);
	const delayOf = (member: Member, depth: number): number | null => {
		const done = known.get(member);
		if (done !== undefined) return done;
		const parent = parents.get(member) ?? null;
		const above = parent === null || depth > 100 ? null : delayOf(parent, depth + 1);
		const delay =
			above === null || parent === null ? null : above + world.wires.line(parent, member).leastMs;
		known.set(member, delay);
		return delay;
	};
	return listeners.flatMap((one) => (one.alive ? (delayOf(one, 0) ?? []) : []));
}
