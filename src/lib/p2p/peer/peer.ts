/**
 * A peer in a room: everything the agreed rules make of what it hears, as one pure state machine over the
 * log, the tree and the sound. The run loop feeds one input, carries out every output, then the next.
 */
import type { PlayoutReport } from '../playout/messages.ts';
import type { PeerId } from '../wire/ids.ts';
import { judge } from '../room/rules.ts';
import type { Verified } from '../wire/envelope.ts';
import type { RoomEvent } from '../wire/event.ts';
import { decodeControl, decodeKnock, decodeRefusal, encodeRefusal } from '../wire/control.ts';
import type { ControlMessage, RefusalReason } from '../wire/control.ts';
import type { TreeInput } from '../tree/tree.ts';
import { allows } from './allowance.ts';
import { diagnosticsOf, type PeerDiagnostics } from './diagnostics.ts';
import { draft, signHere } from './draft.ts';
import { keepQueue, openTheStage } from './clerk.ts';
import { evidenceAbout, type Evidence } from './evidence.ts';
import { onFill } from './filling.ts';
import { forgetNeighbour, onPresence, takeName, tellPresence } from './gathering.ts';
import { beginLock, keepEpoch } from './epochs.ts';
import { atGate, forgetLink, greet, mayKnock, turnOutStrangers } from './gate.ts';
import { lookForHost } from './host-away.ts';
import type { PeerInput, PeerOptions, PeerOutput } from './io.ts';
import { askAtOnce, keepDoorAndKeys, onKeyAsk, onKeyGive, onSealed, onUnsealed } from './keys.ts';
import { leaveRoom, whileLeaving } from './leaving.ts';
import { onEars } from './ears.ts';
import { muteForMe } from './muted-for-me.ts';
import { fromOutcast, leaveWhenOver, noteShutOut, urgent } from './outcasts.ts';
import { onSoundDue, onSoundTick, wakeForSound } from './sound-timers.ts';
import { onDatagram, onMicrophone, onProofChecked, onProved } from './sound.ts';
import { keepPassing, onPassing, takePassing } from './passing.ts';
import { tapingOf, type Taping } from './taping.ts';
import { openingWords } from './opening.ts';
import { expireUnproven } from './trust.ts';
import { noteGone, noteNamed, notePath } from './route-book.ts';
import { onRoute, onRouted, withRoutes } from './routes.ts';
import { keepTerms } from './terms.ts';
import { afterEvents, foldWhenDue, freeAbandonedSeats, noteSignOf, takeHostSeat } from './stage.ts';
import { fromTree, isJoined, neighbours, newPeerState, send, type PeerState } from './state.ts';
import { noteChecked, onEnvelope, onIds, onSummary, takeEvent, tellSummaries } from './sync.ts';
import { beginTraffic } from './traffic.ts';
import type { RoomView } from './view.ts';
import { levelsOf, viewOf } from './view-of.ts';
import { onWish } from './wishes.ts';

/** The peer looks around this often; every interval in the core is a multiple of it, give or take. */
const WAKE_INTERVAL_MS = 100;
/** A timer may ring a little early. */
const TICK_EARLY_MS = 1;

export interface Peer {
	/** Feeds one input; the outputs are to be carried out in order before the next. `nowMs` never goes back. */
	readonly handle: (input: PeerInput, nowMs: number) => PeerOutput[];
	/** What a gossip validator says of a checked event: pass on, drop, or hold against the sender. */
	judge(event: Verified<RoomEvent>): 'accept' | 'ignore' | 'reject';
	view(): RoomView;
	/** After `leave`: nobody hears by us any more, or their time to move on is over. */
	readonly left: boolean;
	levels(nowMs: number): Map<PeerId, number>;
	diagnostics(nowMs: number): PeerDiagnostics;
	/** What a report about somebody could bear out now. */
	evidence(about: PeerId, nowMs: number): Evidence;
	/** Every envelope of the log in an order that a new log takes. */
	envelopes(): Uint8Array[];
	/** What a recording is to hold of the room now; null where we record nothing. */
	taping(): Taping | null;
	/** An event as gossip may carry it past the seeds. */
	wrap(envelope: Uint8Array): Uint8Array;
	/** The other way round; null where it was not meant for this room's members. */
	unwrap(message: Uint8Array): Uint8Array | null;
}

