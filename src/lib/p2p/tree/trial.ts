/**
 * Whoever takes us without our need, or while our parent still has time for us, is on trial beside it until it has brought
 * sound: so nobody is left for somebody who only says that it hears, and no frame is missed on the way.
 */
import type { PeerId } from '../wire/ids.ts';
import type { Attempt, TreeState } from './state.ts';
import * as timing from './timing.ts';

/** Where our parent brings nothing either, there is nothing to wait for. */
export const flows = (state: TreeState, nowMs: number): boolean =>
	nowMs - state.soundMs < timing.FLOW_MS;

export const isOnTrial = (state: TreeState, peer: PeerId): boolean =>
	state.attempts.get(peer)?.trial !== undefined;

/** It brought sound. */
export function noteTrial(state: TreeState, peer: PeerId): void {
	const trial = state.attempts.get(peer)?.trial;
	if (trial !== undefined) trial.heard = true;
}

export type Verdict = 'passed' | 'failed' | 'open';

export function verdictOn({ trial }: Attempt, state: TreeState, nowMs: number): Verdict {
	if (trial === undefined) return 'open';
	if (trial.heard || !flows(state, nowMs)) return 'passed';
	return nowMs - trial.sinceMs > timing.TRIAL_MS ? 'failed' : 'open';
}
