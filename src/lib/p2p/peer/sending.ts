/** Frames on their way out: to the children and to those who pulled, bundled where several talk; among speakers with copies where a line loses some. */
import type { PeerId, StreamId } from '../wire/ids.ts';
import { FRAMES_PER_PACKET_MAX, PACKET_BYTES_MAX } from '../wire/limits.ts';
import { encodeFrames } from '../wire/packet.ts';
import { encodePull, type Pull } from '../wire/repair.ts';
import { seqAdd } from '../wire/seq.ts';
import type { PeerOutput } from './io.ts';
import type { Hearing } from './hearing.ts';
import { keptFrame } from './kept.ts';
import {
	BUNDLE_ACTIVE_MS,
	BUNDLE_TURN_MS,
	BUNDLE_WAIT_MS,
	COPY_BACK_TICKS
} from './repair-timing.ts';
import type { Bundle } from './sound-state.ts';
import type { PeerState } from './state.ts';
import { noteAsked, noteSending, trafficOf, type LinkTraffic } from './traffic.ts';

/** A frame as it is passed on. */
export interface Item {
	readonly stream: StreamId;
	readonly seq: number;
	readonly bytes: Uint8Array;
}

type Datagram = Extract<PeerOutput, { type: 'datagram' }>;

/** New frames to everybody below us; `packet` holds exactly these. */
export function passDown(
	peer: PeerState,
	items: readonly Item[],
	packet: Uint8Array<ArrayBuffer>,
	{ from, nowMs }: { readonly from: PeerId | null; readonly nowMs: number }
): PeerOutput[] {
	if (peer.tree.mesh.length === 0) return sendDown(peer, items, packet, { from, nowMs });
	const out = peer.sound.leases.size === 0 ? [] : lendToSpeakers(peer, items, { from, nowMs });
	const { bundle } = peer.sound;
	if (bundle.waiting.length === 0 && (goesAhead(bundle, items) || !isChorus(peer, nowMs))) {
		out.push(...sendDown(peer, items, packet, { from, nowMs }));
		return out;
	}
	putInto(bundle, items, nowMs);
	if (isComplete(peer, nowMs)) out.push(...flushBundle(peer, nowMs));
	return out;
}

function putInto(bundle: Bundle, items: readonly Item[], nowMs: number): void {
	if (bundle.waiting.length === 0) {
		bundle.firstMs = nowMs;
		bundle.dueMs = nowMs + BUNDLE_WAIT_MS;
	} else if (bundle.waiting.length === 1) bundle.secondMs = nowMs;
	bundle.waiting = [...bundle.waiting, ...items];
}

/**
 * Where the first of a bundle waits longer for the second than the last would wait for the next first, it goes
 * ahead once: so bundles come to begin after the longest pause of the tick, and everybody waits as little as can be.
 */
function chooseBeginning(bundle: Bundle, nowMs: number): void {
	const [first] = bundle.waiting;
	const waitedMs = bundle.secondMs - bundle.firstMs;
	const pauseMs = BUNDLE_WAIT_MS - (nowMs - bundle.firstMs);
	if (first === undefined || bundle.waiting.length < 2) return;
	if (waitedMs > pauseMs + BUNDLE_TURN_MS) bundle.ahead = first.stream;
}

function goesAhead(bundle: Bundle, items: readonly Item[]): boolean {
	if (bundle.ahead === null || items[0]?.stream !== bundle.ahead) return false;
	bundle.ahead = null;
	return true;
}

/** Two or more talk at this moment. A single voice is never held up. */
function isChorus(peer: PeerState, nowMs: number): boolean {
	let talking = 0;
	for (const { hearing } of peer.streams.values()) {
		if (isActive(hearing, nowMs)) talking++;
	}
	return talking > 1;
}

const isActive = (hearing: Hearing, nowMs: number): boolean =>
	hearing.voice && nowMs - hearing.atMs < BUNDLE_ACTIVE_MS;

/** Everybody who talks is in it, or it is as long as a packet may be. */
function isComplete(peer: PeerState, nowMs: number): boolean {
	const { waiting } = peer.sound.bundle;
	if (waiting.length >= FRAMES_PER_PACKET_MAX) return true;
	for (const [stream, { hearing }] of peer.streams) {
		if (!isActive(hearing, nowMs)) continue;
		if (!waiting.some((item) => item.stream === stream)) return false;
	}
	return true;
}