/** `peer` is given by those who look at it after each input: the simulator's rules. */
export function createPeer(options: PeerOptions, peer = newPeerState(options)): Peer {
	return {
		handle: (input, nowMs) => {
			peer.clerk.nowMs = nowMs;
			const wasLeaving = peer.leaving;
			const out = fromOutcast(peer, input) ?? dispatch(peer, input, nowMs);
			if (peer.leaving) return whileLeaving(peer, out, wasLeaving);
			// A look at the parent that found nothing has changed nothing: that is what timers mostly ring for.
			if (input.type === 'tick' && out.length === 0) wakeForSound(peer, out);
			else settle(peer, out, nowMs);
			return withRoutes(peer, out, nowMs);
		},
		judge: (event) => judge(peer.log, event, (author) => peer.out.has(author)),
		view: () => viewOf(peer),
		get left() {
			return peer.left;
		},
		levels: (nowMs) => levelsOf(peer, nowMs),
		diagnostics: (nowMs) => diagnosticsOf(peer, nowMs),
		evidence: (about, nowMs) => evidenceAbout(peer, about, nowMs),
		taping: () => tapingOf(peer),
		envelopes: () => peer.log.all().map((event) => event.bytes),
		wrap: (envelope) => peer.ring.gate?.wrap(envelope) ?? envelope,
		unwrap: (message) => (peer.ring.gate === null ? message : peer.ring.gate.unwrap(message))
	};
}

function dispatch(peer: PeerState, input: PeerInput, nowMs: number): PeerOutput[] {
	switch (input.type) {
		case 'start':
			return onStart(peer, input, nowMs);
		case 'tick':
			return onTick(peer, nowMs);
		case 'wish':
			return onWish(peer, input.wish, nowMs);
		case 'address':
			return onAddress(peer, input.addrs, nowMs);
		case 'members':
			return onMembers(peer, input.contacts, nowMs);
		case 'search-ended':
			peer.searches++;
			return [{ type: 'view' }];
		case 'knock':
			return onKnock(peer, input, nowMs);
		case 'refused':
		case 'failed':
		case 'opened':
		case 'closed':
			return onLink(peer, input, nowMs);
		case 'control':
			return onControl(peer, input.from, input.bytes, nowMs);
		case 'datagram':
			return onDatagram(peer, input, nowMs);
		case 'verified':
			return onVerified(peer, input, nowMs);
		case 'forged':
			noteChecked(peer, input.from);
			peer.drops.forged++;
			return [];
		case 'proved':
			return onProved(peer, input, nowMs);
		case 'checked':
			return onProofChecked(peer, input, nowMs);
		case 'sealed':
			return onSealed(peer, input, nowMs);
		case 'unsealed':
			return onUnsealed(peer, input, nowMs);
		case 'voice':
		case 'silence':
			return onMicrophone(peer, input, nowMs);
		case 'playout-report':
			onReport(peer, input.report);
			return [];
		case 'route':
			return onRoute(peer, input, nowMs);
		case 'follows':
			peer.clerk.follows = new Set(input.peers);
			return [];
		case 'mute-for-me':
			return muteForMe(peer, input.peers);
		case 'ears':
			return onEars(peer, input);
		case 'leave':
			peer.leftByWish = true;
			return [...leaveRoom(peer, nowMs), { type: 'view' }];
	}
}

const toTree = (peer: PeerState, input: TreeInput, nowMs: number): PeerOutput[] =>
	fromTree(peer, peer.tree.handle(input, nowMs));

/** Adds to `out` what follows from the new situation, whatever brought it about. */
function settle(peer: PeerState, out: PeerOutput[], nowMs: number): void {
	const joined = isJoined(peer);
	if (joined && !peer.wasJoined) {
		peer.wasJoined = true;
		peer.shutOutBy.clear();
		peer.lockedBy = 0;
		peer.milestones.attachedMs ??= nowMs;
		out.push({ type: 'view' });
	}
	out.push(...takeHostSeat(peer, nowMs), ...(joined ? askAtOnce(peer, nowMs) : []));
	if (joined && !peer.announced && peer.tree.fanout > 0) {
		peer.announced = true;
		out.push({ type: 'announce' });
	}
	wakeForSound(peer, out);
}

