/** Puts a voice that was recorded into words, on this device, as fast as it can: nothing is left out however long it takes. */
import type { TappedSound } from '#lib/io/captions/messages.ts';
import type { CaptionerNews, CaptionSource } from '#lib/io/ports.ts';
import { seqDistance } from '#lib/p2p/wire/seq.ts';

/** Frames on their way to be heard: 20 s, a few megabytes, and no pause at either end. */
const AHEAD_MAX_FRAMES = 1_000;

/** 20 ms of one voice, mono, 48 kHz, and its number. Where numbers are missing nothing was said. */
export interface SpokenFrame {
	readonly seq: number;
	/** Given away. */
	readonly samples: Float32Array<ArrayBuffer>;
}

export interface Transcribing {
	readonly source: CaptionSource;
	/** Of the pack. */
	readonly path: string;
	/** In the order of their numbers. */
	readonly frames: AsyncIterable<SpokenFrame>;
	/** Words of a phrase, and the frames they were said in. */
	readonly onWords: (words: Extract<CaptionerNews, { type: 'words' }>) => void;
	/** All before this frame was heard; told about once for each second of the voice. */
	readonly onHeard: (seq: number) => void;
	readonly onLoading?: (doneBytes: number, totalBytes: number) => void;
	readonly signal: AbortSignal;
}

/** Resolves once all was heard; rejects where the pack cannot be had, or once `signal` aborts. */
export async function transcribe(task: Transcribing): Promise<void> {
	const { signal } = task;
	signal.throwIfAborted();
	let failure: Error | null = null;
	let isReady = false;
	let onward = (): void => undefined;
	/** Numbers of those on their way, the oldest first. */
	let ahead: number[] = [];
	const captioner = task.source.start(
		task.path,
		(news) => {
			if (news.type === 'progress') task.onLoading?.(news.doneBytes, news.totalBytes);
			if (news.type === 'words') task.onWords(news);
			if (news.type === 'failed') failure = new Error(news.reason);
			if (news.type === 'ready') isReady = true;
			if (news.type === 'heard') {
				ahead = ahead.filter((seq) => seqDistance(seq, news.seq) >= 0);
				task.onHeard(news.seq);
			}
			onward();
		},
		{ unhurried: true }
	);
	const onAbort = (): void => onward();
	signal.addEventListener('abort', onAbort);
	const until = async (isSo: () => boolean): Promise<void> => {
		for (;;) {
			signal.throwIfAborted();
			if (failure !== null) throw failure;
			if (isSo()) return;
			await new Promise<void>((resolve) => (onward = resolve));
		}
	};
	const { port1, port2 } = new MessageChannel();
	const send = (sound: TappedSound, transfer: Transferable[] = []): void =>
		port1.postMessage(sound, transfer);
	try {
		await until(() => isReady);
		captioner.listen(port2);
		for await (const { seq, samples } of task.frames) {
			await until(() => ahead.length < AHEAD_MAX_FRAMES);
			ahead.push(seq);
			send({ type: 'heard', seq, samples }, [samples.buffer]);
		}
		send({ type: 'closed' });
		await until(() => ahead.length === 0);
	} finally {
		signal.removeEventListener('abort', onAbort);
		captioner.stop();
		port1.close();
	}
}
