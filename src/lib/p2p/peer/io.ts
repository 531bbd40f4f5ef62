/** The core's whole contract: what goes into a peer and what comes out. Plain data, carried out by the run loop. */
import type { EarsWish } from './ears.ts';
import type { PlayoutInput, PlayoutReport } from '../playout/messages.ts';
import type { Caption } from '../wire/caption.ts';
import type { RoomEvent } from '../wire/event.ts';
import type { Verified } from '../wire/envelope.ts';
import type { Contact } from '../wire/contact.ts';
import type { ActAsk } from '../room/powers.ts';
import type { Consent } from '../wire/recording.ts';
import type { EventId, PeerId, RoomId } from '../wire/ids.ts';
import type { Want } from '../wire/control.ts';
import type { Access } from '../wire/room-access.ts';
import type { Frame, Packet } from '../wire/packet.ts';
import type { Passage } from '../wire/routed.ts';

/** What a person wants to do in the room. */
export type Wish =
	| { readonly type: 'ask' }
	| { readonly type: 'unask' }
	| { readonly type: 'accept'; readonly invitation: EventId }
	| { readonly type: 'decline'; readonly invitation: EventId }
	| { readonly type: 'step-down' }
	| { readonly type: 'mute' }
	| { readonly type: 'unmute' }
	/** What may be recorded of me. */
	| { readonly type: 'consent'; readonly answer: Consent }
	/** Of the host, and of co-hosts as far as their certificate goes. */
	| ActAsk
	/** In what order we want to see the hands that are up; for our own screen alone. */
	| { readonly type: 'queue-order'; readonly order: QueueOrder }
	/** Locks an open room: of the host, and of co-hosts who may remove. */
	| { readonly type: 'lock' }
	/** Answers who waits at the door of a locked room. */
	| { readonly type: 'answer-door'; readonly peer: PeerId; readonly admit: boolean }
	| { readonly type: 'fanout'; readonly children: number }
	/** Show this to everybody, for a moment: a code below REACTION_CODES_MAX. */
	| { readonly type: 'react'; readonly code: number }
	/** What was said on our own seat, in words: partial ones, or the last of a phrase. */
	| ({ readonly type: 'caption' } & Omit<Caption, 'stream'>)
	/** Write this beside the sound, for all to read. */
	| { readonly type: 'say'; readonly text: string }
	/** Take back what somebody wrote. */
	| { readonly type: 'unsay'; readonly said: EventId };

/** As they came; or who has been heard least first, as counted here, and then as they came. */
export type QueueOrder = 'raised' | 'heard-least';

