/**
 * The second pass over a room's events: who sits on stage. Every event that gives or takes a seat is
 * replayed at its Lamport time, and what it did then is not undone by anything later.
 */
import { isKind, type RoomEvent } from '../wire/event.ts';
import type { EventId, PeerId } from '../wire/ids.ts';
import { SEATS_MAX } from '../wire/limits.ts';
import type { ActEvent } from './acts.ts';
import type { Authorised } from './authority.ts';
import { byId, byLamport } from './order.ts';
import type { SitRefusal } from './state.ts';

type Invite = ActEvent & RoomEvent<'invite'>;

export interface Stage {
	readonly seats: ReadonlyMap<PeerId, RoomEvent<'sit'>>;
	readonly refusals: ReadonlyMap<EventId, SitRefusal>;
	/** Invitations up to this Lamport time are used up, declined or taken back. */
	readonly spent: ReadonlyMap<PeerId, number>;
	/** Invitations that count, in Lamport order. */
	readonly invites: readonly Invite[];
}

type Effect =
	| { readonly type: 'sit'; readonly event: RoomEvent<'sit'> }
	/** Ends the seat that `sit` gave, or whichever the person has. */
	| { readonly type: 'free'; readonly peer: PeerId; readonly sit: EventId | null }
	/** Ends invitations up to a Lamport time. */
	| { readonly type: 'spend'; readonly peer: PeerId; readonly upTo: number };

interface Step {
	readonly lamport: number;
	/** Among steps of one time: what takes away, then what gives, then what takes away what was just given. */
	readonly phase: 0 | 1 | 2;
	readonly id: EventId;
	readonly effects: readonly Effect[];
}

/**
 * Invariants:
 * 1. At most SEATS_MAX seats, one of them the host's alone, and one seat for each person.
 * 2. Nobody but the host sits without an invitation that is addressed to them, earlier and not spent.
 * 3. One invitation, one turn: sitting down spends every invitation before it.
 * 4. A refused `sit` stays refused: nothing of a later Lamport time changes the past.
 * 5. Who is out does not sit. Coming back is a new beginning: no invitation of before counts.
 */
export function replay(room: Authorised): Stage {
	const { host } = room.opened;
	const seats = new Map<PeerId, RoomEvent<'sit'>>();
	const refusals = new Map<EventId, SitRefusal>();
	const spent = new Map<PeerId, number>();
	const invites = invitesOf(room);
	const spend = (peer: PeerId, upTo: number): void => {
		spent.set(peer, Math.max(spent.get(peer) ?? 0, upTo));
	};
	const refusalOf = (sit: RoomEvent<'sit'>): SitRefusal | null => {
		if (room.outcasts.at(sit.author, sit.lamport)) return 'removed';
		if (seats.has(sit.author)) return 'already-on-stage';
		if (sit.author === host) return null;
		const invite = invites.get(sit.body.invite ?? sit.id);
		const invited = invite?.body.to === sit.author && invite.lamport < sit.lamport;
		if (!invited || invite.lamport <= (spent.get(sit.author) ?? 0)) return 'not-invited';
		return seats.size - (seats.has(host) ? 1 : 0) >= SEATS_MAX - 1 ? 'stage-full' : null;
	};
	const apply = (effect: Effect): void => {
		switch (effect.type) {
			case 'sit': {
				const refusal = refusalOf(effect.event);
				if (refusal !== null) {
					refusals.set(effect.event.id, refusal);
					return;
				}
				seats.set(effect.event.author, effect.event);
				spend(effect.event.author, effect.event.lamport);
				return;
			}
			case 'free': {
				const sit = effect.sit ?? seats.get(effect.peer)?.id;
				if (seats.get(effect.peer)?.id === sit) seats.delete(effect.peer);
				return;
			}
			case 'spend':
				spend(effect.peer, effect.upTo);
				return;
		}
	};
	for (const step of stepsOf(room)) step.effects.forEach(apply);
	return { seats, refusals, spent, invites: [...invites.values()].sort(byLamport) };
}

function invitesOf(room: Authorised): Map<EventId, Invite> {
	const invites = room.acts.filter(
		(act): act is Invite => isKind(act, 'invite') && act.body.to !== room.opened.host
	);
	return new Map(invites.map((invite) => [invite.id, invite]));
}

function stepsOf(room: Authorised): Step[] {
	const own = room.events.flatMap((event) => ownStepOf(room, event) ?? []);
	const others = room.acts.flatMap((act) => actStepOf(room, act) ?? []);
	return [...own, ...others, ...penaltiesOf(room)].sort(
		(a, b) => a.lamport - b.lamport || a.phase - b.phase || byId(a, b)
	);
}

/** What somebody does about the own seat and invitations. */
function ownStepOf(room: Authorised, event: RoomEvent): Step | null {
	if (isKind(event, 'sit')) {
		if (room.voided.has(event.id)) return null;
		return { lamport: event.lamport, phase: 1, id: event.id, effects: [{ type: 'sit', event }] };
	}
	if (isKind(event, 'decline')) {
		const invite = room.byId.get(event.body.invite);
		if (invite === undefined || !isKind(invite, 'invite')) return null;
		if (invite.body.to !== event.author) return null;
		return after(invite, event, [{ type: 'spend', peer: event.author, upTo: invite.lamport }]);
	}
	if (!isKind(event, 'stand')) return null;
	const sit = room.byId.get(event.body.sit);
	if (sit?.author !== event.author || !isKind(sit, 'sit')) return null;
	return after(sit, event, [{ type: 'free', peer: sit.author, sit: sit.id }]);
}

/** What the host or a co-host does about those of another. */
function actStepOf(room: Authorised, act: ActEvent): Step | null {
	const { body, lamport, id } = act;
	if (body.kind === 'remove') {
		const effects: Effect[] = [
			{ type: 'free', peer: body.who, sit: null },
			{ type: 'spend', peer: body.who, upTo: lamport }
		];
		return { lamport, phase: 0, id, effects };
	}
	if (body.kind === 'readmit') {
		const effects: Effect[] = [{ type: 'spend', peer: body.who, upTo: lamport }];
		return { lamport, phase: 0, id, effects };
	}
	if (body.kind !== 'unseat') return null;
	const sit = room.byId.get(body.sit);
	if (sit === undefined || !isKind(sit, 'sit')) return null;
	const free: Effect = { type: 'free', peer: sit.author, sit: sit.id };
	return after(sit, act, [free, { type: 'spend', peer: sit.author, upTo: lamport }]);
}

/** Whoever names an event has seen it: a time that says otherwise is moved behind it. */
function after(named: RoomEvent, event: RoomEvent, effects: readonly Effect[]): Step {
	const { id } = event;
	if (event.lamport > named.lamport) return { lamport: event.lamport, phase: 0, id, effects };
	return { lamport: named.lamport, phase: 2, id, effects };
}

/** An equivocator loses seat and invitations at the time of the cheat. A later invitation is a pardon. */
function penaltiesOf(room: Authorised): Step[] {
	return room.equivocations
		.filter(({ author }) => author !== room.opened.host)
		.flatMap(({ author, events, lamport }) => {
			const last = events.at(-1);
			if (last === undefined) return [];
			const effects: Effect[] = [
				{ type: 'free', peer: author, sit: null },
				{ type: 'spend', peer: author, upTo: lamport }
			];
			return [{ lamport, phase: 0 as const, id: last.id, effects }];
		});
}
