/** Who reacts in a world, and what the others see of it. */
import { decodeControl } from '#lib/p2p/wire/control.ts';
import type { Member, World } from './world.ts';

export interface Onlookers {
	/** Reacts, as far as its app lets it. */
	react(member: Member): void;
	/** Reactions that left their author's app. */
	readonly said: number;
	/** For each one said: the share of all others that saw it under its author's name. */
	sharesNamed(): number[];
	/** Of those seen by name: how long after it was said. */
	delayMs(quantile: number): number;
	/** Of those alive: how many of all reactions, their own included, so many saw at most. */
	shareShown(quantile: number): number;
	/** Reactions of that member that others saw by name. */
	shownBy(member: Member): number;
	/** The most that went over one link one way, from the beginning on, without headers. */
	mostBytesOnALink(): number;
}

interface Said {
	readonly by: Member;
	readonly atMs: number;
	readonly seenAfterMs: Map<Member, number>;
}

/** From now on. */
export function openReactions(world: World): Onlookers {
	const all: Said[] = [];
	const saidBy = new Map<string, Said[]>();
	const shown = new Map<Member, number>();
	const bytesOn = new Map<string, number>();
	world.eyes.push((who, { by, count }) => {
		shown.set(who, (shown.get(who) ?? 0) + count);
		if (by === null) return;
		// What was told by number meanwhile was said before: the last is the one.
		const one = saidBy.get(by.peer)?.findLast((said) => !said.seenAfterMs.has(who));
		if (one !== undefined && who !== one.by) one.seenAfterMs.set(who, world.nowMs - one.atMs);
	});
	for (const member of world.alive) {
		member.lie ??= (output) => {
			if (output.type === 'control' && decodeControl(output.bytes)?.type === 'reactions') {
				const link = `${member.id} ${output.to}`;
				bytesOn.set(link, (bytesOn.get(link) ?? 0) + output.bytes.length);
			}
			return [output];
		};
	}
	return {
		react(by) {
			const before = by.peer.diagnostics(world.nowMs).reactions.hasty;
			world.wish(by, { type: 'react', code: by.number % 6 });
			const isSaid = by.peer.diagnostics(world.nowMs).reactions.hasty === before;
			if (!isSaid) return;
			const said = { by, atMs: world.nowMs, seenAfterMs: new Map<Member, number>() };
			all.push(said);
			saidBy.set(by.id, [...(saidBy.get(by.id) ?? []), said]);
		},
		get said() {
			return all.length;
		},
		sharesNamed: () => all.map(({ seenAfterMs }) => seenAfterMs.size / (world.alive.length - 1)),
		delayMs(quantile) {
			const delays = all.flatMap(({ seenAfterMs }) => [...seenAfterMs.values()]);
			return at(delays, quantile);
		},
		shareShown: (quantile) =>
			at(
				world.alive.map((member) => (shown.get(member) ?? 0) / all.length),
				quantile
			),
		shownBy: (member) =>
			all.reduce((sum, { by, seenAfterMs }) => sum + (by === member ? seenAfterMs.size : 0), 0),
		mostBytesOnALink: () => Math.max(0, ...bytesOn.values())
	};
}

function at(values: readonly number[], quantile: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? NaN;
}
