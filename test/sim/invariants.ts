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
	/** Looks around; to be called a few times a second. */
	readonly check: () => void;
	/** The rules that were broken, in words; empty while all held. */
	readonly broken: readonly string[];
}

/** The dead are not asked, nor are those who lie; who has to do with liars may turn somebody away. */
export function createWatch(world: World, liars: ReadonlySet<Member> = new Set()): Watch {
	const broken = new Set<string>();
	const loopSince = new Map<PeerId, number>();
	const echoes = new Map<PeerId, Echo>();
	return {
		check() {
			const honest = world.alive.filter((member) => !liars.has(member));
			for (const member of honest) {
				for (const rule of brokenAt(member, world)) broken.add(rule);
				if (liars.size > 0) continue;
				for (const rule of unjustAt(member, world)) broken.add(rule);
				if (hearsItself(member, world, echoes)) broken.add(`${member.id.slice(-4)} hears itself`);
			}
			for (const id of loopsTooOld(world, loopSince)) broken.add(`${id.slice(-4)} stays in a loop`);
		},
		get broken() {
			return [...broken];
		}
	};
}

function brokenAt(member: Member, world: World): string[] {
	const { children, parent, path, links } = member.peer.diagnostics(world.nowMs);
	const rules: [boolean, string][] = [
		[children.length > childrenMax(member.fanout), `has ${children.length} children`],
		[parent !== null && children.includes(parent), "is its parent's parent"],
		[path.slice(0, -1).includes(member.id), 'is in its own path'],
		[links.length > 2 * SEATS_MAX + 2 * member.fanout + 8, `holds ${links.length} links`],
		[member.twice > 0, 'played a frame twice'],
		[member.wrong > 0, 'played what nobody said'],
		[member.cryptoFreeMs - world.nowMs > CRYPTO_BEHIND_MAX_MS, 'is far behind with its signatures']
	];
	return named(member, rules);
}

/** Among the honest nobody is turned away. */
function unjustAt(member: Member, world: World): string[] {
	const { drops } = member.peer.diagnostics(world.nowMs);
	const { flood, malformed, overload, forged } = drops;
	return named(member, [
		[
			flood + malformed + overload + forged > 0,
			`turned an honest peer away: ${JSON.stringify(drops)}`
		]
	]);
}

/** Own frames that came back, and since when nobody was above us who would send them. */
interface Echo {
	readonly count: number;
	readonly aloneSinceMs: number;
}

/** Who keeps a parent until its mesh is complete gets its own frames with those of others; nobody else does. */
function hearsItself(member: Member, world: World, echoes: Map<PeerId, Echo>): boolean {
	const { drops, parent } = member.peer.diagnostics(world.nowMs);
	const before = parent === null ? echoes.get(member.id) : undefined;
	const aloneSinceMs = before?.aloneSinceMs ?? world.nowMs;
	const settled = world.nowMs - aloneSinceMs > ECHO_SETTLES_MS;
	echoes.set(member.id, { count: drops.echo, aloneSinceMs });
	return settled && before !== undefined && drops.echo > before.count;
}

const named = (member: Member, rules: readonly [boolean, string][]): string[] =>
	rules.flatMap(([isBroken, what]) => (isBroken ? [`${member.id.slice(-4)} ${what}`] : []));

function loopsTooOld(world: World, since: Map<PeerId, number>): PeerId[] {
	const parents = parentsOf(world);
	const looping = world.alive.filter((member) => isInLoop(parents, member.id));
	const ids = new Set(looping.map((member) => member.id));
	for (const id of since.keys()) if (!ids.has(id)) since.delete(id);
	for (const id of ids) if (!since.has(id)) since.set(id, world.nowMs);
	return [...ids].filter((id) => world.nowMs - (since.get(id) ?? 0) > LOOP_LASTS_MAX_MS);
}

const parentsOf = (world: World): Map<PeerId, PeerId | null> =>
	new Map(world.alive.map(({ id, peer }) => [id, peer.diagnostics(world.nowMs).parent]));

/** Following parents up from `start` never ends. */
function isInLoop(parents: ReadonlyMap<PeerId, PeerId | null>, start: PeerId): boolean {
	const passed = new Set<PeerId>();
	for (let at: PeerId | null = start; at !== null; at = parents.get(at) ?? null) {
		if (passed.has(at)) return true;
		passed.add(at);
	}
	return false;
}