export type PeerInput =
	/** Once, first. `saved` is what this device remembers of the room. */
	| {
			readonly type: 'start';
			readonly saved: readonly Verified<RoomEvent>[];
			/** What `keep` said last, in an earlier run. */
			readonly kept?: Uint8Array;
	  }
	| { readonly type: 'tick' }
	| { readonly type: 'wish'; readonly wish: Wish }
	/** Whom we follow: the host lets them up where that is who may speak. All of them, each time that changes. */
	| { readonly type: 'follows'; readonly peers: readonly PeerId[] }
	/** Whose voice is not to be played here; it is passed on all the same. All of them, each time that changes. */
	| { readonly type: 'mute-for-me'; readonly peers: readonly PeerId[] }
	/** How loud each voice is to be heard here, and from where; all of it, each time that changes. */
	| ({ readonly type: 'ears' } & EarsWish)
	/** Where we listen ourselves. */
	| { readonly type: 'address'; readonly addrs: readonly string[] }
	| { readonly type: 'members'; readonly contacts: readonly Contact[] }
	/** The directory's search is over. */
	| { readonly type: 'search-ended' }
	| {
			readonly type: 'knock';
			readonly ticket: number;
			readonly from: PeerId;
			readonly bytes: Uint8Array;
	  }
	| { readonly type: 'refused'; readonly peer: PeerId; readonly bytes: Uint8Array }
	/** `answered`: the other side took our knock, and no link came of it. */
	| { readonly type: 'failed'; readonly peer: PeerId; readonly answered?: boolean }
	| { readonly type: 'opened'; readonly peer: PeerId }
	| { readonly type: 'closed'; readonly peer: PeerId }
	| { readonly type: 'control'; readonly from: PeerId; readonly bytes: Uint8Array }
	| { readonly type: 'datagram'; readonly from: PeerId; readonly bytes: Uint8Array<ArrayBuffer> }
	/** A signed event whose signature was checked; `from` is the neighbour it came by, null for gossip, disk and ourselves. */
	| {
			readonly type: 'verified';
			readonly event: Verified<RoomEvent>;
			readonly from: PeerId | null;
	  }
	/** Its signature was wrong. */
	| { readonly type: 'forged'; readonly from: PeerId | null }
	/** The answer to `prove`. */
	| { readonly type: 'proved'; readonly ticket: number; readonly signature: Uint8Array }
	/** The answer to `check`. */
	| { readonly type: 'checked'; readonly ticket: number; readonly good: boolean }
	/** The answer to `seal`. */
	| { readonly type: 'sealed'; readonly ticket: number; readonly sealed: Uint8Array }
	/** The answer to `unseal`: null where it was not for us, or was changed. */
	| { readonly type: 'unsealed'; readonly plain: Uint8Array | null }
	/** One tick of our microphone that is to be heard. */
	| {
			readonly type: 'voice';
			readonly seq: number;
			readonly level: number;
			readonly opus: Uint8Array;
	  }
	/** Our microphone hears nothing. */
	| {
			readonly type: 'silence';
			readonly seq: number;
			readonly ticks: number;
			/** Because the microphone was closed. */
			readonly muted: boolean;
	  }
	| { readonly type: 'playout-report'; readonly report: PlayoutReport }
	/** Send this along its route, which begins with us. */
	| ({ readonly type: 'route' } & Passage)
	| { readonly type: 'leave' };

export type PeerOutput =
	/** Ask the directory for members; answered by `members` and `search-ended`. */
	| { readonly type: 'find' }
	/** Tell the directory that we can take others in, or that we no longer can. */
	| { readonly type: 'announce' }
	| { readonly type: 'withdraw' }
	| {
			readonly type: 'open';
			readonly to: Contact;
			readonly want: Want;
			readonly knock: Uint8Array;
			/** Ways to it over our own links, best first, at most ROUTES_MAX. Left out where we know none. */
			readonly routes?: readonly (readonly PeerId[])[];
	  }
	/** This came for us along its route, which ends with us. Empty: what we sent got no further than its source. */
	| ({ readonly type: 'routed' } & Passage)
	| { readonly type: 'admit'; readonly ticket: number }
	| { readonly type: 'refuse'; readonly ticket: number; readonly refusal: Uint8Array }
	| { readonly type: 'close'; readonly peer: PeerId }
	| { readonly type: 'control'; readonly to: PeerId; readonly bytes: Uint8Array<ArrayBuffer> }
	| {
			readonly type: 'datagram';
			readonly to: readonly PeerId[];
			readonly bytes: Uint8Array<ArrayBuffer>;
	  }
	/** Check this envelope's signature; answered by `verified` or `forged`. */
	| { readonly type: 'verify'; readonly envelope: Uint8Array; readonly from: PeerId | null }
	/** Sign our own event, remember it, gossip it where `gossip`, and feed it back as `verified`. */
	| { readonly type: 'sign'; readonly unsigned: Uint8Array; readonly gossip: boolean }
	/** Sign this for our own frames; answered by `proved`, in whatever order. */
	| { readonly type: 'prove'; readonly ticket: number; readonly message: Uint8Array }
	/** Check a speaker's signature; answered by `checked`, in whatever order. */
	| {
			readonly type: 'check';
			readonly ticket: number;
			readonly publicKey: Uint8Array;
			readonly message: Uint8Array;
			readonly signature: Uint8Array;
	  }
	/** Seal this so that only the owner of that Ed25519 key can read it; answered by `sealed`. */
	| {
			readonly type: 'seal';
			readonly ticket: number;
			readonly to: Uint8Array;
			readonly plain: Uint8Array;
	  }
	/** Open what was sealed for us; answered by `unsealed`. */
	| { readonly type: 'unseal'; readonly sealed: Uint8Array }
	/** Remember this on this device in place of what was kept before: it is secret. */
	| { readonly type: 'keep'; readonly bytes: Uint8Array }
	/** Once at the beginning, and where an open room is locked: the name by which others find it from now on. */
	| { readonly type: 'meet'; readonly at: RoomId }
	| { readonly type: 'play'; readonly input: PlayoutInput }
	/** We are the host and record: this was said at that time, epoch ms, by somebody who agreed. A part of a packet. */
	| {
			readonly type: 'record';
			readonly frame: Frame;
			readonly atMs: number;
			/** It came later, asked for: its time says nothing of when it was said. */
			readonly filled?: true;
	  }
	/** Whether our microphone may be heard now. */
	| { readonly type: 'microphone'; readonly open: boolean }
	/** Somebody reacted, or so many did of whom nothing else is known. Shown for a moment, and forgotten. */
	| ({ readonly type: 'reaction' } & ReactionNews)
	/** Somebody on stage said this; `envelope` is the signed proof of it. */
	| { readonly type: 'caption'; readonly news: CaptionNews; readonly envelope: Uint8Array }
	/** Somebody wrote something, or what they wrote is gone. */
	| { readonly type: 'chat'; readonly news: ChatNews }
	/** Something on the screen changed. */
	| { readonly type: 'view' }
	/** Feed a `tick` at or soon after that time. */
	| { readonly type: 'wake'; readonly atMs: number };

