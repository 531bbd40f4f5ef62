/**
 * The gate of a locked room: who knocks shows that it knows the pass, and so does, first of all, the other side of
 * every link. Who has not shown it is told nothing and believed nothing.
 */
import type { ControlMessage, Knock } from '../wire/control.ts';
import type { PeerId } from '../wire/ids.ts';
import type { PeerOutput } from './io.ts';
import { send, type PeerState } from './state.ts';

/** The proof is the first word on a link: so long without, and nobody is there who knows the pass. */
const PROOF_PATIENCE_MS = 5_000;

/** What a knock at `to` says more in a locked room. */
export function knockProof({ ring, options }: PeerState, to: PeerId): { proof?: Uint8Array } {
	return ring.gate === null ? {} : { proof: ring.gate.proof(options.me, to) };
}

export function mayKnock({ ring, room, options }: PeerState, from: PeerId, knock: Knock): boolean {
	// Locked just now, and its secret is not here yet: nobody new can be told from a stranger.
	if (ring.gate === null) return room.lock === null;
	return knock.proof !== undefined && ring.gate.isProof(from, options.me, knock.proof);
}

/** First on a new link. */
export function greet(peer: PeerState, to: PeerId, nowMs: number): PeerOutput[] {
	const { gate, proven, unproven } = peer.ring;
	if (gate === null) return [];
	if (!proven.has(to)) unproven.set(to, nowMs);
	return [send(peer, to, { type: 'admission', proof: gate.proof(peer.options.me, to) })];
}

/** Whether this may be taken from `from`; null where it may. */
export function atGate(
	peer: PeerState,
	from: PeerId,
	message: ControlMessage
): PeerOutput[] | null {
	const { ring, options } = peer;
	if (message.type === 'admission') {
		if (ring.gate === null) return [];
		if (!ring.gate.isProof(from, options.me, message.proof)) return turnOut(peer, from);
		ring.proven.add(from);
		ring.unproven.delete(from);
		return [];
	}
	return isStranger(peer, from) ? turnOut(peer, from) : null;
}

export const isStranger = ({ ring }: PeerState, from: PeerId): boolean =>
	ring.gate !== null && !ring.proven.has(from);

/** To be called with every tick. */
export function turnOutStrangers(peer: PeerState, nowMs: number): PeerOutput[] {
	const { unproven } = peer.ring;
	return [...unproven].flatMap(([who, sinceMs]) =>
		nowMs - sinceMs < PROOF_PATIENCE_MS ? [] : turnOut(peer, who)
	);
}

function turnOut(peer: PeerState, who: PeerId): PeerOutput[] {
	peer.drops.stranger++;
	peer.ring.unproven.delete(who);
	return [{ type: 'close', peer: who }];
}

export function forgetLink({ ring }: PeerState, gone: PeerId): void {
	ring.proven.delete(gone);
	ring.unproven.delete(gone);
	ring.asked.delete(gone);
}