export function flushBundle(peer: PeerState, nowMs: number): PeerOutput[] {
	const { bundle } = peer.sound;
	const items = bundle.waiting;
	chooseBeginning(bundle, nowMs);
	bundle.waiting = [];
	bundle.dueMs = Infinity;
	return packed(items).flatMap((few) =>
		sendDown(peer, few, encodeFrames(few.map(({ bytes }) => bytes)), { from: null, nowMs })
	);
}

/** In as few packets as their length allows. */
export function packed<T extends { readonly bytes: Uint8Array }>(items: readonly T[]): T[][] {
	const packets: T[][] = [];
	let room = 0;
	for (const item of items) {
		const last = packets.at(-1);
		if (last === undefined || item.bytes.length > room || last.length >= FRAMES_PER_PACKET_MAX) {
			packets.push([item]);
			room = PACKET_BYTES_MAX - 1 - item.bytes.length;
			continue;
		}
		last.push(item);
		room -= item.bytes.length;
	}
	return packets;
}

function sendDown(
	peer: PeerState,
	items: readonly Item[],
	packet: Uint8Array<ArrayBuffer>,
	{ from, nowMs }: { readonly from: PeerId | null; readonly nowMs: number }
): PeerOutput[] {
	const { sound } = peer;
	const { children } = peer.tree;
	const to = receiversOf(peer, items, from, nowMs);
	for (const item of items) {
		const counters = peer.streams.get(item.stream);
		if (counters !== undefined) counters.forwarded += to.length;
	}
	if (to.length === 0) return [];
	noteSending(sound.downTimes, nowMs);
	const links = to === children ? fanOf(peer) : to.map((child) => trafficOf(sound.links, child));
	return sendCounted(peer, { to, links, items: [], packet });
}

/** The children and whoever has a lease on everything; not who sent it, nor who said it. */
function receiversOf(
	peer: PeerState,
	items: readonly Item[],
	from: PeerId | null,
	nowMs: number
): readonly PeerId[] {
	const { children } = peer.tree;
	const [first] = items;
	// A child that has just stepped on stage and is our child still has no use for its own voice.
	const author = items.length === 1 && first !== undefined ? authorOf(peer, first.stream) : null;
	const isToSkip = (child: PeerId): boolean => child === from || child === author;
	const mine = children.some(isToSkip) ? children.filter((child) => !isToSkip(child)) : children;
	if (peer.sound.leases.size === 0) return mine;
	const leased = leaseholders(peer, nowMs).filter(
		([who, { streams }]) => streams === null && !isToSkip(who) && !children.includes(who)
	);
	return leased.length === 0 ? mine : [...mine, ...leased.map(([who]) => who)];
}

const authorOf = (peer: PeerState, stream: StreamId): PeerId | null =>
	peer.room.seats.find((seat) => seat.stream === stream)?.peer ?? null;

function leaseholders(
	peer: PeerState,
	nowMs: number
): [PeerId, { readonly streams: ReadonlySet<StreamId> | null }][] {
	const { leases } = peer.sound;
	for (const [who, lease] of leases) if (lease.untilMs <= nowMs) leases.delete(who);
	return [...leases];
}

/** Speakers who hear somebody through us get that voice at once, as they would from itself. */
function lendToSpeakers(
	peer: PeerState,
	items: readonly Item[],
	{ from, nowMs }: { readonly from: PeerId | null; readonly nowMs: number }
): PeerOutput[] {
	return leaseholders(peer, nowMs).flatMap(([to, { streams }]) => {
		if (streams === null || to === from) return [];
		const wanted = items.filter((item) => streams.has(item.stream));
		return sendTo(peer, to, wanted);
	});
}

/** Ready frames to one neighbour. */
export function sendTo(peer: PeerState, to: PeerId, items: readonly Item[]): PeerOutput[] {
	const links = [trafficOf(peer.sound.links, to)];
	return packed(items).flatMap((few) => {
		const packet = encodeFrames(few.map(({ bytes }) => bytes));
		return sendCounted(peer, { to: [to], links, items: [], packet });
	});
}

/** Our own voice: to the other speakers at once, to those below us with what is said in the same tick. */
export function sendOut(
	peer: PeerState,
	own: Item,
	packet: Uint8Array<ArrayBuffer>,
	nowMs: number
): PeerOutput[] {
	const to = peer.tree.mesh;
	if (to.length > 0) noteSending(peer.sound.meshTimes, nowMs);
	const links = to.map((other) => trafficOf(peer.sound.links, other));
	const across = to.length === 0 ? [] : sendCounted(peer, { to, links, items: [own], packet });
	return merged([...across, ...passDown(peer, [own], packet, { from: null, nowMs })]);
}

