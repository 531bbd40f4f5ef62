/** How links come about in the world: knocks through signalling, answers, links that open, fail, or are given up. */
import { LINK_OPEN_MS } from '#lib/p2p/wire/limits.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import type { Member, Way } from './member.ts';
import { CLOSE_NOTICED_MS, type World } from './world.ts';

/** Signalling and ICE on a good line, beside two round trips. */
export const CONNECT_MS = 150;
/** A knock at nobody: the seed says so, or ICE finds no way. */
export const UNREACHABLE_MS = 400;

interface Pending {
	readonly ticket: number;
	readonly from: Member;
	readonly to: Member;
	admitted: boolean;
}

export interface Doors {
	readonly knocks: number;
	open(from: Member, to: PeerId, knock: Uint8Array): void;
	admit(ticket: number): void;
	refuse(ticket: number, bytes: Uint8Array): void;
	/** Gives up what is under way between the two. */
	abandon(member: Member, other: PeerId): void;
}

export function createDoors(world: World): Doors {
	const pending = new Map<number, Pending>();
	let knocks = 0;
	return {
		get knocks() {
			return knocks;
		},
		open(from, to, bytes) {
			const ticket = ++knocks;
			const target = world.members.get(to);
			const reachable = target?.alive === true && world.wires.reaches(from.id, to);
			if (target === undefined || !reachable) {
				world.after(UNREACHABLE_MS, () => world.feed(from, { type: 'failed', peer: to }));
				return;
			}
			pending.set(ticket, { ticket, from, to: target, admitted: false });
			world.after(wayMs(world, from, target), () => {
				if (pending.has(ticket)) {
					world.feed(target, { type: 'knock', ticket, from: from.id, bytes });
				}
			});
		},
		admit(ticket) {
			const attempt = pending.get(ticket);
			if (attempt === undefined) return;
			attempt.admitted = true;
			const { from, to } = attempt;
			const connects = world.wires.connects(from, to);
			const takesMs = connects
				? CONNECT_MS + 2 * (wayMs(world, from, to) + wayMs(world, to, from))
				: LINK_OPEN_MS;
			world.after(takesMs, () => {
				if (!pending.delete(ticket) || !from.alive || !to.alive) return;
				if (connects) return connect(world, from, to);
				world.feed(from, { type: 'failed', peer: to.id, answered: true });
				world.feed(to, { type: 'closed', peer: from.id });
			});
		},
		refuse(ticket, bytes) {
			const attempt = pending.get(ticket);
			pending.delete(ticket);
			if (attempt === undefined) return;
			const { from, to } = attempt;
			world.after(wayMs(world, to, from), () =>
				world.feed(from, { type: 'refused', peer: to.id, bytes })
			);
		},
		abandon(member, other) {
			for (const attempt of pending.values()) {
				if (!isBetween(attempt, member, other)) continue;
				pending.delete(attempt.ticket);
				const { from, to, admitted } = attempt;
				if (member === to) {
					world.after(CLOSE_NOTICED_MS, () => world.feed(from, { type: 'failed', peer: to.id }));
				} else if (admitted) {
					world.after(CLOSE_NOTICED_MS, () => world.feed(to, { type: 'closed', peer: from.id }));
				}
			}
		}
	};
}

const isBetween = ({ from, to }: Pending, member: Member, other: PeerId): boolean =>
	(from === member && to.id === other) || (to === member && from.id === other);

const wayMs = (world: World, from: Member, to: Member): number =>
	world.wires.line(from, to).delayMs();

function connect(world: World, a: Member, b: Member): void {
	if (a.ways.get(b.id)?.to === b && b.ways.get(a.id)?.to === a) return;
	a.ways.set(b.id, newWay(world, a, b));
	b.ways.set(a.id, newWay(world, b, a));
	world.note(`link ${a.id.slice(-4)} ${b.id.slice(-4)}`);
	world.feed(a, { type: 'opened', peer: b.id });
	world.feed(b, { type: 'opened', peer: a.id });
}

function newWay(world: World, from: Member, to: Member): Way {
	return { from, to, line: world.wires.line(from, to), open: true, lastControlMs: 0 };
}