function onStart(
	peer: PeerState,
	input: Extract<PeerInput, { type: 'start' }>,
	nowMs: number
): PeerOutput[] {
	for (const event of input.saved) peer.log.add(event);
	peer.remembered = input.saved.some((event) => event.author === peer.options.me);
	peer.nextTickMs = nowMs + WAKE_INTERVAL_MS;
	const locking = beginLock(peer, input.kept, nowMs);
	const out: PeerOutput[] = [
		...locking.before,
		signHere(peer, nowMs),
		{ type: 'wake', atMs: peer.nextTickMs }
	];
	const { opening } = peer.options;
	if (opening === null)
		return [...out, ...afterEvents(peer, nowMs), ...toTree(peer, { type: 'tick' }, nowMs)];
	const first = openingWords(peer.options.name, opening);
	return [...out, ...first.map((each) => draft(peer, each)), ...locking.after()];
}

/** Ticks come for the sound path's own timers as well; what is not urgent has its turn ten times a second. */
function onTick(peer: PeerState, nowMs: number): PeerOutput[] {
	const out = onSoundDue(peer, nowMs);
	if (nowMs + TICK_EARLY_MS < peer.nextTickMs) return out;
	peer.nextTickMs = nowMs + WAKE_INTERVAL_MS;
	out.push(...foldWhenDue(peer, nowMs));
	out.push(...toTree(peer, { type: 'tick' }, nowMs));
	out.push(...expireUnproven(peer, nowMs));
	out.push(...tellSummaries(peer, nowMs));
	out.push(...lookForHost(peer, nowMs));
	out.push(...tellPresence(peer, nowMs));
	out.push(...keepPassing(peer, nowMs));
	out.push(...freeAbandonedSeats(peer, nowMs));
	out.push(...keepTerms(peer, nowMs));
	out.push(...keepQueue(peer, nowMs));
	out.push(...openTheStage(peer, nowMs));
	out.push(...leaveWhenOver(peer, nowMs));
	out.push(...turnOutStrangers(peer, nowMs));
	out.push(...keepEpoch(peer, nowMs));
	out.push(...keepDoorAndKeys(peer, nowMs));
	out.push(...onSoundTick(peer, nowMs));
	out.push({ type: 'wake', atMs: peer.nextTickMs });
	return out;
}

function onAddress(peer: PeerState, addrs: readonly string[], nowMs: number): PeerOutput[] {
	peer.addrs = addrs;
	return [
		...toTree(peer, { type: 'address', addrs }, nowMs),
		...neighbours(peer, nowMs).map((to) => send(peer, to, hello(peer)))
	];
}

function hello(peer: PeerState): ControlMessage {
	const here = peer.names.get(peer.options.me)?.bytes ?? new Uint8Array(0);
	return { type: 'hello', addrs: peer.addrs, here };
}

function onMembers(
	peer: PeerState,
	contacts: Extract<PeerInput, { type: 'members' }>['contacts'],
	nowMs: number
): PeerOutput[] {
	if (contacts.length > 0) peer.milestones.membersFoundMs ??= nowMs;
	peer.contactsSeen += contacts.length;
	return [...toTree(peer, { type: 'contacts', contacts }, nowMs), { type: 'view' }];
}

function onKnock(
	peer: PeerState,
	input: Extract<PeerInput, { type: 'knock' }>,
	nowMs: number
): PeerOutput[] {
	const { ticket, from } = input;
	const knock = decodeKnock(input.bytes);
	if (knock === null) peer.drops.malformed++;
	// Nobody to point to.
	const refuse = (reason: RefusalReason): PeerOutput[] => [
		{ type: 'refuse', ticket, refusal: encodeRefusal({ reason, candidates: [] }) }
	];
	// A knock we cannot read, or at another door.
	if (knock?.room !== peer.options.room || peer.left) return refuse('other-room');
	if (!mayKnock(peer, from, knock)) return refuse('locked');
	noteSignOf(peer, from);
	return toTree(peer, { type: 'knock', ticket, from, knock }, nowMs);
}