/** The same bytes to several go out as one. */
function merged(outputs: readonly PeerOutput[]): PeerOutput[] {
	const [first, second, ...rest] = outputs;
	if (first?.type !== 'datagram' || second?.type !== 'datagram') return [...outputs];
	if (first.bytes !== second.bytes) return [...outputs];
	return [{ ...first, to: [...first.to, ...second.to] }, ...rest];
}

function fanOf(peer: PeerState): readonly LinkTraffic[] {
	const { sound } = peer;
	const { children } = peer.tree;
	if (sound.fan.children !== children) {
		const links = children.map((child) => trafficOf(sound.links, child));
		sound.fan = { children, links };
	}
	return sound.fan.links;
}

interface Sending {
	readonly to: readonly PeerId[];
	/** Those of `to`, in the same order. */
	readonly links: readonly LinkTraffic[];
	/** Frames to which copies of earlier ones are added: our own, to other speakers. Those below repair by asking. */
	readonly items: readonly Item[];
	readonly packet: Uint8Array<ArrayBuffer>;
}

function sendCounted(peer: PeerState, { to, links, items, packet }: Sending): PeerOutput[] {
	let copying = false;
	for (const link of links) {
		link.sent++;
		copying ||= link.copies;
	}
	if (!copying || items.length === 0) return [datagram(peer, to, packet)];
	const { bytes, copies } = withCopies(peer, items, packet);
	if (copies === 0) return [datagram(peer, to, packet)];
	const lossy = to.filter((_, i) => links[i]?.copies === true);
	const plain = to.filter((_, i) => links[i]?.copies !== true);
	peer.sound.counts.copies += copies * lossy.length;
	const out = [datagram(peer, lossy, bytes)];
	return plain.length === 0 ? out : [datagram(peer, plain, packet), ...out];
}

/** The packet with the frame before last of each of its streams behind it, as far as they fit. */
function withCopies(
	peer: PeerState,
	items: readonly Item[],
	packet: Uint8Array<ArrayBuffer>
): { readonly bytes: Uint8Array<ArrayBuffer>; readonly copies: number } {
	const frames = items.map(({ bytes }) => bytes);
	let room = PACKET_BYTES_MAX - packet.length;
	for (const { stream, seq } of items) {
		const kept = peer.streams.get(stream)?.hearing.kept;
		// Only what is new itself: an answer that comes late would carry what is older still.
		if (seq !== peer.streams.get(stream)?.hearing.newest) continue;
		const copy = kept && keptFrame(kept, seqAdd(seq, -COPY_BACK_TICKS));
		if (copy === undefined || copy.length > room) continue;
		if (frames.length >= FRAMES_PER_PACKET_MAX) break;
		frames.push(copy);
		room -= copy.length;
	}
	const copies = frames.length - items.length;
	return { bytes: copies === 0 ? packet : encodeFrames(frames), copies };
}

function datagram(
	peer: PeerState,
	to: readonly PeerId[],
	bytes: Uint8Array<ArrayBuffer>
): Datagram {
	peer.bytesUp += bytes.length * to.length;
	peer.packetsUp += to.length;
	peer.sound.counts.frameBytesUp += bytes.length * to.length;
	return { type: 'datagram', to, bytes };
}

/** Digests and pulls: no packets of frames, and not counted as such. */
export function sendRepair(
	peer: PeerState,
	to: readonly PeerId[],
	bytes: Uint8Array<ArrayBuffer>
): PeerOutput[] {
	if (to.length === 0) return [];
	peer.bytesUp += bytes.length * to.length;
	peer.sound.counts.repairBytesUp += bytes.length * to.length;
	return [{ type: 'datagram', to, bytes }];
}

/** Asks a neighbour for frames: from now on it may send any stream for `owingMs`. */
export function sendPull(
	peer: PeerState,
	to: PeerId,
	pull: Pull,
	{ nowMs, owingMs }: { readonly nowMs: number; readonly owingMs: number }
): PeerOutput[] {
	const { owing, counts } = peer.sound;
	owing.set(to, Math.max(owing.get(to) ?? 0, nowMs + owingMs));
	noteAsked(trafficOf(peer.sound.links, to), pull, nowMs);
	counts.pullsSent++;
	return sendRepair(peer, [to], encodePull(pull));
}
