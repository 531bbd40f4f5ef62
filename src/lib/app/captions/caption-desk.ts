/**
 * Our own words, put into text while we are on stage in a room that wants it. The person is asked first, once; what was
 * said then holds for every room. Kept at all times:
 * 1. the microphone is listened to only while the room wants captions, we sit, and the person said yes;
 * 2. at most one captioner lives, and none once any of these is over.
 */
import type { CaptionSource, Captioner, CaptionerNews } from '#lib/io/ports.ts';
import type { Wish } from '#lib/p2p/peer/io.ts';
import type { CaptionChoice } from './caption-choice.ts';
import { findPack, type FoundPack } from './find-pack.ts';

export type Captioning =
	/** The room wants none, or we are not on stage. */
	| { readonly state: 'off' }
	/** Whether there is a pack for what we speak. */
	| { readonly state: 'looking' }
	/** The person is to say whether it may be loaded: so many bytes; 0 where it is here already. */
	| { readonly state: 'ask'; readonly language: string; readonly bytes: number }
	| {
			readonly state: 'no-pack';
			readonly language: string;
			/** What there is. */
			readonly languages: readonly string[];
	  }
	/** The person wants no captions of their own words. */
	| { readonly state: 'declined' }
	| { readonly state: 'loading'; readonly doneBytes: number; readonly totalBytes: number }
	| {
			readonly state: 'on';
			readonly language: string;
			/** Words come so much later than they are said that it is worth a word. */
			readonly lagging: boolean;
			/** Something that was said was left out. */
			readonly leftOut: boolean;
	  }
	/** This device is too weak. */
	| { readonly state: 'weak' }
	| { readonly state: 'failed'; readonly reason: string };

export interface CaptionDesk {
	readonly captioning: Captioning;
	/** What the room is like now. */
	look(now: { readonly wanted: boolean; readonly roomLanguage: string }): void;
	/** The person's answer; also to begin anew, and to stop what loads or runs. */
	answer(yes: boolean): void;
	/** The person speaks this; null: what the room says. */
	speak(language: string | null): void;
	close(): void;
}

export interface CaptionDeskParts {
	readonly source: CaptionSource;
	readonly choice: () => CaptionChoice;
	readonly choose: (changes: Partial<CaptionChoice>) => void;
	/** What to speak where neither the person nor the room says. */
	readonly ownLanguage: string;
	/** What the microphone hears goes through this port as well; null: no longer. */
	readonly tap: (port: MessagePort | null) => void;
	readonly wish: (wish: Extract<Wish, { type: 'caption' }>) => void;
	readonly onChange: () => void;
}

interface Desk {
	readonly parts: CaptionDeskParts;
	captioning: Captioning;
	captioner: Captioner | null;
	wanted: boolean;
	roomLanguage: string;
	/** Of whom or what was meant when something began: what comes of it later does not count. */
	era: number;
}

export function createCaptionDesk(parts: CaptionDeskParts): CaptionDesk {
	const desk: Desk = {
		parts,
		captioning: { state: 'off' },
		captioner: null,
		wanted: false,
		roomLanguage: '',
		era: 0
	};
	return {
		get captioning() {
			return desk.captioning;
		},
		look({ wanted, roomLanguage }) {
			const before = languageOf(desk);
			const wasWanted = desk.wanted;
			desk.wanted = wanted;
			desk.roomLanguage = roomLanguage;
			if (wanted && (!wasWanted || languageOf(desk) !== before)) begin(desk);
			if (!wanted && wasWanted) stop(desk, { state: 'off' });
		},
		answer(yes) {
			parts.choose({ mine: yes });
			if (desk.wanted) begin(desk);
		},
		speak(language) {
			const before = languageOf(desk);
			parts.choose({ language });
			if (desk.wanted && languageOf(desk) !== before) begin(desk);
		},
		close() {
			desk.wanted = false;
			if (desk.captioning.state !== 'off') stop(desk, { state: 'off' });
		}
	};
}

const languageOf = ({ parts, roomLanguage }: Desk): string =>
	parts.choice().language ?? (roomLanguage || parts.ownLanguage);

function show(desk: Desk, next: Captioning): void {
	desk.captioning = next;
	desk.parts.onChange();
}

function stop(desk: Desk, next: Captioning): void {
	desk.era++;
	desk.captioner?.stop();
	desk.captioner = null;
	desk.parts.tap(null);
	show(desk, next);
}

function begin(desk: Desk): void {
	if (desk.parts.choice().mine === false) return stop(desk, { state: 'declined' });
	stop(desk, { state: 'looking' });
	const { era } = desk;
	findPack(desk.parts.source, languageOf(desk)).then(
		(found) => {
			if (era === desk.era) take(desk, found);
		},
		(error: unknown) => {
			if (era === desk.era) show(desk, { state: 'failed', reason: String(error) });
		}
	);
}

function take(desk: Desk, { pack, bytes, languages }: FoundPack): void {
	if (pack === null) return show(desk, { state: 'no-pack', language: languageOf(desk), languages });
	if (desk.parts.choice().mine === null)
		return show(desk, { state: 'ask', language: pack.language, bytes });
	show(desk, { state: 'loading', doneBytes: 0, totalBytes: bytes });
	const { era } = desk;
	desk.captioner = desk.parts.source.start(pack.path, (news) => {
		if (era === desk.era) hear(desk, news);
	});
}

function hear(desk: Desk, news: CaptionerNews): void {
	const { captioning } = desk;
	switch (news.type) {
		case 'progress': {
			const { doneBytes, totalBytes } = news;
			return show(desk, { state: 'loading', doneBytes, totalBytes });
		}
		case 'ready':
			return listen(desk, news.language);
		case 'words': {
			const { start, ticks, final, text } = news;
			const language = captioning.state === 'on' ? captioning.language : languageOf(desk);
			return desk.parts.wish({ type: 'caption', start, ticks, final, language, text });
		}
		case 'lag':
			if (captioning.state === 'on') show(desk, { ...captioning, lagging: news.behindMs > 0 });
			return;
		case 'let-go':
			if (captioning.state === 'on') show(desk, { ...captioning, lagging: true, leftOut: true });
			return;
		case 'weak':
			return stop(desk, { state: 'weak' });
		case 'failed':
			return stop(desk, { state: 'failed', reason: news.reason });
		case 'heard':
			return;
	}
}

function listen(desk: Desk, language: string): void {
	const { port1, port2 } = new MessageChannel();
	desk.captioner?.listen(port2);
	desk.parts.tap(port1);
	show(desk, { state: 'on', language, lagging: false, leftOut: false });
}
