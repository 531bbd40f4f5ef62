/** Events of our own, numbered and handed over to be signed. */
import { encodeUnsigned } from '../wire/envelope.ts';
import type { EventBody } from '../wire/event.ts';
import type { PeerOutput } from './io.ts';
import { sealTexts } from './sealed-texts.ts';
import type { PeerState } from './state.ts';

/** Puts the next sequence number and Lamport time on an event of ours and sends it to be signed. */
export function draft(peer: PeerState, body: EventBody): PeerOutput {
	const { me, publicKey, room } = peer.options;
	peer.lastSequence = Math.max(peer.lastSequence + 1, peer.log.nextSequence(me));
	peer.lastLamport = peer.log.nextLamport(me, peer.lastLamport);
	const unsigned = encodeUnsigned({
		room,
		authorKey: publicKey,
		sequence: peer.lastSequence,
		lamport: peer.lastLamport,
		body: sealTexts(peer, body)
	});
	return { type: 'sign', unsigned, gossip: true };
}

/** My name for those who count listeners: signed, but no event of the log. */
export function signHere(peer: PeerState, nowMs: number): PeerOutput {
	const { publicKey, room, name } = peer.options;
	const body = sealTexts(peer, { kind: 'here', name });
	// Seconds serve as its Lamport time, so that who comes back under another name goes by the newer.
	const lamport = Math.floor(nowMs / 1000);
	const unsigned = encodeUnsigned({ room, authorKey: publicKey, sequence: 0, lamport, body });
	return { type: 'sign', unsigned, gossip: false };
}

/** The host's own seat, which needs no invitation. */
export function takeSeat(peer: PeerState): PeerOutput {
	return draft(peer, { kind: 'sit', invite: null, name: peer.options.name });
}
