/** What a report about somebody can bear out: the signed events that matter, and the sound that is still held. */
import type { EventBody, RoomEvent } from '../wire/event.ts';
import { isKind } from '../wire/event.ts';
import { streamOf, type EventId, type PeerId, type StreamId } from '../wire/ids.ts';
import { REPORT_EVENTS_MAX, STREAMS_MAX } from '../wire/limits.ts';
import { decodePacket, encodeFrames } from '../wire/packet.ts';
import { coveredBy } from '../wire/proof.ts';
import type { ReportedStream } from '../wire/report.ts';
import { TICK_MS } from '../wire/seq.ts';
import type { HeldFrame } from './held-sound.ts';
import type { PeerState } from './state.ts';
import { nameOf } from './view-of-law.ts';

/** As it is at one moment: what comes after changes nothing in it. */
export interface Evidence {
	readonly about: PeerId;
	readonly atMs: number;
	readonly voices: readonly EvidenceOfVoice[];
	/** Without the seats of voices, which go with them. At most REPORT_EVENTS_MAX less those. */
	readonly events: readonly Uint8Array[];
}

export interface EvidenceOfVoice {
	readonly peer: PeerId;
	readonly name: string;
	readonly sound: ReportedStream;
	/** The event that gave the seat, and the invitation to it. */
	readonly seat: readonly Uint8Array[];
	/** How much of it is voice. */
	readonly voiceMs: number;
}

/** Head of a frame's sixth field: set where somebody speaks. See wire/packet. */
const VOICE_FLAG = 0x80;
const HEAD_AT = 12;
/** And of the field behind it, where a proof follows. */
const PROOF_FLAG = 0x80;
const LENGTH_AT = 13;

export function evidenceAbout(peer: PeerState, about: PeerId, nowMs: number): Evidence {
	const all = peer.log.all();
	const voices = voicesIn(peer, all, nowMs);
	const ofSeats = new Set(voices.flatMap(({ seat }) => seat));
	const opening = all.filter((event) => isKind(event, 'open'));
	// What they call themselves, where nothing else says it.
	const names = [peer.options.me, about].flatMap((who) => peer.names.get(who) ?? []);
	const first = [...opening, ...names];
	const room = REPORT_EVENTS_MAX - ofSeats.size - first.length;
	const sits = new Set(
		all.filter((event) => event.author === about && isKind(event, 'sit')).map(({ id }) => id)
	);
	const matter = all
		.filter((event) => !isKind(event, 'open') && !ofSeats.has(event.bytes))
		.filter((event) => event.author === about || isAbout(event.body, about, sits))
		.sort((a, b) => a.lamport - b.lamport);
	const events = [...first, ...matter.slice(-Math.max(1, room))].map(({ bytes }) => bytes);
	return { about, atMs: nowMs, voices, events };
}

/** Everybody of whom something is held, whom the report is about or not: that is for its author to choose. */
function voicesIn(peer: PeerState, all: readonly RoomEvent[], nowMs: number): EvidenceOfVoice[] {
	const byStream = new Map<StreamId, HeldFrame[]>();
	for (const frame of peer.held?.frames(nowMs) ?? []) {
		const known = byStream.get(frame.stream);
		if (known === undefined) byStream.set(frame.stream, [frame]);
		else known.push(frame);
	}
	const voices = [...byStream].flatMap(([stream, frames]) => {
		const sit = all.find((event) => isKind(event, 'sit') && streamOf(event.id) === stream);
		if (sit === undefined || !isKind(sit, 'sit')) return [];
		const invitation = all.find(({ id }) => id === sit.body.invite);
		const covered = withProofs(inOrder(frames));
		if (covered.length === 0) return [];
		const reported = covered.map(({ bytes, atMs }) => ({
			ageMs: Math.max(0, Math.round(nowMs - atMs)),
			bytes
		}));
		return {
			peer: sit.author,
			name: nameOf(peer, sit.author) || sit.body.name,
			sound: { stream, frames: reported },
			seat: [sit.bytes, ...(invitation === undefined ? [] : [invitation.bytes])],
			voiceMs: TICK_MS * covered.filter(({ bytes }) => isVoice(bytes)).length
		};
	});
	return voices.slice(-STREAMS_MAX);
}

/** By their numbers, each once: a seat that counted anew keeps what it said last. */
function inOrder(frames: readonly HeldFrame[]): HeldFrame[] {
	const newest = frames.at(-1)?.seq ?? 0;
	const back = ({ seq }: HeldFrame): number => (newest - seq) >> 0;
	const byNumber = new Map(frames.map((frame) => [frame.seq, frame]));
	return [...byNumber.values()].sort((a, b) => back(b) - back(a));
}

/** Those that a proof among them covers: the proof of some may have been let go, or is still to come. */
function withProofs(frames: readonly HeldFrame[]): HeldFrame[] {
	const proven = new Set<number>();
	for (const { bytes } of frames) {
		if (!carriesProof(bytes)) continue;
		const packet = decodePacket(encodeFrames([bytes]));
		const [frame] = packet?.type === 'frames' ? packet.frames : [];
		if (frame?.proof == null) continue;
		for (const { seq } of coveredBy(frame.seq, frame.proof)) proven.add(seq);
	}
	return frames.filter(({ seq }) => proven.has(seq));
}

const carriesProof = (frame: Uint8Array): boolean => ((frame[LENGTH_AT] ?? 0) & PROOF_FLAG) !== 0;
const isVoice = (frame: Uint8Array): boolean => ((frame[HEAD_AT] ?? 0) & VOICE_FLAG) !== 0;

/** Done to that person, or to a seat of it. */
function isAbout(body: EventBody, who: PeerId, sits: ReadonlySet<EventId>): boolean {
	if ('who' in body && body.who === who) return true;
	if ('to' in body && body.to === who) return true;
	return (body.kind === 'unseat' || body.kind === 'mute') && sits.has(body.sit);
}
