/**
 * The speaker mesh: everybody on stage holds a link to everybody else on stage. Who took the seat later
 * opens it, for that peer knows the others; if it does not come, the other side tries too.
 */
import type { PeerId } from '../wire/ids.ts';
import { contactOf, isSpeaker, parentOf, type TreeState } from './state.ts';
import type { TreeOutput } from './io.ts';
import { leaveParent } from './search.ts';
import * as timing from './timing.ts';

export function pursueMesh(state: TreeState, nowMs: number): TreeOutput[] {
	const wanted = isSpeaker(state) && !state.leaving ? others(state) : [];
	for (const peer of state.mesh.keys()) if (!wanted.includes(peer)) state.mesh.delete(peer);
	const alone = wanted.length > 0 && !wanted.some((peer) => isLinked(state, peer));
	state.strandedSinceMs = alone ? (state.strandedSinceMs ?? nowMs) : null;
	const out = wanted.flatMap((peer) => pursueSpeaker(state, peer, nowMs));
	return [...out, ...leaveTreeOnceMeshed(state, wanted, nowMs)];
}

const others = (state: TreeState): PeerId[] => state.stage.filter((peer) => peer !== state.me);

const isLinked = (state: TreeState, peer: PeerId): boolean => state.links.get(peer)?.open === true;

function pursueSpeaker(state: TreeState, peer: PeerId, nowMs: number): TreeOutput[] {
	const attempt = state.mesh.get(peer) ?? {
		nextTryMs: nowMs + (opensFirst(state, peer) ? 0 : timing.MESH_PATIENCE_MS),
		pauseMs: timing.MESH_RETRY_MIN_MS,
		wantedSinceMs: nowMs,
		tryingSinceMs: null,
		openSinceMs: null
	};
	state.mesh.set(peer, attempt);
	if (isLinked(state, peer)) {
		attempt.tryingSinceMs = null;
		attempt.openSinceMs ??= nowMs;
		const lasts = nowMs - attempt.openSinceMs >= timing.MESH_STABLE_MS;
		if (lasts) attempt.pauseMs = timing.MESH_RETRY_MIN_MS;
		return [];
	}
	if (attempt.tryingSinceMs !== null) {
		if (nowMs - attempt.tryingSinceMs > timing.ATTEMPT_MS) onMeshMiss(state, peer, nowMs);
		return [];
	}
	if (nowMs < attempt.nextTryMs) return [];
	attempt.tryingSinceMs = nowMs;
	return [{ type: 'open', to: contactOf(state, peer), want: 'mesh' }];
}

const opensFirst = (state: TreeState, peer: PeerId): boolean =>
	state.stage.indexOf(state.me) > state.stage.indexOf(peer);

/** A speaker's link was lost, or an attempt at it came to nothing: again, after a growing pause. */
export function onMeshMiss(state: TreeState, peer: PeerId, nowMs: number): void {
	const attempt = state.mesh.get(peer);
	if (attempt === undefined) return;
	attempt.tryingSinceMs = attempt.openSinceMs = null;
	attempt.nextTryMs = nowMs + attempt.pauseMs;
	attempt.pauseMs = Math.min(2 * attempt.pauseMs, timing.MESH_RETRY_MAX_MS);
}

/**
 * A new speaker keeps its parent until it hears everybody directly. Whom it cannot reach for long has gone, or is
 * heard by way of a third; from the parent it would only go on hearing itself.
 */
function leaveTreeOnceMeshed(
	state: TreeState,
	wanted: readonly PeerId[],
	nowMs: number
): TreeOutput[] {
	if (!isSpeaker(state) || parentOf(state) === null) return [];
	const isSettled = (peer: PeerId): boolean =>
		isLinked(state, peer) ||
		nowMs - (state.mesh.get(peer)?.wantedSinceMs ?? nowMs) > timing.MESH_UNREACHED_MS;
	if (!wanted.every(isSettled)) return [];
	// Who reaches nobody at all may be the one who is cut off.
	return wanted.length === 0 || wanted.some((peer) => isLinked(state, peer))
		? leaveParent(state)
		: [];
}
