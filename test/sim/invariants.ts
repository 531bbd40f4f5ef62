/** What must hold in the world at any time, whatever happens in it. */
import { childrenMax } from '#lib/p2p/tree/graft.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { SEATS_MAX } from '#lib/p2p/wire/limits.ts';
import type { Member, World } from './world.ts';

/** A path travels faster than that around any loop, and breaks it. */
const LOOP_LASTS_MAX_MS = 2_000;
/** A queue of signatures this long would be a flood that is let in. */
const CRYPTO_BEHIND_MAX_MS = 1_000;
/** What was under way, and leases that a lost parent left behind. */
const ECHO_SETTLES_MS = 3_000;

export interface Watch {
	/** Looks for what is broken only once it lasts; to be called a few times a second. */
	readonly check: () => void;
	/** The rules that were broken, in words; empty while all held. */
	readonly broken: readonly string[];
}

/**
 * Looks at everybody after each thing that happens to them. The dead are not asked, nor are those who lie; who has to do
 * with liars may turn somebody away.
 */
export function createWatch(world: World, liars: ReadonlySet<Member> = new Set()): Watch {
	const broken = new Set<string>();
	const loops = createLoops(world);
	const echoes = new Map<PeerId, Echo>();
	world.onStep.push((member) => {
		loops.note(member.id, member.state.tree.parent);
		if (liars.has(member)) return;
		const note = (what: string): void => void broken.add(`${nameOf(member)} ${what}`);
		lookAtRules(member, world.nowMs, note);
		if (liars.size === 0) lookForInjustice(member, note);
	});
	return {
		check() {
			for (const id of loops.lasting()) broken.add(`${id.slice(-4)} stays in a loop`);
			if (liars.size > 0) return;
			for (const member of world.alive) {
				if (hearsItself(member, world, echoes)) broken.add(`${nameOf(member)} hears itself`);
			}
		},
		get broken() {
			return [...broken];
		}
	};
}

const nameOf = ({ id }: Member): string => id.slice(-4);

type Note = (what: string) => void;

function lookAtRules(member: Member, nowMs: number, note: Note): void {
	const { id, fanout, state } = member;
	const { children, parent, path } = state.tree;
	const links = state.tree.links(nowMs).length;
	if (children.length > childrenMax(fanout)) note(`has ${children.length} children`);
	if (parent !== null && children.includes(parent)) note("is its parent's parent");
	if (path.slice(0, -1).includes(id)) note('is in its own path');
	if (links > 2 * SEATS_MAX + 2 * fanout + 8) note(`holds ${links} links`);
	if (member.twice > 0) note('played a frame twice');
	if (member.wrong > 0) note('played what nobody said');
	if (member.cryptoFreeMs - nowMs > CRYPTO_BEHIND_MAX_MS) note('is far behind with its signatures');
}

/** Among the honest nobody is turned away. */
function lookForInjustice({ state: { drops } }: Member, note: Note): void {
	const { flood, malformed, overload, forged } = drops;
	if (flood + malformed + overload + forged === 0) return;
	note(`turned an honest peer away: ${JSON.stringify(drops)}`);
}

/** Own frames that came back, and since when nobody was above us who would send them. */
interface Echo {
	readonly count: number;
	readonly aloneSinceMs: number;
}

/** Who keeps a parent until its mesh is complete gets its own frames with those of others; nobody else does. */
function hearsItself(member: Member, world: World, echoes: Map<PeerId, Echo>): boolean {
	const { drops, tree } = member.state;
	const { parent } = tree;
	const before = parent === null ? echoes.get(member.id) : undefined;
	const aloneSinceMs = before?.aloneSinceMs ?? world.nowMs;
	const settled = world.nowMs - aloneSinceMs > ECHO_SETTLES_MS;
	echoes.set(member.id, { count: drops.echo, aloneSinceMs });
	return settled && before !== undefined && drops.echo > before.count;
}

interface Loops {
	/** Who somebody's parent is now. */
	note(id: PeerId, parent: PeerId | null): void;
	/** Who has been in a loop for too long. */
	lasting(): PeerId[];
}

/** A loop comes about, and ends, only where somebody's parent changes, or somebody dies. */
function createLoops(world: World): Loops {
	const parents = new Map<PeerId, PeerId | null>();
	const since = new Map<PeerId, number>();
	const parentOf = (id: PeerId): PeerId | null =>
		world.members.get(id)?.alive === true ? (parents.get(id) ?? null) : null;
	const forgetEnded = (): void => {
		for (const id of since.keys()) if (!isInLoop(parentOf, id)) since.delete(id);
	};
	return {
		note(id, parent) {
			if (parents.get(id) === parent) return;
			parents.set(id, parent);
			forgetEnded();
			for (const one of loopAt(parentOf, id)) if (!since.has(one)) since.set(one, world.nowMs);
		},
		lasting() {
			forgetEnded();
			return [...since.keys()].filter(
				(id) => world.nowMs - (since.get(id) ?? 0) > LOOP_LASTS_MAX_MS
			);
		}
	};
}

type ParentOf = (id: PeerId) => PeerId | null;

/** Following parents up from `start` one comes back to it. */
const isInLoop = (parentOf: ParentOf, start: PeerId): boolean => loopAt(parentOf, start).length > 0;

/** All in the loop that `start` is in; none where it is in none. */
function loopAt(parentOf: ParentOf, start: PeerId): PeerId[] {
	const passed = new Set<PeerId>();
	for (let at: PeerId | null = start; at !== null && !passed.has(at); at = parentOf(at)) {
		passed.add(at);
		if (parentOf(at) === start) return [...passed];
	}
	return [];
}
