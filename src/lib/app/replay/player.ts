/**
 * Plays a recording: its mix is made by the Worker while it is listened to, and handed to the browser's own player, which
 * knows how to pause, to seek in what is there, and to change speed without changing voices.
 */
import { TICK_MS } from '#lib/p2p/wire/seq.ts';
import { Stopped, type Job } from './jobs.ts';
import type { Replay } from './replay.ts';

const TYPE = 'audio/webm; codecs="opus"';
/** Made ahead of what is heard: enough for a jump over a silence, and little to throw away. */
const AHEAD_MAX_S = 30;
/** Kept behind it, to go back to at once; browsers give sound about 12 MB. */
const BEHIND_MAX_S = 120;
/** A seek this near to what is being made waits for it. */
const SOON_S = 1;

export interface Player {
	readonly element: HTMLAudioElement;
	/** By the clock of the recording people listen by. */
	seek(atMs: number): void;
	close(): void;
}

/** Whether this browser plays sound while it is made. */
export const canReplay = (): boolean =>
	'MediaSource' in globalThis &&
	MediaSource.isTypeSupported(TYPE) &&
	typeof AudioEncoder !== 'undefined';

/**
 * `fromMs`: asked once, where it begins: whoever seeks while it opens waits for no other sound. `onFailed`: it cannot be
 * read or made, and stands still.
 */
export async function openPlayer(
	replay: Replay,
	fromMs: () => number,
	onFailed: () => void
): Promise<Player> {
	const element = new Audio();
	const media = new MediaSource();
	const url = URL.createObjectURL(media);
	element.src = url;
	await event(media, 'sourceopen');
	media.duration = replay.durationMs / 1_000;
	const buffer = media.addSourceBuffer(TYPE);
	const feed = createFeed({ replay, element, media, buffer, onFailed });
	const lastMs = Math.max(0, replay.durationMs - TICK_MS);
	const startMs = Math.max(0, Math.min(fromMs(), lastMs));
	if (startMs > 0) element.currentTime = startMs / 1_000;
	feed.load(startMs);
	return {
		element,
		seek(atMs) {
			const toMs = Math.max(0, Math.min(atMs, lastMs));
			const [from, to] = buffered(element) ?? [Infinity, 0];
			const isThere = toMs / 1_000 >= from && toMs / 1_000 <= to + SOON_S;
			element.currentTime = toMs / 1_000;
			if (!isThere) feed.load(toMs);
		},
		close() {
			feed.close();
			element.pause();
			element.removeAttribute('src');
			element.load();
			URL.revokeObjectURL(url);
		}
	};
}

interface FeedParts {
	readonly replay: Replay;
	readonly element: HTMLAudioElement;
	readonly media: MediaSource;
	readonly buffer: SourceBuffer;
	readonly onFailed: () => void;
}

interface Feed {
	/** What is there makes way for what is said from then on. */
	load(atMs: number): void;
	close(): void;
}

/** Has sound made as it is needed, and puts it into the player's buffer. */
function createFeed({ replay, element, media, buffer, onFailed }: FeedParts): Feed {
	let job: Job | null = null;
	/** One change of the buffer after the other. */
	let turn: Promise<void> = Promise.resolve();
	let closed = false;

	const idle = async (): Promise<void> => {
		while (buffer.updating) await event(buffer, 'updateend');
	};
	const roomFor = async (mine: () => boolean): Promise<void> => {
		// While it is sought in, no time is told: what is sought may be what comes next.
		while (mine() && aheadOf(element) > AHEAD_MAX_S) {
			await firstOf(element, ['timeupdate', 'seeking']);
		}
		const behind = element.currentTime - BEHIND_MAX_S;
		if (!mine() || behind <= 0 || (buffered(element)?.[0] ?? behind) >= behind) return;
		buffer.remove(0, behind);
		await idle();
	};
	const loadFrom = async (atMs: number): Promise<void> => {
		job?.stop();
		await idle();
		if (closed) return;
		if (media.readyState === 'open') buffer.abort();
		if (element.buffered.length > 0) {
			buffer.remove(0, Infinity);
			await idle();
		}
		const fromTick = Math.floor(atMs / TICK_MS);
		buffer.timestampOffset = (fromTick * TICK_MS) / 1_000;
		const made = replay.start(
			{ kind: 'play', fromTick },
			{
				async onBytes(bytes) {
					const mine = (): boolean => job === made && !closed;
					await roomFor(mine);
					await idle();
					if (!mine()) throw new Stopped();
					buffer.appendBuffer(bytes);
					await idle();
				}
			}
		);
		job = made;
		made.done.then(
			() => {
				if (job === made && media.readyState === 'open') media.endOfStream();
			},
			(why: unknown) => {
				if (why instanceof Stopped || closed) return;
				console.warn(why);
				onFailed();
			}
		);
	};
	const load = (atMs: number): void => {
		turn = turn.then(() => loadFrom(atMs)).catch(onFailed);
	};
	return {
		load,
		close() {
			closed = true;
			job?.stop();
		}
	};
}

/** What is there, in one piece. */
function buffered({ buffered: ranges }: HTMLAudioElement): [number, number] | null {
	return ranges.length === 0 ? null : [ranges.start(0), ranges.end(ranges.length - 1)];
}

function aheadOf(element: HTMLAudioElement): number {
	const [, to] = buffered(element) ?? [0, 0];
	return to - element.currentTime;
}

const event = (on: EventTarget, name: string): Promise<void> => firstOf(on, [name]);

/** Resolves with the first of them. */
function firstOf(on: EventTarget, names: readonly string[]): Promise<void> {
	return new Promise((resolve) => {
		const heard = new AbortController();
		const done = (): void => {
			heard.abort();
			resolve();
		};
		for (const name of names) on.addEventListener(name, done, { signal: heard.signal });
	});
}
