/** How long a removal takes to be applied by those it is not about. */
import type { Member, World } from './world.ts';

const STEP_MS = 10;

/**
 * `by` removes `gone`; time goes on for `maxMs`. For each of `others`: after how long it had applied the removal, in
 * steps of 10 ms; Infinity where it had not.
 */
export function removalTimesMs(
	world: World,
	{ by, gone }: { readonly by: Member; readonly gone: Member },
	others: readonly Member[],
	maxMs: number
): number[] {
	const startMs = world.nowMs;
	const times: number[] = [];
	world.wish(by, { type: 'remove', peer: gone.id, block: false });
	let waiting = others;
	while (world.nowMs - startMs < maxMs) {
		world.run(STEP_MS);
		const left = waiting.filter((one) => !isOut(one, gone));
		for (let i = left.length; i < waiting.length; i++) times.push(world.nowMs - startMs);
		waiting = left;
	}
	return [...times, ...waiting.map(() => Infinity)];
}

export const isOut = (member: Member, who: Member): boolean =>
	member.peer.view().removed.some(({ peer }) => peer === who.id);
