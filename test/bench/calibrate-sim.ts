/** The scenario of the calibration in the simulator. */
import { CALM, hostOf, isJoined, openMicrophone, openRoom, range } from '../sim/room.ts';
import type { Member, World } from '../sim/world.ts';
import {
	AFTER_DEATH_MS,
	FANOUT,
	FRAME_MS,
	LISTENERS,
	LOOK_MS,
	numberOf,
	outcomeOf,
	STEADY_MS,
	WARM_UP_MS,
	WIRES,
	type Outcome,
	type TrafficCounts
} from './calibrate-scenario.ts';

/** A search, a few refusals and round trips. */
const JOIN_MAX_MS = 20_000;
/** What was said in a time is heard until so long after it. */
const LATE_MAX_MS = 1_000;

export function runSimulated(seed: number): Outcome {
	const empty = { speakers: 1, listeners: 0, fanout: FANOUT, talkEveryMs: 0 };
	const { world } = openRoom({ ...CALM, ...WIRES, seed }, empty);
	const listeners = range(LISTENERS).map((i) => {
		const one = world.join(numberOf(i + 1), FANOUT);
		world.until('a listener has joined', () => isJoined(one), JOIN_MAX_MS);
		return one;
	});
	openMicrophone(world, hostOf(world), FRAME_MS);
	world.run(WARM_UP_MS);
	const steady = listen(world, STEADY_MS);
	const depth = Math.max(...listeners.map((one) => depthOf(world, one)));
	world.traffic.reset();
	world.run(STEADY_MS);
	const traffic = countsOf(world);
	world.run(LATE_MAX_MS);
	const death = die(world, listeners);
	return outcomeOf({
		steady: listeners.map((one) => ({ delaysMs: steady.get(one) ?? [] })),
		orphans: death.orphans.map((one) => ({ delaysMs: death.heard.get(one) ?? [] })),
		reattachMs: death.reattachMs,
		traffic,
		depth,
		said: STEADY_MS / FRAME_MS,
		saidAfter: AFTER_DEATH_MS / FRAME_MS
	});
}

const depthOf = (world: World, one: Member): number => diagnosticsOf(world, one).depth ?? 0;
const diagnosticsOf = (world: World, one: Member) => one.peer.diagnostics(world.nowMs);

/** Delays of what is said from now on for that long, by listener; filled as it is heard. */
function listen(world: World, forMs: number): Map<Member, number[]> {
	const delays = new Map<Member, number[]>();
	const [fromMs, toMs] = [world.nowMs, world.nowMs + forMs];
	world.ears.push((listener, _, __, delayMs) => {
		const saidMs = world.nowMs - delayMs;
		if (saidMs < fromMs || saidMs >= toMs) return;
		const mine = delays.get(listener) ?? [];
		mine.push(delayMs);
		delays.set(listener, mine);
	});
	return delays;
}

function countsOf({ traffic }: World): TrafficCounts {
	return {
		frameBytes: traffic.bytes('frames'),
		otherBytes: traffic.overheadBytes,
		framePackets: traffic.messages('frames'),
		pulls: traffic.messages('pull')
	};
}

/** The listener that carries most dies. */
function die(world: World, listeners: readonly Member[]) {
	const carries = (one: Member): number => diagnosticsOf(world, one).children.length;
	const [victim] = [...listeners].sort((a, b) => carries(b) - carries(a));
	if (victim === undefined) throw new Error('Nobody listens.');
	const parentOf = (one: Member): string | null => diagnosticsOf(world, one).parent;
	const orphans = listeners.filter((one) => parentOf(one) === victim.id);
	const heard = listen(world, AFTER_DEATH_MS);
	const [diedMs, found] = [world.nowMs, new Map<Member, number>()];
	world.kill(victim);
	while (world.nowMs < diedMs + AFTER_DEATH_MS + LATE_MAX_MS) {
		world.run(LOOK_MS);
		for (const one of orphans) {
			const parent = parentOf(one);
			if (found.has(one) || parent === null || parent === victim.id) continue;
			found.set(one, world.nowMs - diedMs);
		}
	}
	return { orphans, heard, reattachMs: orphans.map((one) => found.get(one) ?? Infinity) };
}
