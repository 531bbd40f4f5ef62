/** What is said in the room we are in, in words: told to the screen as it comes, and kept for as long as the page lives. */
import type { CaptionNews } from '#lib/p2p/peer/io.ts';
import { createTranscript, type TranscriptLine } from '#lib/p2p/archive/transcript.ts';
import { TICK_MS } from '#lib/p2p/wire/seq.ts';
import { createListeners } from '../listeners.ts';

export interface RoomCaptions {
	take(news: readonly CaptionNews[]): void;
	readonly watch: (listener: (news: readonly CaptionNews[]) => void) => () => void;
	/** Final words, in the order in which they were said. Times are epoch ms by our clock. */
	readonly lines: () => readonly TranscriptLine[];
}

export function createRoomCaptions(): RoomCaptions {
	const transcript = createTranscript();
	const watchers = createListeners<readonly CaptionNews[]>();
	return {
		take(news) {
			for (const one of news) if (one.final) transcript.put(lineOf(one));
			if (news.length > 0) watchers.tell(news);
		},
		watch: (listener) => watchers.add(listener),
		lines: () => transcript.lines()
	};
}

function lineOf({
	by,
	stream,
	start,
	ticks,
	saidAtMs,
	language,
	text
}: CaptionNews): TranscriptLine {
	const toMs = saidAtMs + ticks * TICK_MS;
	return { ...by, stream, start, fromMs: saidAtMs, toMs, language, text };
}
