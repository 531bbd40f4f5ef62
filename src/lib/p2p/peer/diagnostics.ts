/** What a peer can say of itself, as plain JSON. Documented in docs/ARCHITECTURE.md, "Diagnostics". */
import type { PeerId, StreamId } from '../wire/ids.ts';
import type { StreamReport } from '../playout/messages.ts';
import type { LinkInfo } from '../tree/tree.ts';
import type { CaptionCounts } from './captions.ts';
import type { ChatCounts } from './chat.ts';
import type { ReactionCounts } from './reactions.ts';
import type { RepairCounts } from './sound-state.ts';
import { mySeat, positionOf, type Drops, type Milestones, type PeerState } from './state.ts';
import type { Blame } from './trust.ts';
import type { Role } from './view.ts';
import { epochNow } from './key-ring.ts';
import { phaseOf, roleOf } from './view-of.ts';
import { nameOf } from './view-of-law.ts';

/** 20 ms of sound must be there before a frame can be encoded, and the Opus encoder looks 6.5 ms ahead (RFC 7845, 4.2). */
export const FRAME_AND_LOOKAHEAD_MS = 26.5;

export interface SpeakerDiagnostics {
	readonly peer: PeerId;
	readonly name: string;
	readonly stream: StreamId;
	readonly muted: boolean;
	/** Frames that reached this peer for the first time, voice and silence markers. */
	readonly received: number;
	/** Frames dropped because they were here before: at the link and in playout. */
	readonly duplicate: number;
	/** Frames passed on, counted once for each child. */
	readonly forwarded: number;
	/** Frames by the neighbour they came from. */
	readonly from: Readonly<Record<PeerId, number>>;
	readonly played: number;
	readonly concealed: number;
	readonly late: number;
	readonly bufferMs: number;
	readonly targetMs: number;
	readonly stretchedMs: number;
	/**
	 * Estimate: frame and look-ahead, way, jitter buffer; without the devices. Null before sound. The way is that from
	 * the root of our path, or on stage half the round trip to the speaker: what lies between our root and another
	 * speaker is not in it, nor the way of a voice that comes through a third.
	 */
	readonly mouthToEarMs: number | null;
}

/** `backup` stands by for us, for a `backup-child` we stand by. */
export type Relation = 'parent' | 'child' | 'mesh' | 'backup' | 'backup-child';

export interface LinkDiagnostics {
	readonly peer: PeerId;
	readonly relation: readonly Relation[];
	readonly open: boolean;
	readonly rttMs: number | null;
	/** Share of the packets we send there that is lost on the way, 0 to 1; null before 50 of them went. */
	readonly lossShare: number | null;
}

export interface PeerDiagnostics {
	readonly me: PeerId;
	readonly role: Role;
	readonly phase: string;
	/** 0 on stage, 1 below a speaker, and so on; null without a source. */
	readonly depth: number | null;
	readonly parent: PeerId | null;
	readonly children: readonly PeerId[];
	/** Who stands by for us, the best first. */
	readonly backups: readonly PeerId[];
	readonly mesh: readonly PeerId[];
	/** From a speaker down to this peer, both included. */
	readonly path: readonly PeerId[];
	readonly fanout: number;
	readonly delayMs: number;
	readonly listenerCount: number;
	readonly links: readonly LinkDiagnostics[];
	readonly speakers: readonly SpeakerDiagnostics[];
	/** `up`: what was given to the links, with what these then had to drop. */
	readonly bytes: {
		readonly up: number;
		readonly down: number;
		readonly packetsUp: number;
		readonly packetsDown: number;
	};
	/** Sources that were left for a fault, the latest last. */
	readonly blamed: readonly Blame[];
	/** Frames that were missing, what was done about it, and what others were given. */
	readonly repair: RepairCounts;
	readonly proofs: { readonly good: number; readonly bad: number; readonly unproven: number };
	/** Introductions of others: messages passed on, and those for which the next peer of the route was not there. */
	readonly introductions: { readonly passedOn: number; readonly unreachable: number };
	/** Reactions that were shown, told to others, and turned away. */
	readonly reactions: ReactionCounts;
	readonly captions: CaptionCounts;
	readonly chat: ChatCounts;
	readonly drops: Drops;
	readonly log: { readonly events: number; readonly digest: string };
	/** Of a locked room: the epoch whose key is here (0: none), that of now, and frames that no key of ours opened. */
	readonly lock: { readonly key: number; readonly epoch: number; readonly unread: number } | null;
	readonly milestones: Milestones;
}

