/**
 * Who is out of the room, and when. Whom the host has put out the host alone lets in again; whom a co-host has,
 * either does, and so does a certificate.
 */
import type { PeerId } from '../wire/ids.ts';
import { takesAway, type ActEvent } from './acts.ts';
import { byId } from './order.ts';
import { spansOf, type Spans, type Switch } from './spans.ts';
import type { Removed } from './state.ts';

export interface Outcasts {
	/** Out at that Lamport time. */
	at(peer: PeerId, lamport: number): boolean;
	/** Out now, in the order in which they were put out. */
	readonly removed: readonly Removed[];
}

/** Times between which each person is out by the word of one rank. */
export type OutSpans = ReadonlyMap<PeerId, Spans>;

/** By the host's own word. */
export function outByHost(acts: readonly ActEvent[]): OutSpans {
	return spansByPerson(acts, (act) => {
		const { body } = act;
		if (body.kind === 'remove') return [body.who, true];
		return body.kind === 'readmit' ? [body.who, false] : null;
	});
}

/** `acts`: those that count, in Lamport order. */
export function outcastsOf(host: PeerId, byHost: OutSpans, acts: readonly ActEvent[]): Outcasts {
	const byCohosts = spansByPerson(acts, (act) => {
		const { body } = act;
		if (body.kind === 'remove') return act.author === host ? null : [body.who, true];
		if (body.kind === 'readmit') return [body.who, false];
		return body.kind === 'name-cohost' ? [body.to, false] : null;
	});
	const spans = [byHost, byCohosts];
	return {
		at: (peer, lamport) => spans.some((each) => each.get(peer)?.at(lamport) === true),
		removed: removalsIn(host, acts).sort(
			(a, b) => a.lamport - b.lamport || byId({ id: a.event }, { id: b.event })
		)
	};
}

/** What stands against each person: the host's word before a co-host's, the last of each; a block outlasts a mere removal. */
function removalsIn(host: PeerId, acts: readonly ActEvent[]): Removed[] {
	const byHost = new Map<PeerId, Removed>();
	const byCohosts = new Map<PeerId, Removed>();
	for (const { id, author, lamport, body } of [...acts].sort(givingFirst)) {
		if (body.kind === 'name-cohost') byCohosts.delete(body.to);
		if (body.kind === 'readmit') byCohosts.delete(body.who);
		if (body.kind === 'readmit' && author === host) byHost.delete(body.who);
		if (body.kind !== 'remove') continue;
		const ranks = author === host ? byHost : byCohosts;
		const blocked = body.block || ranks.get(body.who)?.blocked === true;
		ranks.set(body.who, { peer: body.who, by: author, blocked, event: id, lamport });
	}
	const everybody = new Map([...byCohosts, ...byHost]);
	return [...everybody.values()].map((removed) => {
		const blocked = removed.blocked || byCohosts.get(removed.peer)?.blocked === true;
		return { ...removed, blocked };
	});
}

/** At one Lamport time what takes a right away comes last, and stays. */
function givingFirst(a: ActEvent, b: ActEvent): number {
	return a.lamport - b.lamport || Number(takesAway(a)) - Number(takesAway(b)) || byId(a, b);
}

function spansByPerson(
	acts: readonly ActEvent[],
	switchOf: (act: ActEvent) => readonly [PeerId, boolean] | null
): OutSpans {
	const switches = new Map<PeerId, Switch[]>();
	for (const act of acts) {
		const [peer, on] = switchOf(act) ?? [];
		if (peer === undefined || on === undefined) continue;
		const own = switches.get(peer) ?? [];
		own.push({ lamport: act.lamport, on });
		switches.set(peer, own);
	}
	return new Map([...switches].map(([peer, own]) => [peer, spansOf(own)]));
}
