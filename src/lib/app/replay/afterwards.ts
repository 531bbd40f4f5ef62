/** Puts a recording into words after it was made, on this device: one voice after the other, each kept once it is whole. */
import { fileSource, LATER_WORDS } from '#lib/io/disk/recording-files.ts';
import type { CaptionPack, CaptionSource, Disk } from '#lib/io/ports.ts';
import {
	encodeLaterWords,
	readLaterWords,
	type LaterLine,
	type LaterWords
} from '#lib/p2p/archive/later-words.ts';
import { WORDS_BYTES_MAX } from '#lib/p2p/archive/limits.ts';
import { concat, type PeerId, type RecordingId, type StreamId } from '#lib/p2p/wire/ids.ts';
import { TICK_MS } from '#lib/p2p/wire/seq.ts';
import { transcribe } from '../captions/transcribe.ts';
import type { Lanes, Stretch } from './lanes.ts';
import type { Replay } from './replay.ts';
import { spokenBy } from './spoken.ts';

/** What was put into words of it before. */
export async function laterWordsOf(disk: Disk, id: RecordingId): Promise<LaterWords[]> {
	const file = await fileSource(disk, id, LATER_WORDS);
	return readLaterWords(await file.read(0, Math.min(file.size, WORDS_BYTES_MAX)));
}

export interface VoiceToWord {
	readonly peer: PeerId;
	/** A seat of theirs. */
	readonly stream: StreamId;
}

export interface Wording {
	readonly pack: CaptionPack;
	/** From 0 to 1, of all that is to be heard. */
	readonly onShare: (share: number) => void;
	readonly onLoading: (doneBytes: number, totalBytes: number) => void;
	/** One voice is whole, and kept. */
	readonly onWords: (words: LaterWords) => void;
	readonly signal: AbortSignal;
}

export interface WordingParts {
	readonly id: RecordingId;
	readonly disk: Disk;
	readonly source: CaptionSource;
	readonly start: Replay['start'];
	readonly lanes: Lanes;
}

/** Resolves once all of `voices` are in words; rejects where that fails, or once the signal aborts: what is whole is kept. */
export async function putIntoWords(
	parts: WordingParts,
	voices: readonly VoiceToWord[],
	wording: Wording
): Promise<void> {
	const { disk, id, source, start, lanes } = parts;
	const { pack, signal, onShare, onLoading, onWords } = wording;
	const lengthOf = ({ peer }: VoiceToWord): number => spokenMs(lanes.get(peer) ?? [], Infinity);
	const allMs = Math.max(
		1,
		voices.reduce((sum, voice) => sum + lengthOf(voice), 0)
	);
	let doneMs = 0;
	for (const voice of voices) {
		const { peer, stream } = voice;
		const lines: LaterLine[] = [];
		await transcribe({
			...{ source, signal, onLoading, path: pack.path },
			frames: spokenBy(start, peer),
			onWords({ start: tick, ticks, text }) {
				if (text === '') return;
				lines.push({ stream, fromMs: tick * TICK_MS, toMs: (tick + ticks) * TICK_MS, text });
			},
			onHeard: (tick) => onShare((doneMs + spokenMs(lanes.get(peer) ?? [], tick * TICK_MS)) / allMs)
		});
		doneMs += lengthOf(voice);
		const words = { peer, language: pack.language, lines };
		await keep(disk, id, words);
		onWords(words);
	}
}

/** How much of it is said before that time. */
function spokenMs(stretches: readonly Stretch[], beforeMs: number): number {
	return stretches.reduce(
		(sum, { fromMs, toMs }) => sum + Math.max(0, Math.min(toMs, beforeMs) - fromMs),
		0
	);
}

async function keep(disk: Disk, id: RecordingId, words: LaterWords): Promise<void> {
	const file = await disk.open(id, LATER_WORDS);
	try {
		await file.append(concat(...encodeLaterWords(words)));
		await file.flush();
	} finally {
		await file.close();
	}
}
