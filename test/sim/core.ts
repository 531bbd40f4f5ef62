/** The core of one person of the simulated world, and the room that all of them are in. */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Reading } from '#lib/p2p/peer/io.ts';
import { createPeer, type Peer } from '#lib/p2p/peer/peer.ts';
import { newPeerState, type PeerState } from '#lib/p2p/peer/state.ts';
import { concat, peerIdOf, roomIdOf } from '#lib/p2p/wire/ids.ts';
import type { Access } from '#lib/p2p/wire/room-access.ts';
import { keyOf } from './member.ts';

export const START_MS = 1_800_000_000_000;
const NONCE = new Uint8Array(8).fill(7);
/** That of person 0. */
export const ROOM = roomIdOf(keyOf(0), NONCE);

export interface CoreOptions {
	readonly number: number;
	readonly fanout: number;
	/** It opens the room. */
	readonly opens: boolean;
	/** What its link holds; a host that opens with one opens a locked room. */
	readonly access: Access | null;
	/** No two runs of a story have the same chance. */
	readonly run: number;
	readonly reading: Reading;
}

export interface Core {
	readonly peer: Peer;
	/** What it knows, for rules that are looked at after each input: its diagnostics cost more than most inputs do. */
	readonly state: PeerState;
}

export function coreOf({ number, fanout, opens, access, run, reading }: CoreOptions): Core {
	const publicKey = keyOf(number);
	const opened = { title: 'Sim', nonce: NONCE, createdAtMs: START_MS, locked: access !== null };
	const options = {
		me: peerIdOf(publicKey),
		publicKey,
		room: ROOM,
		name: `Peer ${number}`,
		fanout,
		opening: opens ? opened : null,
		access,
		chance: sha256(concat(publicKey, Uint8Array.of(run >> 8, run & 0xff))),
		reading
	};
	const state = newPeerState(options);
	return { peer: createPeer(options, state), state };
}
