/** The form that opens a room, now or later: a title, what lobbies may tell of it, and what is wrong with it. */
import type { NewRoom } from '#lib/app/grapevine.ts';
import type { AnnounceDetails, Announced } from '#lib/app/lobby/host-desk.ts';
import type { Session } from '#lib/app/session.ts';
import {
	ANNOUNCED_AHEAD_MAX_MS,
	TITLE_BYTES_MAX,
	TOPIC_BYTES_MAX,
	TOPICS_MAX
} from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';
import { shortText, type TextProblem } from './short-text.ts';

export type StartProblem = TextProblem | 'failed';
export type WhenProblem = 'no-time' | 'past' | 'too-far' | 'too-many';

export interface StartDoors {
	open(room: NewRoom): Promise<Session>;
	announce(details: AnnounceDetails): Promise<Announced | null>;
}

export class StartForm {
	title = $state('');
	/** Only people with its whole link will find it. */
	locked = $state(false);
	/** Record it from the beginning. */
	recorded = $state(false);
	/** Show it in the lobby. */
	listed = $state(false);
	later = $state(false);
	/** As a `datetime-local` field has it. */
	when = $state('');
	/** BCP 47, or empty. */
	language = $state('');
	/** With commas between them. */
	topics = $state('');
	readonly #doors: StartDoors;
	#problem = $state.raw<StartProblem | null>(null);
	#whenProblem = $state.raw<WhenProblem | null>(null);
	#opening = $state.raw(false);

	constructor(doors: StartDoors) {
		this.#doors = doors;
	}

	get problem(): StartProblem | null {
		return this.#problem;
	}

	get whenProblem(): WhenProblem | null {
		return this.#whenProblem;
	}

	get opening(): boolean {
		return this.#opening;
	}

	/** The new room, or null with `problem` set. A second press while one is under way does nothing. */
	async submit(): Promise<Session | null> {
		const { locked, recorded } = this;
		// What is locked is found by nobody else, so it is shown to nobody else.
		const listed = this.listed && !locked;
		return this.#act((about) => this.#doors.open({ ...about, listed, locked, recorded }));
	}

	/** The announced room, or null with a problem set. `nowMs` is now. */
	async announce(nowMs: number): Promise<Announced | null> {
		const startsAtMs = Date.parse(this.when);
		this.#whenProblem = timeProblem(startsAtMs, nowMs);
		if (this.#whenProblem !== null) return null;
		const made = await this.#act((about) => this.#doors.announce({ ...about, startsAtMs }));
		if (made === null && this.#problem === null) this.#whenProblem = 'too-many';
		return made;
	}

	async #act<T>(
		act: (about: Omit<NewRoom, 'listed' | 'locked' | 'recorded' | 'nonce'>) => Promise<T>
	): Promise<T | null> {
		if (this.#opening) return null;
		const title = shortText(this.title, TITLE_BYTES_MAX);
		this.#problem = title.ok ? null : title.problem;
		if (!title.ok) return null;
		this.#opening = true;
		try {
			return await act({
				title: title.text,
				language: this.language,
				topics: topicsIn(this.topics)
			});
		} catch {
			this.#problem = 'failed';
			return null;
		} finally {
			this.#opening = false;
		}
	}
}

/** What is too long or too many is cut: the field says so, and a lobby shows what is left. */
function topicsIn(text: string): string[] {
	const topics = text.split(',').map((topic) => cleanText(topic, TOPIC_BYTES_MAX));
	return [...new Set(topics.filter((topic) => topic !== ''))].slice(0, TOPICS_MAX);
}

function timeProblem(startsAtMs: number, nowMs: number): WhenProblem | null {
	if (Number.isNaN(startsAtMs)) return 'no-time';
	if (startsAtMs <= nowMs) return 'past';
	return startsAtMs > nowMs + ANNOUNCED_AHEAD_MAX_MS ? 'too-far' : null;
}