export function diagnosticsOf(peer: PeerState, nowMs: number): PeerDiagnostics {
	const { tree, log } = peer;
	return {
		me: peer.options.me,
		role: roleOf(peer),
		phase: phaseOf(peer),
		depth: tree.path.length === 0 ? null : tree.path.length - 1,
		parent: tree.parent,
		children: tree.children,
		backups: tree.backups,
		mesh: tree.mesh,
		path: tree.path,
		fanout: tree.fanout,
		delayMs: tree.delayMs,
		listenerCount: peer.presence.room(positionOf(peer)).count,
		links: linksOf(peer, nowMs),
		speakers: speakersOf(peer),
		bytes: {
			up: peer.bytesUp,
			down: peer.bytesDown,
			packetsUp: peer.packetsUp,
			packetsDown: peer.packetsDown
		},
		blamed: [...peer.trust.blamed.values()],
		repair: { ...peer.sound.counts },
		proofs: { ...peer.trust.proofs },
		introductions: { ...peer.routes.counts },
		reactions: { ...peer.reactions.counts },
		captions: { ...peer.captions.counts },
		chat: { ...peer.chat.counts },
		drops: { ...peer.drops },
		log: { events: log.summary().count, digest: peer.room.digest },
		lock: lockOf(peer),
		milestones: { ...peer.milestones }
	};
}

function lockOf(peer: PeerState): PeerDiagnostics['lock'] {
	const epoch = epochNow(peer)?.number ?? 0;
	const { vault, unread } = peer.ring;
	return epoch === 0 && unread === 0 ? null : { key: vault.newest, epoch, unread };
}

function linksOf(peer: PeerState, nowMs: number): LinkDiagnostics[] {
	return peer.tree.links(nowMs).map((link) => ({
		peer: link.peer,
		open: link.open,
		rttMs: link.rttMs,
		lossShare: peer.sound.links.get(link.peer)?.lossShare ?? null,
		relation: relationsOf(peer, link)
	}));
}

function relationsOf({ tree }: PeerState, link: LinkInfo): Relation[] {
	const relations: Relation[] = (['parent', 'child', 'mesh'] as const).filter((one) => link[one]);
	if (tree.standingBy.includes(link.peer)) relations.push('backup');
	if (tree.backupChildren.includes(link.peer)) relations.push('backup-child');
	return relations;
}

function speakersOf(peer: PeerState): SpeakerDiagnostics[] {
	const mine = mySeat(peer);
	return peer.room.seats
		.filter((seat) => seat !== mine && seat.peer !== peer.options.me)
		.map((seat) => {
			const counters = peer.streams.get(seat.stream);
			const report = peer.report?.streams[seat.stream];
			return {
				peer: seat.peer,
				name: nameOf(peer, seat.peer),
				stream: seat.stream,
				muted: !seat.micOpen,
				received: counters?.received ?? 0,
				duplicate: (counters?.duplicate ?? 0) + (report?.duplicate ?? 0),
				forwarded: counters?.forwarded ?? 0,
				from: Object.fromEntries(counters?.from ?? []),
				played: report?.played ?? 0,
				concealed: report?.concealed ?? 0,
				late: report?.late ?? 0,
				bufferMs: report?.bufferMs ?? 0,
				targetMs: report?.targetMs ?? 0,
				stretchedMs: report?.stretchedMs ?? 0,
				mouthToEarMs: estimate(peer, seat.peer, report)
			};
		});
}

function estimate(
	peer: PeerState,
	speaker: PeerId,
	report: StreamReport | undefined
): number | null {
	if (report === undefined || report.played === 0) return null;
	const link = peer.tree.links(0).find((one) => one.peer === speaker);
	const pathMs = mySeat(peer) === undefined ? peer.tree.delayMs : (link?.rttMs ?? 0) / 2;
	return FRAME_AND_LOOKAHEAD_MS + pathMs + report.bufferMs;
}
