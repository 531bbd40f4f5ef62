/** A recording that is put into words after it was made: what is asked before, how far it is, and what came of it. */
import type { FoundPack } from '#lib/app/captions/find-pack.ts';
import type { Replay } from '#lib/app/replay/replay.ts';
import type { CaptionPack } from '#lib/io/ports.ts';
import type { TranscriptLine } from '#lib/p2p/archive/transcript.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';

export type WordingNow =
	| { readonly state: 'idle' }
	/** Whether there is a pack for what is spoken. */
	| { readonly state: 'looking' }
	| {
			readonly state: 'no-pack';
			readonly language: string;
			/** What there is. */
			readonly languages: readonly string[];
	  }
	/** It may begin once so many bytes were loaded: the person says. */
	| { readonly state: 'ask'; readonly pack: CaptionPack; readonly bytes: number }
	| { readonly state: 'loading'; readonly doneBytes: number; readonly totalBytes: number }
	/** `share` from 0 to 1. */
	| { readonly state: 'going'; readonly share: number }
	| { readonly state: 'done' }
	| { readonly state: 'failed' };

export class WordingState {
	readonly #replay: Replay;
	#now = $state.raw<WordingNow>({ state: 'idle' });
	#lines = $state.raw<readonly TranscriptLine[]>([]);
	#left = $state.raw<readonly PeerId[]>([]);
	#going: AbortController | null = null;

	constructor(replay: Replay) {
		this.#replay = replay;
		this.#left = replay.wordless;
	}

	get now(): WordingNow {
		return this.#now;
	}

	/** What was made of it here, in the order it was made. */
	get lines(): readonly TranscriptLine[] {
		return this.#lines;
	}

	/** Whose words are still missing. */
	get left(): readonly PeerId[] {
		return this.#left;
	}

	/** Looks for a pack, and begins where nothing has to be loaded. */
	async begin(language: string): Promise<void> {
		const going = this.#renew();
		this.#now = { state: 'looking' };
		try {
			const found = await this.#replay.findPack(language);
			if (!going.signal.aborted) await this.#take(found, language);
		} catch (why) {
			this.#fail(going, why);
		}
	}

	/** What it asked for may be loaded. */
	async load(): Promise<void> {
		if (this.#now.state === 'ask') await this.#run(this.#now.pack);
	}

	/** What is whole stays. */
	cancel(): void {
		this.#going?.abort(new Error('It was stopped.'));
		this.#now = { state: 'idle' };
	}

	close(): void {
		this.#going?.abort(new Error('The page was closed.'));
	}

	async #take({ pack, bytes, languages }: FoundPack, language: string): Promise<void> {
		if (pack === null) this.#now = { state: 'no-pack', language, languages };
		else if (bytes > 0) this.#now = { state: 'ask', pack, bytes };
		else await this.#run(pack);
	}

	async #run(pack: CaptionPack): Promise<void> {
		const going = this.#renew();
		const { signal } = going;
		const show = (now: WordingNow): void => {
			if (!signal.aborted) this.#now = now;
		};
		show({ state: 'going', share: 0 });
		try {
			await this.#replay.putIntoWords({
				...{ pack, signal },
				onLoading: (doneBytes, totalBytes) => show({ state: 'loading', doneBytes, totalBytes }),
				onShare: (share) => show({ state: 'going', share }),
				onLines: (peer, lines) => {
					this.#lines = [...this.#lines, ...lines];
					this.#left = this.#left.filter((one) => one !== peer);
				}
			});
			show({ state: 'done' });
		} catch (why) {
			this.#fail(going, why);
		}
	}

	#fail({ signal }: AbortController, why: unknown): void {
		if (signal.aborted) return;
		console.warn(why);
		this.#now = { state: 'failed' };
	}

	#renew(): AbortController {
		this.#going?.abort(new Error('It begins anew.'));
		this.#going = new AbortController();
		return this.#going;
	}
}
