/** One recording on the screen: where it stands, what is saved of it, what is looked for in it. */
import type { ExportWish } from '#lib/app/replay/export.ts';
import { Stopped, type Job } from '#lib/app/replay/jobs.ts';
import { nextTurn, silencesOf, type Silence } from '#lib/app/replay/lanes.ts';
import { canReplay, openPlayer, type Player } from '#lib/app/replay/player.ts';
import type { Replay } from '#lib/app/replay/replay.ts';
import type { Cut } from '#lib/p2p/archive/clip.ts';
import type { TranscriptLine } from '#lib/p2p/archive/transcript.ts';
import { concat, type PeerId } from '#lib/p2p/wire/ids.ts';
import { WordingState } from './wording-state.svelte.ts';

/** What the arrow keys go back and on. */
export const STEP_MS = 5_000;
/** So much of a silence is left, so that the next word is heard from its beginning. */
const BREATH_LEFT_MS = 300;

/** A file is written to it bit by bit. */
export interface Sink {
	write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
	finish(): Promise<void>;
	abandon(): Promise<void>;
}

export interface Saving {
	readonly name: string;
	/** From 0 to 1. */
	readonly share: number;
	readonly state: 'going' | 'done' | 'failed';
}

export class ReplayState {
	readonly replay: Replay;
	/** Whether this browser can play and mix. */
	readonly playable = canReplay();
	readonly #silences: readonly Silence[];
	#player: Player | null = null;
	#job: Job | null = null;
	#closed = false;
	/** Where it stops by itself. */
	#untilMs: number | null = null;
	/** "Play" was pressed before there was a player. */
	#wanted = false;
	#atMs = $state.raw(0);
	#playing = $state.raw(false);
	#speed = $state.raw(1);
	#failed = $state.raw(false);
	#saving = $state.raw<Saving | null>(null);
	skipsSilence = $state(false);
	search = $state('');

	/** Puts into words what was not while it was said. */
	readonly wording: WordingState;

	/** All there is in words, in the order it was said. */
	readonly said: readonly TranscriptLine[] = $derived.by(() => {
		const { lines } = this.wording;
		if (lines.length === 0) return this.replay.lines;
		return [...this.replay.lines, ...lines].sort((a, b) => a.fromMs - b.fromMs);
	});

	/** Those of them that are looked for. */
	readonly lines = $derived.by(() => {
		const words = this.search.trim().toLocaleLowerCase();
		const lines = this.said;
		const has = ({ text, name }: TranscriptLine): boolean =>
			`${name} ${text}`.toLocaleLowerCase().includes(words);
		return words === '' ? lines : lines.filter(has);
	});

