/**
 * What a recording makes of consent. A host who comes back learns the room anew, bit by bit, and may hear an old answer
 * before the last one, or none for a while: only an answer that is later than the one under which somebody was recorded
 * takes them out.
 */
import type { RecordedPerson } from '#lib/p2p/archive/meta.ts';
import type { Taping } from '#lib/p2p/peer/taping.ts';
import type { Answer } from '#lib/p2p/room/recording.ts';
import { isKind, type RoomEvent } from '#lib/p2p/wire/event.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';

/** Lamport time of the last answer that stands in the recording, by who gave it. */
export type AnswersTaped = Map<PeerId, number>;

export function noteAnswer(taped: AnswersTaped, event: RoomEvent): void {
	if (!isKind(event, 'consent')) return;
	taped.set(event.author, Math.max(taped.get(event.author) ?? 0, event.lamport));
}

export interface Withdrawn {
	/** Agree to their voice no more. */
	readonly unheard: ReadonlySet<PeerId>;
	/** Agree to nothing any more. */
	readonly gone: ReadonlySet<PeerId>;
}

/** Who in `people` has answered otherwise since. */
export function withdrawnBy(
	people: readonly RecordedPerson[],
	{ answers }: Pick<Taping, 'answers'>,
	taped: AnswersTaped
): Withdrawn {
	const later = laterAnswers(answers, taped);
	const consent = (who: PeerId) => later.get(who)?.consent;
	const unheard = people.filter(({ peer, agreed }) => {
		const now = consent(peer);
		return agreed === 'sound' && now !== undefined && now !== 'sound';
	});
	const gone = people.filter(({ peer }) => consent(peer) === 'none');
	return { unheard: new Set(unheard.map(byPeer)), gone: new Set(gone.map(byPeer)) };
}

/** Who is in the recording now: all who agree, and of those of before who have not answered since. */
export function peopleNow(
	before: readonly RecordedPerson[],
	{ people, answers }: Pick<Taping, 'people' | 'answers'>,
	taped: AnswersTaped
): RecordedPerson[] {
	const later = laterAnswers(answers, taped);
	const known = new Map(before.map((person) => [person.peer, person]));
	const now = people.map((person) => {
		const last = known.get(person.peer);
		if (last === undefined || later.has(person.peer)) return person;
		return { ...person, name: person.name || last.name, agreed: last.agreed };
	});
	const here = new Set(now.map(byPeer));
	const unheardOf = before.filter(({ peer }) => !here.has(peer) && !later.has(peer));
	return [...now, ...unheardOf];
}

const byPeer = ({ peer }: RecordedPerson): PeerId => peer;

const laterAnswers = (
	answers: readonly Answer[],
	taped: AnswersTaped
): ReadonlyMap<PeerId, Answer> =>
	new Map(
		answers
			.filter(({ peer, lamport }) => lamport > (taped.get(peer) ?? 0))
			.map((answer) => [answer.peer, answer])
	);
