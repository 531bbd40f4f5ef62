/** What one peer knows of its room, shared by the files of this folder. */
import { newEars, type EarsState } from './ears.ts';
import { createLog, type RoomLog } from '../room/log.ts';
import { fold } from '../room/fold.ts';
import type { Numbers } from '../room/powers.ts';
import type { RoomState, Seat } from '../room/state.ts';
import type { PlayoutReport } from '../playout/messages.ts';
import { createPresence, type Presence, type PresencePosition } from '../tree/presence.ts';
import { createSeen, type Seen } from '../tree/seen.ts';
import { createTree, type Tree, type TreeOutput } from '../tree/tree.ts';
import { encodeControl, encodeKnock, encodeRefusal } from '../wire/control.ts';
import type { ControlMessage, LogSummary } from '../wire/control.ts';
import type { RoomEvent } from '../wire/event.ts';
import type { Verified } from '../wire/envelope.ts';
import type { Refusal } from '../wire/refusal.ts';
import type { EventId, PeerId, StreamId } from '../wire/ids.ts';
import { decodePacket, encodeHeartbeat } from '../wire/packet.ts';
import { frameHash } from '../wire/proof.ts';
import type { Bucket } from '../wire/rate.ts';
import { encodeRoomKey } from '../wire/room-key.ts';
import type { Allowance } from './allowance.ts';
import { createHeldSound, type HeldSound } from './held-sound.ts';
import type { Hearing } from './hearing.ts';
import { newClerk, type Clerk } from './clerk-state.ts';
import { newHostWatch, type HostWatch } from './host-watch.ts';
import type { PeerOptions, PeerOutput, QueueOrder, Reading } from './io.ts';
import { newCaptions, type Captions } from './captions.ts';
import { newChat, type Chat } from './chat.ts';
import { newReactions, type Reactions } from './reactions.ts';
import { knockProof } from './gate.ts';
import { newKeyRing, type KeyRing } from './key-ring.ts';
import { newFilling, type Filling } from './tape-gaps.ts';
import { newSoundState, type SoundState } from './sound-state.ts';
import { lossesFor, trafficOf } from './traffic.ts';
import { createTrust, type Trust } from './trust.ts';
import { createRouteBook, type RouteBook } from './route-book.ts';

/** How one stream fared at this peer. Counts since we entered the room. */
export interface StreamCounters {
	received: number;
	duplicate: number;
	forwarded: number;
	/** Frames by the neighbour they came from; the last STREAM_SOURCES_MAX. */
	readonly from: Map<PeerId, number>;
	readonly rate: Bucket;
	readonly hearing: Hearing;
	/** Loudness of the last voice frame and when it came. */
	level: number;
	levelAtMs: number;
}

/** Input that was dropped, by reason. */
export interface Drops {
	malformed: number;
	forged: number;
	unknownStream: number;
	/** Frames from somebody who is no source of ours. */
	uninvited: number;
	/** Our own frames coming back. */
	echo: number;
	/** Events our log did not take. */
	unwanted: number;
	/** More than VERIFYING_MAX waiting for their signature to be checked. */
	overload: number;
	/** Messages and frames of those who send more than anybody needs to. */
	flood: number;
	/** Control messages of somebody we neither hold nor make a link with. */
	stranger: number;
	/** Voice of speakers whom somebody else has muted. */
	silenced: number;
	/** Frames so far behind their voice that nobody waits for them any more. */
	stale: number;
	/** Whatever comes from those who are out of the room. */
	outcast: number;
	/** Voice in the clear, in a room that is locked. */
	bare: number;
}

export interface Milestones {
	membersFoundMs: number | null;
	attachedMs: number | null;
	firstFrameMs: number | null;
	firstSoundMs: number | null;
}

/** What a neighbour was last told of who is here. */
export interface PresenceTold {
	readonly count: number;
	readonly hostAway: boolean;
	readonly atMs: number;
	/** Ids of the signed names it has of us. */
	readonly names: readonly EventId[];
	/** When these changed last. */
	readonly namesAtMs: number;
}