export interface ReactionNews {
	/** Null for those that are told by number alone. `name` is empty where nobody has told it here. */
	readonly by: { readonly peer: PeerId; readonly name: string } | null;
	readonly code: number;
	/** From 1; 1 where `by` is known. */
	readonly count: number;
}

/** What somebody said, in words: takes the place of what was told before of the same stream and start. */
export interface CaptionNews extends Caption {
	readonly by: { readonly peer: PeerId; readonly name: string };
	/** When its first frame was said, epoch ms by our own clock, as near as the sound tells. */
	readonly saidAtMs: number;
}

/** What somebody wrote; `text` is null of what was taken back, or whose author is out. */
export interface ChatNews {
	readonly id: EventId;
	readonly by: { readonly peer: PeerId; readonly name: string };
	readonly text: string | null;
	/** When it was first seen, epoch ms by our own clock, as near as those between can tell. */
	readonly seenAtMs: number;
}

/** How the bytes of the sound are read. Pure: the same bytes, the same answer, which nobody changes. */
export interface Reading {
	/** Null for anything that is not exactly one well-formed packet. */
	readonly packet: (bytes: Uint8Array) => Packet | null;
	/** What proofs hold of a frame's content. */
	readonly hash: (content: Uint8Array) => Uint8Array;
}

export interface PeerOptions {
	readonly me: PeerId;
	/** Raw Ed25519 public key of `me`. */
	readonly publicKey: Uint8Array;
	readonly room: RoomId;
	readonly name: string;
	/** Children carried at most, 0..FANOUT_MAX. */
	readonly fanout: number;
	/** Set by who opens the room. */
	readonly opening: {
		readonly title: string;
		readonly nonce: Uint8Array;
		readonly createdAtMs: number;
		/** Whom the host has blocked in rooms before; the first BLOCKED_MAX are blocked in this one from its beginning. */
		readonly blocked?: readonly PeerId[];
		/** From the beginning it is recorded. */
		readonly recorded?: boolean;
		/** From the beginning nobody enters without the secret, which `access` holds. */
		readonly locked?: boolean;
	} | null;
	/** What the link of a locked room held behind its key. */
	readonly access?: Access | null;
	/** 32 random bytes, of this run alone. Who may lock a room, or speak in a locked one, needs them. */
	readonly chance?: Uint8Array;
	/** Keeps the last seconds of proven sound, for a report: the app of a person does. */
	readonly holdsSound?: boolean;
	/** Left out: as `wire/` reads. A simulator, which hands one packet to thousands, may remember what it has read. */
	readonly reading?: Reading;
}