	/** What is being said where it stands. */
	readonly current = $derived.by(() =>
		this.said.findLast(({ fromMs, toMs }) => fromMs <= this.#atMs && this.#atMs < toMs)
	);

	constructor(replay: Replay) {
		this.replay = replay;
		this.wording = new WordingState(replay);
		this.#silences = silencesOf(replay.lanes, replay.durationMs);
		if (this.playable) void this.#open();
	}

	get atMs(): number {
		return this.#atMs;
	}

	get playing(): boolean {
		return this.#playing;
	}

	get speed(): number {
		return this.#speed;
	}

	get failed(): boolean {
		return this.#failed;
	}

	get saving(): Saving | null {
		return this.#saving;
	}

	/** Plays that stretch, and stops behind it. */
	playPart({ fromMs, toMs }: Cut): void {
		this.seek(fromMs);
		this.#untilMs = toMs;
		const element = this.#player?.element;
		if (element === undefined) this.#wanted = true;
		else element.play().catch(() => undefined);
	}

	toggle(): void {
		const element = this.#player?.element;
		if (element === undefined) this.#wanted = !this.#wanted;
		else if (!element.paused) element.pause();
		else element.play().catch(() => undefined);
	}

	seek(atMs: number): void {
		this.#untilMs = null;
		this.#goTo(atMs);
	}

	changeSpeed(speed: number): void {
		this.#speed = speed;
		if (this.#player !== null) this.#player.element.playbackRate = speed;
	}

	/** To where that person speaks next; from the end back to their first words. */
	next(peer: PeerId): void {
		const stretches = this.replay.lanes.get(peer) ?? [];
		const atMs = nextTurn(stretches, this.#atMs) ?? nextTurn(stretches, -1);
		if (atMs !== null) this.seek(atMs);
	}

	/** `open`: asks where it goes; null: nowhere. One file at a time. */
	async save(name: string, wish: ExportWish, open: () => Promise<Sink | null>): Promise<void> {
		if (this.#job !== null) return;
		let sink: Sink | null = null;
		try {
			sink = await open();
			if (sink === null) return;
			await this.#write(name, wish, sink);
			await sink.finish();
			this.#saving = { name, share: 1, state: 'done' };
		} catch (why) {
			await sink?.abandon().catch(() => undefined);
			this.#saving = why instanceof Stopped ? null : { name, share: 0, state: 'failed' };
			if (!(why instanceof Stopped)) console.warn(why);
		} finally {
			this.#job = null;
		}
	}

	/** A clip with its signatures, as it would be saved. Rejects where nobody is heard in it. */
	async cut(cut: Cut): Promise<Uint8Array> {
		const pieces: Uint8Array[] = [];
		const onBytes = (bytes: Uint8Array): Promise<void> => {
			pieces.push(bytes);
			return Promise.resolve();
		};
		await this.replay.start({ kind: 'clip', cut }, { onBytes }).done;
		return concat(...pieces);
	}

	cancel(): void {
		this.#job?.stop();
	}

	close(): void {
		this.#closed = true;
		this.wording.close();
		this.#player?.close();
		this.replay.close();
	}

	async #write(name: string, wish: ExportWish, sink: Sink): Promise<void> {
		this.#saving = { name, share: 0, state: 'going' };
		this.#job = this.replay.start(wish, {
			onBytes: (bytes) => sink.write(bytes),
			onShare: (share) => (this.#saving = { name, share, state: 'going' })
		});
		await this.#job.done;
	}

	async #open(): Promise<void> {
		let fromMs = 0;
		const player = await openPlayer(
			this.replay,
			() => (fromMs = this.#atMs),
			() => (this.#failed = true)
		);
		if (this.#closed) {
			player.close();
			return;
		}
		this.#player = player;
		const { element } = player;
		element.addEventListener('timeupdate', () => this.#follow(element));
		for (const name of ['play', 'pause', 'ended']) {
			element.addEventListener(name, () => (this.#playing = !element.paused && !element.ended));
		}
		element.playbackRate = this.#speed;
		if (this.#atMs !== fromMs) player.seek(this.#atMs);
		if (this.#wanted) this.toggle();
	}

	#follow(element: HTMLAudioElement): void {
		if (element.seeking) return;
		this.#atMs = Math.min(element.currentTime * 1_000, this.replay.durationMs);
		const silence = this.#silenceHere(element);
		const toMs = silence === undefined ? this.#atMs : silence.toMs - BREATH_LEFT_MS;
		if (this.#untilMs !== null && toMs >= this.#untilMs) {
			element.pause();
			this.#untilMs = null;
		} else if (silence !== undefined) this.#goTo(toMs);
	}

	/** To be left out, and long enough to be. */
	#silenceHere({ paused }: HTMLAudioElement): Silence | undefined {
		if (!this.skipsSilence || paused) return undefined;
		return this.#silences.find(
			({ fromMs, toMs }) => fromMs <= this.#atMs && this.#atMs < toMs - 2 * BREATH_LEFT_MS
		);
	}

	#goTo(atMs: number): void {
		this.#atMs = Math.max(0, Math.min(atMs, this.replay.durationMs));
		this.#player?.seek(this.#atMs);
	}
}