export interface PeerState {
	readonly options: PeerOptions;
	/** As text: hashing it for every look at the view would be most of its cost. */
	readonly roomKey: string;
	readonly reading: Reading;
	readonly tree: Tree;
	readonly log: RoomLog;
	/** What the log added up to when we last looked: the log folds anew each time it is asked after a change. */
	room: RoomState;
	/** The log has changed since. */
	foldDue: boolean;
	foldedAtMs: number;
	readonly seen: Seen;
	readonly trust: Trust;
	readonly presence: Presence;
	/** Signed names of listeners; at most PRESENCE_KNOWN_MAX, least recently heard first. */
	readonly names: Map<PeerId, Verified<RoomEvent>>;
	/** Names of who has gone from the stage, for what is told of them; at most SPOKEN_MAX, the latest. */
	readonly namesOnStage: Map<PeerId, string>;
	addrs: readonly string[];
	/** Sequence of the last event we drafted, which may not be back from signing yet. */
	lastSequence: number;
	lastLamport: number;
	/** What was asked of the verifier and is not back. */
	verifying: number;
	readonly unwanted: Set<EventId>;
	/** When a log summary or list last went to a neighbour. */
	readonly syncedAtMs: Map<PeerId, number>;
	/** The last summary of each neighbour. */
	readonly summaries: Map<PeerId, LogSummary>;
	/** Ours, as each neighbour was last told, and when. */
	readonly summariesTold: Map<PeerId, { readonly summary: LogSummary; readonly atMs: number }>;
	/** Our log was equal to a neighbour's at least once. */
	inStep: boolean;
	/** This device has kept events of ours. */
	remembered: boolean;
	/** What neighbours may still ask; at most NEIGHBOURS_REMEMBERED_MAX, least recently heard first. */
	readonly allowances: Map<PeerId, Allowance>;
	/** Who is linked with whom, for introductions over links. */
	readonly routes: RouteBook;
	readonly streams: Map<StreamId, StreamCounters>;
	readonly sound: SoundState;
	readonly filling: Filling;
	readonly reactions: Reactions;
	readonly captions: Captions;
	readonly chat: Chat;
	/** Whom the tree was last told to be on stage. */
	roots: readonly PeerId[];
	/** Muted by our own wish (and until the first wish to speak), whatever the last signed event says. */
	holdMicrophone: boolean;
	/** When we last said that we are muted. */
	mutedAtMs: number;
	microphoneOpen: boolean;
	/** Why our last wish was not granted. */
	refusal: Refusal | null;
	/** Refused seat events of ours that the screen has told of. */
	readonly notedRefusals: Set<EventId>;
	/** We are the host and took our seat once in this run. */
	hostSeated: boolean;
	wasJoined: boolean;
	announced: boolean;
	searches: number;
	contactsSeen: number;
	/** Who is out of the room, but ourselves. */
	out: ReadonlySet<PeerId>;
	/** Who has refused us because we are out of the room; forgotten when somebody takes us. */
	readonly shutOutBy: Set<PeerId>;
	/** How many have refused us because the room is locked; forgotten when somebody takes us. */
	lockedBy: number;
	/** What was said lately, for a report; null where nobody sits who could make one. */
	readonly held: HeldSound | null;
	/** Whose voice is not played here, by our own wish. */
	mutedForMe: ReadonlySet<PeerId>;
	readonly ears: EarsState;
	readonly host: HostWatch;
	readonly clerk: Clerk;
	/** Of a locked room. */
	readonly ring: KeyRing;
	queueOrder: QueueOrder;
	/** Ticks of voice by who said them; at most SPOKEN_MAX, who spoke last stays. */
	readonly spoken: Map<PeerId, number>;
	/** When we leave a room that has ended; null while it has not. */
	endsAtMs: number | null;
	/** To leave was our own wish. */
	leftByWish: boolean;
	/** We have said goodbye. */
	leaving: boolean;
	left: boolean;
	/** When what is not urgent has its turn again. */
	nextTickMs: number;
	nextSummaryMs: number;
	nextPresenceMs: number;
	/** What presence was last sent, by receiver and direction. */
	readonly presenceTold: Readonly<
		Record<'presence-up' | 'presence-down', Map<PeerId, PresenceTold>>
	>;
	/** Since when the host misses the link to a speaker, by seat. */
	readonly missingSinceMs: Map<StreamId, number>;
	report: PlayoutReport | null;
	readonly drops: Drops;
	readonly milestones: Milestones;
	bytesUp: number;
	bytesDown: number;
	packetsUp: number;
	packetsDown: number;
}

const READING: Reading = { packet: decodePacket, hash: frameHash };

