/** The form for what a room tells of itself: title, language, topics, and whether lobbies show it. */
import type { Settings } from '#lib/p2p/wire/act.ts';
import { TITLE_BYTES_MAX, TOPIC_BYTES_MAX, TOPICS_MAX } from '#lib/p2p/wire/limits.ts';
import { shortText } from './short-text.ts';

export type DetailsProblem = 'no-title' | 'long-title' | 'many-topics' | 'long-topic';

export class DetailsForm {
	title: string;
	/** BCP 47, or empty. */
	language: string;
	/** With commas between them. */
	topics: string;
	listed: boolean;
	#problem = $state.raw<DetailsProblem | null>(null);

	constructor(now: Settings) {
		this.title = $state(now.title);
		this.language = $state(now.language);
		this.topics = $state(now.topics.join(', '));
		this.listed = $state(now.listed);
	}

	get problem(): DetailsProblem | null {
		return this.#problem;
	}

	edited(): void {
		this.#problem = null;
	}

	/** The settings to be, or null with `problem` set. */
	submit(): Settings | null {
		const title = shortText(this.title, TITLE_BYTES_MAX);
		const typed = this.topics.split(',').map((topic) => shortText(topic, TOPIC_BYTES_MAX));
		const topics = typed
			.flatMap((topic) => (topic.ok ? [topic.text] : []))
			.filter((topic, i, all) => all.indexOf(topic) === i);
		const isLong = typed.some((topic) => !topic.ok && topic.problem === 'too-long');
		this.#problem = null;
		if (!title.ok) this.#problem = title.problem === 'empty' ? 'no-title' : 'long-title';
		else if (isLong) this.#problem = 'long-topic';
		else if (topics.length > TOPICS_MAX) this.#problem = 'many-topics';
		if (!title.ok || this.#problem !== null) return null;
		const { language, listed } = this;
		return { title: title.text, language, listed, topics };
	}
}
