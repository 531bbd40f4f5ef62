/** What the sound path does by itself when its time has come, to the millisecond, and without waking for nothing. */
import type { PeerOutput } from './io.ts';
import { fillHoles } from './filling.ts';
import { tellFloors } from './floor.ts';
import { askForGaps } from './repair.ts';
import { keepSecond } from './second.ts';
import { flushBundle } from './sending.ts';
import { tellDigest } from './serving.ts';
import type { PeerState } from './state.ts';
import { askSubstitutes } from './substitute.ts';
import { followParent, lookAtParent } from './watch.ts';

/** A timer may ring a little early. */
const EARLY_MS = 1;

/** With every tick, whatever it was for. */
export function onSoundDue(peer: PeerState, nowMs: number): PeerOutput[] {
	const { sound } = peer;
	if (sound.wakeMs <= nowMs + EARLY_MS) sound.wakeMs = Infinity;
	const out: PeerOutput[] = [];
	if (sound.bundle.dueMs <= nowMs) out.push(...flushBundle(peer, nowMs));
	if (sound.gapsDueMs <= nowMs) out.push(...askForGaps(peer, nowMs));
	if (sound.watch.dueMs <= nowMs) out.push(...lookAtParent(peer, nowMs));
	return out;
}

/** Ten times a second. */
export function onSoundTick(peer: PeerState, nowMs: number): PeerOutput[] {
	followParent(peer, nowMs);
	forgetOwing(peer, nowMs);
	return [
		...keepSecond(peer, nowMs),
		...tellDigest(peer, nowMs),
		...tellFloors(peer),
		...askSubstitutes(peer, nowMs),
		...fillHoles(peer, nowMs)
	];
}

function forgetOwing(peer: PeerState, nowMs: number): void {
	const { owing, shown } = peer.sound;
	if (owing.size > 0) for (const [who, untilMs] of owing) if (untilMs <= nowMs) owing.delete(who);
	if (shown.size === 0) return;
	const { standingBy } = peer.tree;
	for (const who of shown.keys()) if (!standingBy.includes(who)) shown.delete(who);
}

/** One wake at a time is under way, unless something is due before it. */
export function wakeForSound(peer: PeerState, out: PeerOutput[]): void {
	const { sound } = peer;
	const dueMs = Math.min(sound.bundle.dueMs, sound.gapsDueMs, sound.watch.dueMs);
	if (dueMs >= sound.wakeMs) return;
	sound.wakeMs = dueMs;
	out.push({ type: 'wake', atMs: dueMs });
}