export function newPeerState(options: PeerOptions): PeerState {
	const reading = options.reading ?? READING;
	return {
		options,
		roomKey: encodeRoomKey(options.room),
		reading,
		tree: createTree(options.me, options.fanout),
		log: createLog(options.room),
		room: fold(options.room, []),
		foldDue: false,
		foldedAtMs: 0,
		seen: createSeen(),
		trust: createTrust(reading.hash),
		presence: createPresence(),
		names: new Map(),
		namesOnStage: new Map(),
		addrs: [],
		lastSequence: 0,
		lastLamport: 0,
		verifying: 0,
		unwanted: new Set(),
		syncedAtMs: new Map(),
		summaries: new Map(),
		summariesTold: new Map(),
		inStep: false,
		remembered: false,
		allowances: new Map(),
		routes: createRouteBook(),
		streams: new Map(),
		sound: newSoundState(),
		filling: newFilling(),
		reactions: newReactions(),
		captions: newCaptions(),
		chat: newChat(),
		roots: [],
		holdMicrophone: true,
		mutedAtMs: 0,
		microphoneOpen: false,
		refusal: null,
		notedRefusals: new Set(),
		hostSeated: false,
		wasJoined: false,
		announced: false,
		searches: 0,
		contactsSeen: 0,
		out: new Set(),
		shutOutBy: new Set(),
		lockedBy: 0,
		held: options.holdsSound === true ? createHeldSound() : null,
		...{ mutedForMe: new Set<PeerId>(), ears: newEars() },
		host: newHostWatch(),
		clerk: newClerk(),
		ring: newKeyRing(options),
		queueOrder: 'raised',
		spoken: new Map(),
		endsAtMs: null,
		leftByWish: false,
		leaving: false,
		left: false,
		nextTickMs: 0,
		nextSummaryMs: 0,
		nextPresenceMs: 0,
		presenceTold: { 'presence-up': new Map(), 'presence-down': new Map() },
		missingSinceMs: new Map(),
		report: null,
		drops: noDrops(),
		milestones: { membersFoundMs: null, attachedMs: null, firstFrameMs: null, firstSoundMs: null },
		...nothingSent()
	};
}

const nothingSent = () => ({ bytesUp: 0, bytesDown: 0, packetsUp: 0, packetsDown: 0 });

const noDrops = (): Drops => ({
	malformed: 0,
	forged: 0,
	unknownStream: 0,
	uninvited: 0,
	echo: 0,
	unwanted: 0,
	overload: 0,
	flood: 0,
	stranger: 0,
	silenced: 0,
	stale: 0,
	outcast: 0,
	bare: 0
});

export const mySeat = (peer: PeerState): Seat | undefined =>
	peer.room.seats.find((seat) => seat.peer === peer.options.me);

export const isHost = (peer: PeerState): boolean => peer.room.opened?.host === peer.options.me;

/** Sound can reach us: we are on stage, or below somebody who hears. */
export const isJoined = (peer: PeerState): boolean =>
	!peer.left && peer.room.opened !== null && peer.tree.path.length > 0;

/**
 * We made the room just now, our device remembers it, or a neighbour knew no more than we do. Before, the next
 * event would carry a number that one of ours has already: an equivocation.
 */
export const knowsOwnEvents = (peer: PeerState): boolean =>
	peer.options.opening !== null || peer.remembered || peer.inStep;

export function positionOf(peer: PeerState): PresencePosition {
	return {
		self: mySeat(peer) === undefined ? peer.options.me : null,
		parent: peer.tree.parent,
		children: peer.tree.heardChildren,
		mesh: peer.tree.mesh
	};
}

/** Everybody we hold an open link with. */
export function neighbours(peer: PeerState, nowMs: number): PeerId[] {
	return peer.tree
		.links(nowMs)
		.filter((link) => link.open)
		.map((link) => link.peer);
}

export function send(peer: PeerState, to: PeerId, message: ControlMessage): PeerOutput {
	const bytes = encodeControl(message);
	peer.bytesUp += bytes.length;
	return { type: 'control', to, bytes };
}

/** Carries the tree's outputs over into the peer's. */
export function fromTree(peer: PeerState, outputs: readonly TreeOutput[]): PeerOutput[] {
	return outputs.map((output) => translate(peer, output));
}

function translate(peer: PeerState, output: TreeOutput): PeerOutput {
	switch (output.type) {
		case 'find':
		case 'admit':
		case 'close':
			return output;
		case 'open': {
			const { fanout, spot } = peer.tree;
			const { room } = peer.options;
			const where = spot === null ? {} : { spot };
			const shown = knockProof(peer, output.to.peer);
			const knock = encodeKnock({ room, want: output.want, fanout, ...shown, ...where });
			return { type: 'open', to: output.to, want: output.want, knock };
		}
		case 'refuse':
			return { type: 'refuse', ticket: output.ticket, refusal: encodeRefusal(output.refusal) };
		case 'send':
			// A new child may not have heard what we told it when it was one before.
			if (output.message.type === 'attached') peer.presenceTold['presence-down'].delete(output.to);
			return send(peer, output.to, output.message);
		case 'beat': {
			const { received, sent } = trafficOf(peer.sound.links, output.to);
			const losses = lossesFor(peer, output.to);
			const bytes = encodeHeartbeat({ ...output.heartbeat, received, sent, ...losses });
			peer.bytesUp += bytes.length;
			return { type: 'datagram', to: [output.to], bytes };
		}
	}
}

/** The numbers we know people's events by, our own drafts included. */
export function numbersOf(peer: PeerState): Numbers {
	return {
		sequenceOf(who) {
			const known = peer.log.nextSequence(who) - 1;
			return who === peer.options.me ? Math.max(known, peer.lastSequence) : known;
		},
		lastActOf: (who) => peer.log.lastAct(who),
		nowMs: peer.clerk.nowMs
	};
}
