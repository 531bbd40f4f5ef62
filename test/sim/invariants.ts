/** What must hold in the world after every step, whatever happens in it. */
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { SEATS_MAX } from '#lib/p2p/wire/limits.ts';
import type { Member, World } from './world.ts';

/** The broken rules, in words; empty while all hold. Dead members are not asked. */
export function brokenRules(world: World, fanout: number): string[] {
	const alive = [...world.members.values()].filter((member) => member.alive);
	return alive.flatMap((member) => brokenAt(member, fanout, world.nowMs));
}

function brokenAt(member: Member, fanout: number, nowMs: number): string[] {
	const { children, parent, path, links } = member.peer.diagnostics(nowMs);
	const broken: string[] = [];
	const name = member.id.slice(-4);
	if (children.length > fanout) broken.push(`${name} has ${children.length} children`);
	if (parent !== null && children.includes(parent)) broken.push(`${name} is its parent's parent`);
	if (path.slice(0, -1).includes(member.id)) broken.push(`${name} is in its own path`);
	if (links.length > 3 * SEATS_MAX + 2 * fanout) broken.push(`${name} holds ${links.length} links`);
	return broken;
}

/** Follows parents up from `start`; the chain, or null where it runs in a circle. */
export function chainUp(world: World, start: PeerId): PeerId[] | null {
	const chain: PeerId[] = [start];
	for (;;) {
		const last = world.members.get(chain.at(-1) as PeerId);
		const parent = last?.peer.diagnostics(world.nowMs).parent ?? null;
		if (parent === null) return chain;
		if (chain.includes(parent)) return null;
		chain.push(parent);
	}
}

/** How many frames of `speaker` reached `listener`, and how many of those twice. */
export function framesHeard(listener: Member, stream: string): { count: number; twice: number } {
	const seqs = listener.heard.flatMap(({ input }) =>
		input.type === 'frame' && input.stream === stream ? [input.seq] : []
	);
	return { count: new Set(seqs).size, twice: seqs.length - new Set(seqs).size };
}