function onLink(
	peer: PeerState,
	input: Extract<PeerInput, { type: 'refused' | 'failed' | 'opened' | 'closed' }>,
	nowMs: number
): PeerOutput[] {
	if (input.type === 'refused') {
		const refusal = decodeRefusal(input.bytes);
		if (refusal === null) peer.drops.malformed++;
		else noteNamed(peer.routes, input.peer, refusal.candidates, nowMs);
		if (refusal?.reason === 'removed') noteShutOut(peer, input.peer);
		if (refusal?.reason === 'locked') peer.lockedBy++;
		return toTree(peer, { type: 'refused', peer: input.peer, refusal }, nowMs);
	}
	const out: PeerOutput[] = [{ type: 'view' }];
	if (input.type === 'failed' && input.answered === true) noteSignOf(peer, input.peer);
	if (input.type === 'closed') {
		forgetNeighbour(peer, input.peer);
		forgetLink(peer, input.peer);
		peer.sound.leases.delete(input.peer);
		peer.sound.owing.delete(input.peer);
		noteGone(peer.routes, input.peer, nowMs);
	}
	if (input.type === 'opened') {
		beginTraffic(peer.sound.links, input.peer);
		out.push(...greet(peer, input.peer, nowMs));
		out.push(send(peer, input.peer, hello(peer)));
		out.push(send(peer, input.peer, { type: 'log-summary', summary: peer.log.summary() }));
	}
	return [...out, ...toTree(peer, input, nowMs)];
}

function onControl(peer: PeerState, from: PeerId, bytes: Uint8Array, nowMs: number): PeerOutput[] {
	peer.bytesDown += bytes.length;
	if (!peer.tree.isNear(from)) {
		peer.drops.stranger++;
		return [];
	}
	const message = decodeControl(bytes);
	if (message === null) {
		peer.drops.malformed++;
		return [];
	}
	if (!allows(peer, from, message, nowMs)) return [];
	return atGate(peer, from, message) ?? onMessage(peer, from, message, nowMs);
}

function onMessage(
	peer: PeerState,
	from: PeerId,
	message: ControlMessage,
	nowMs: number
): PeerOutput[] {
	if (message.type === 'path') notePath(peer.routes, from, message.path);
	if ('candidates' in message) noteNamed(peer.routes, from, message.candidates, nowMs);
	switch (message.type) {
		case 'hello': {
			const contact = { peer: from, addrs: message.addrs };
			const out = toTree(peer, { type: 'contact', contact }, nowMs);
			return message.here.length === 0 ? out : [...out, ...onEnvelope(peer, message.here, from)];
		}
		case 'attach':
		case 'attached':
		case 'detach':
		case 'path':
		case 'stand-by':
		case 'standing-by':
		case 'stand-down':
		case 'graft':
		case 'raise':
		case 'climb':
		case 'offers':
		case 'delay':
		case 'places':
		case 'bye':
			return [...toTree(peer, { type: 'message', from, message }, nowMs), { type: 'view' }];
		case 'log-summary':
			return onSummary(peer, from, message.summary, nowMs);
		case 'log-ids':
			return onIds(peer, from, message.ids, nowMs);
		case 'events':
			return message.envelopes.flatMap((envelope) => onEnvelope(peer, envelope, from));
		case 'presence-up':
		case 'presence-down':
			return onPresence(peer, from, message);
		case 'reactions':
		case 'captions':
		case 'chat':
			return onPassing(peer, from, message, nowMs);
		case 'fill-ask':
		case 'fill-give':
			return onFill(peer, from, message, nowMs);
		case 'routed':
			return onRouted(peer, from, message, nowMs);
		case 'key-ask':
			return onKeyAsk(peer, from, message, nowMs);
		case 'key-give':
			return onKeyGive(peer, from, message, nowMs);
		case 'admission':
			return [];
	}
}

function onVerified(
	peer: PeerState,
	input: Extract<PeerInput, { type: 'verified' }>,
	nowMs: number
): PeerOutput[] {
	const { event, from } = input;
	noteChecked(peer, from);
	if (event.room !== peer.options.room) return [];
	if (event.body.kind === 'here') {
		takeName(peer, event);
		const mine = event.author === peer.options.me;
		const greet = mine ? neighbours(peer, nowMs).map((to) => send(peer, to, hello(peer))) : [];
		return [...greet, { type: 'view' }];
	}
	const passing = takePassing(peer, event, from, nowMs);
	if (passing !== null) return passing;
	const passedOn = takeEvent(peer, event, from, nowMs);
	if (passedOn === null) return [];
	peer.foldDue = true;
	return [...passedOn, ...foldWhenDue(peer, nowMs, urgent(event))];
}

function onReport(peer: PeerState, report: PlayoutReport): void {
	peer.report = report;
	const first = report.firstHeard[0];
	if (first !== undefined) peer.milestones.firstSoundMs ??= first.atMs;
}
