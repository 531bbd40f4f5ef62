/** The network panel's facts, put into the reader's language. */
import type { Delay } from '#lib/app/state/network-delay.ts';
import type { NetworkFacts, Person, Relation, SpeakerFacts } from '#lib/app/state/network-facts.ts';
import type { DropReason, NetworkProblem } from '#lib/app/state/network-problems.ts';
import type { BlameReason } from '#lib/app/state/network-report.ts';
import * as m from '#lib/paraglide/messages.js';
import { numberWords } from '../number-words.ts';

/** The end of a peer id tells two nameless people apart. */
const ID_LETTERS = 4;

export function personWords({ peer, name, me }: Person): string {
	if (me) return m.network_you();
	return name === '' ? m.network_unknown({ id: peer.slice(-ID_LETTERS) }) : name;
}

/** For below a face, where there is little room. */
export function labelWords(person: Person): string {
	return !person.me && person.name === ''
		? `·${person.peer.slice(-ID_LETTERS)}`
		: personWords(person);
}

/** At most `lettersMax` letters as people count them, the last a sign that some are missing. */
export function shortened(name: string, lettersMax: number): string {
	const letters = Array.from(new Intl.Segmenter().segment(name), ({ segment }) => segment);
	if (letters.length <= lettersMax) return name;
	const kept = letters.slice(0, lettersMax - 1).join('');
	return `${kept.trimEnd()}…`;
}

/** How the sound comes here, in one sentence. */
export function wayWords({ web }: NetworkFacts): string {
	if (web.onStage) {
		const all = web.stage.length;
		return all === 0 ? m.network_way_alone() : m.network_way_stage({ count: web.mesh.length, all });
	}
	if (web.path.length < 2) return m.network_way_none();
	return m.network_way({ way: web.path.map(personWords).join(' → ') });
}

export function relationWords(relations: readonly Relation[]): string {
	if (relations.length === 0) return m.network_relation_none();
	return relations.map(oneRelationWords).join(', ');
}

function oneRelationWords(relation: Relation): string {
	switch (relation) {
		case 'parent':
			return m.network_relation_parent();
		case 'mesh':
			return m.network_relation_mesh();
		case 'backup':
			return m.network_relation_backup();
		case 'child':
			return m.network_relation_child();
		case 'backup-child':
			return m.network_relation_backup_child();
	}
}

export function problemWords(problem: NetworkProblem): string {
	switch (problem.type) {
		case 'no-way':
			return m.network_problem_no_way();
		case 'unreachable':
			return m.network_problem_unreachable({ name: personWords(problem.person) });
		case 'blamed':
			return blameWords(problem.reason, { name: personWords(problem.person), ...problem });
		case 'concealed':
			return m.network_problem_concealed({
				share: numberWords(100 * problem.share, 1),
				name: personWords(problem.person)
			});
		case 'unsent':
			return m.network_problem_unsent({ count: problem.count });
		case 'dropped':
			return dropWords(problem.reason, problem.count);
		case 'bad-proofs':
			return m.network_problem_bad_proofs({ count: problem.count });
		case 'error':
			return m.network_problem_error({ what: problem.what });
	}
}

function blameWords(reason: BlameReason, { name, count }: { name: string; count: number }): string {
	switch (reason) {
		case 'forged':
			return m.network_problem_blamed_forged({ name, count });
		case 'withheld':
			return m.network_problem_blamed_withheld({ name, count });
		case 'replayed':
			return m.network_problem_blamed_replayed({ name, count });
		case 'silent':
			return m.network_problem_blamed_silent({ name, count });
	}
}

function dropWords(reason: DropReason, count: number): string {
	switch (reason) {
		case 'forged':
			return m.network_problem_forged({ count });
		case 'malformed':
			return m.network_problem_malformed({ count });
		case 'flood':
			return m.network_problem_flood({ count });
		case 'overload':
			return m.network_problem_overload({ count });
		case 'ignored':
			return m.network_problem_ignored({ count });
	}
}

export function rateWords(kbitPerSecond: number): string {
	return m.network_rate({ rate: numberWords(kbitPerSecond, 0) });
}

export function amountWords(bytes: number): string {
	if (bytes < 1e6) return m.network_kb({ amount: numberWords(bytes / 1e3, 0) });
	if (bytes < 1e9) return m.network_mb({ amount: numberWords(bytes / 1e6, 1) });
	return m.network_gb({ amount: numberWords(bytes / 1e9, 2) });
}

export function timeWords(ms: number | null): string {
	return ms === null ? m.network_none() : m.network_ms({ ms: numberWords(ms, 0) });
}

export function delayWords(delay: Delay | null): string {
	if (delay === null || !delay.isPart) return timeWords(delay?.ms ?? null);
	return m.network_more_than({ time: timeWords(delay.ms) });
}

/** What a figure for the delay leaves out. */
export function delayHintWords(delay: Delay | null): string {
	return delay?.isPart === true ? m.network_delay_hint_part() : m.network_delay_hint();
}

export function speakerNoteWords({ muted, through }: SpeakerFacts): string {
	const notes = [
		...(muted ? [m.face_muted()] : []),
		...(through === null ? [] : [m.network_through({ name: personWords(through) })])
	];
	return notes.join(', ');
}

export function shareWords(share: number | null): string {
	return share === null
		? m.network_none()
		: m.network_percent({ share: numberWords(100 * share, 1) });
}

export function countWords(count: number | null): string {
	return count === null ? m.network_none() : numberWords(count, 0);
}
