/**
 * The first pass over a room's events: whose room it is, what may stand in it, who cheated, who is a co-host, and
 * which acts count. What follows, stage, microphones, hands and board, sees only what is left.
 */
import { isKind, type RoomEvent } from '../wire/event.ts';
import { toHex, type EventId, type PeerId, type RoomId } from '../wire/ids.ts';
import { isAct, isLasting, matterOf, takesAway, type ActEvent } from './acts.ts';
import { inadmissible, noStanding, noteStanding } from './admission.ts';
import { certify, type Certificates } from './certificates.ts';
import { equivocationsIn, type Equivocation } from './equivocations.ts';
import { byId, byLamport, byRank, bySequence } from './order.ts';
import { outByHost, outcastsOf, type Outcasts } from './outcasts.ts';
import type { Opened } from './state.ts';

export interface Authorised {
	readonly opened: Opened;
	/** In the order of rank, Lamport time and id. */
	readonly events: readonly RoomEvent[];
	readonly byId: ReadonlyMap<EventId, RoomEvent>;
	readonly equivocations: readonly Equivocation[];
	/** Void: events of an equivocation. What they give is not given; what they take away stays taken. */
	readonly voided: ReadonlySet<EventId>;
	/** Acts that count, in Lamport order. */
	readonly acts: readonly ActEvent[];
	readonly certificates: Certificates;
	readonly outcasts: Outcasts;
}

/** Null while the opening event is not among `events`. */
export function authorise(room: RoomId, events: Iterable<RoomEvent>): Authorised | null {
	const distinct = [...new Map([...events].map((event) => [event.id, event])).values()];
	const opening = openingOf(room, distinct);
	if (opening === null) return null;
	const host = opening.author;
	const standing = noStanding();
	standing.host = host;
	const admitted = distinct.sort(byRank(host)).filter((event) => {
		if (inadmissible(room, standing, event) !== null) return false;
		noteStanding(standing, event);
		return true;
	});
	const { title, hostName, createdAtMs } = opening.body;
	const nonce = toHex(opening.body.nonce);
	return {
		opened: { host, title, hostName, createdAtMs, nonce },
		events: admitted,
		byId: new Map(admitted.map((event) => [event.id, event])),
		...judgeActs(host, admitted)
	};
}

/** Of two openings the lower id counts: a host who cheats here has cheated only about a title. */
function openingOf(room: RoomId, events: readonly RoomEvent[]): RoomEvent<'open'> | null {
	const nobody = noStanding();
	const openings = events
		.filter((event) => isKind(event, 'open'))
		.filter((event) => inadmissible(room, nobody, event) === null);
	return openings.sort(byId)[0] ?? null;
}

/** The host's own acts first, for they decide on co-hosts; then what co-hosts may do by them. */
function judgeActs(
	host: PeerId,
	events: readonly RoomEvent[]
): Omit<Authorised, 'opened' | 'events' | 'byId'> {
	const equivocations = equivocationsIn(events);
	const voided = new Set(
		equivocations.flatMap(({ events: group }) => group.map((event) => event.id))
	);
	const words = newestWords(events.filter(isAct));
	const hostActs = words.filter(
		(act) => act.author === host && (takesAway(act) || !voided.has(act.id)) && !isAgainst(act, host)
	);
	const byHost = outByHost(hostActs);
	const certificates = certify(hostActs, equivocations, byHost);
	const named = new Map(events.map((event) => [event.id, event]));
	const cohostActs = words.filter(
		(act) =>
			act.author !== host &&
			certificates.covers(act) &&
			!isOutranked(act, targetOf(act, named), { host, certificates })
	);
	const acts = [...hostActs, ...cohostActs].sort(byLamport);
	const outcasts = outcastsOf(host, byHost, acts);
	return { equivocations, voided, acts, certificates, outcasts };
}

/** Of passing kinds each author's last, as logs keep them. In Lamport order. */
function newestWords(acts: readonly ActEvent[]): ActEvent[] {
	const newest = new Map<string, ActEvent>();
	for (const act of [...acts].sort(bySequence)) {
		newest.set(isLasting(act) ? act.id : matterOf(act), act);
	}
	return [...newest.values()].sort(byLamport);
}

/** Whom an act is about, where it is done to somebody against their will. */
function targetOf(act: ActEvent, events: ReadonlyMap<EventId, RoomEvent>): PeerId | null {
	const { body } = act;
	if (body.kind === 'remove') return body.who;
	if (body.kind === 'unseat' || body.kind === 'mute') return events.get(body.sit)?.author ?? null;
	return null;
}

function isOutranked(
	act: ActEvent,
	target: PeerId | null,
	room: { readonly host: PeerId; readonly certificates: Certificates }
): boolean {
	if (target === null || (target === act.author && !isAgainst(act, target))) return false;
	return target === room.host || room.certificates.isCohost(target, act.lamport);
}

/** Nobody removes the host, nor any co-host itself. */
const isAgainst = ({ body }: ActEvent, peer: PeerId): boolean =>
	body.kind === 'remove' && body.who === peer;
