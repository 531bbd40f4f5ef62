/**
 * Who is a co-host, with what power, and which of their acts count. Only the host's events and the co-host's own
 * cheating bear on it, so that it is settled before anything that co-hosts decide.
 *
 * An act counts where a certificate covers it: the certificate is of earlier Lamport time, its scope has the
 * power, and the act's sequence number is at most `through`. Sequence numbers are what its holder cannot bend: a
 * Lamport time can be dated back by its author and pushed up by any stranger, and nobody's clock is everybody's.
 */
import { hasPower } from '../wire/act.ts';
import { isKind } from '../wire/event.ts';
import type { EventId, PeerId } from '../wire/ids.ts';
import { powerOver, type ActEvent } from './acts.ts';
import type { Equivocation } from './equivocations.ts';
import type { OutSpans } from './outcasts.ts';
import type { Cohost } from './state.ts';

export interface Certificates {
	/** Whether its author, who is not the host, had the right to it. */
	covers(act: ActEvent): boolean;
	/** A co-host at that Lamport time, and so out of other co-hosts' reach. */
	isCohost(peer: PeerId, lamport: number): boolean;
	/** Co-hosts now, in the order of being named. */
	readonly cohosts: readonly Cohost[];
}

interface Certificate extends Cohost {
	/** In the host's own order. */
	readonly sequence: number;
	readonly ends: readonly End[];
}

/** The host has taken it back, or its holder has cheated. */
interface End {
	/** From when on its holder is no co-host. */
	readonly lamport: number;
	/** The last sequence number that counts all the same. */
	readonly seen: number;
}

/** `hostActs`: those that count, in Lamport order. */
export function certify(
	hostActs: readonly ActEvent[],
	equivocations: readonly Equivocation[],
	out: OutSpans
): Certificates {
	const byHolder = Map.groupBy(
		certificatesIn(hostActs, equivocations),
		(certificate) => certificate.peer
	);
	const held = (peer: PeerId): readonly Certificate[] => byHolder.get(peer) ?? [];
	const isOut = (peer: PeerId, lamport: number): boolean => out.get(peer)?.at(lamport) === true;
	return {
		covers(act) {
			if (isOut(act.author, act.lamport)) return false;
			return held(act.author).some((certificate) => isCovered(certificate, act));
		},
		isCohost(peer, lamport) {
			if (isOut(peer, lamport)) return false;
			return held(peer).some(
				(one) => one.lamport <= lamport && one.ends.every((end) => end.lamport > lamport)
			);
		},
		cohosts: [...byHolder.keys()].flatMap((peer): Cohost[] => {
			const last = held(peer).findLast((one) => one.ends.length === 0);
			if (last === undefined || out.get(peer)?.now === true) return [];
			const { certificate, scope, through, untilMs, lamport } = last;
			return [{ peer, certificate, scope, through, untilMs, lamport }];
		})
	};
}

function isCovered(certificate: Certificate, act: ActEvent): boolean {
	const power = powerOver(act.body.kind);
	if (power === 'host' || !hasPower(certificate.scope, power)) return false;
	if (act.lamport <= certificate.lamport || act.sequence > certificate.through) return false;
	return certificate.ends.every(({ seen }) => act.sequence <= seen);
}

function certificatesIn(
	hostActs: readonly ActEvent[],
	equivocations: readonly Equivocation[]
): Certificate[] {
	const certificates: Certificate[] = [];
	for (const act of hostActs) {
		if (!isKind(act, 'name-cohost') || act.body.to === act.author) continue;
		const { to: peer, scope, through, untilMs } = act.body;
		const { id, lamport, sequence } = act;
		const certificate = { peer, certificate: id, scope, through, untilMs, lamport, sequence };
		const cheats = equivocations.filter((one) => one.author === peer && one.lamport >= lamport);
		const ends = [...endsOf(hostActs, certificate), ...cheats.map(endBy)];
		certificates.push({ ...certificate, ends });
	}
	return certificates;
}

/** What the host said later of the same person; in the host's own order, which is that of its numbers. */
function endsOf(
	hostActs: readonly ActEvent[],
	certificate: { readonly peer: PeerId; readonly sequence: number; readonly certificate: EventId }
): End[] {
	return hostActs.flatMap((act): End[] => {
		if (!isKind(act, 'unname-cohost') || act.body.who !== certificate.peer) return [];
		if (act.sequence < certificate.sequence) return [];
		return [{ lamport: act.lamport, seen: act.body.seen }];
	});
}

/** Two events under one number void the certificate from that number on. */
const endBy = ({ sequence, lamport }: Equivocation): End => ({ lamport, seen: sequence - 1 });
