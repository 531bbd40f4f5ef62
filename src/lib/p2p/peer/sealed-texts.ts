/** Words of a locked room: sealed in what we sign, so that relays and stored logs hold none, and opened for the screen. */
import { CAPTION_TEXT_BYTES_MAX } from '../wire/caption-limits.ts';
import { CHAT_TEXT_BYTES_MAX } from '../wire/chat-limits.ts';
import type { EventBody, EventKind } from '../wire/event.ts';
import {
	END_WORDS_BYTES_MAX,
	LANGUAGE_BYTES_MAX,
	LINK_BYTES_MAX,
	NAME_BYTES_MAX,
	PIN_TEXT_BYTES_MAX,
	TITLE_BYTES_MAX,
	TOPIC_BYTES_MAX
} from '../wire/limits.ts';
import { cleanLink, cleanText } from '../wire/text.ts';
import { epochNow } from './key-ring.ts';
import type { PeerState } from './state.ts';

/** What events tell in words, and how long each may be. Everything else in them is law, which relays must know. */
const WORDS: Partial<Record<EventKind, Readonly<Record<string, number>>>> = {
	open: { title: TITLE_BYTES_MAX, hostName: NAME_BYTES_MAX },
	ask: { name: NAME_BYTES_MAX },
	sit: { name: NAME_BYTES_MAX },
	here: { name: NAME_BYTES_MAX },
	pin: { text: PIN_TEXT_BYTES_MAX, link: LINK_BYTES_MAX },
	settings: { title: TITLE_BYTES_MAX, language: LANGUAGE_BYTES_MAX, topics: TOPIC_BYTES_MAX },
	end: { words: END_WORDS_BYTES_MAX },
	caption: { language: LANGUAGE_BYTES_MAX, text: CAPTION_TEXT_BYTES_MAX },
	say: { name: NAME_BYTES_MAX, text: CHAT_TEXT_BYTES_MAX }
};

/** `body` as it may be signed in this room. A text whose key is not here is left out. */
export function sealTexts(peer: PeerState, body: EventBody): EventBody {
	const { ring } = peer;
	const words = WORDS[body.kind];
	if (words === undefined || (ring.gate === null && epochNow(peer) === null)) return body;
	const seal = (text: unknown, maxBytes: number): string =>
		typeof text === 'string' ? ring.vault.sealText(cleanText(text, maxBytes)) : '';
	const fields = Object.entries(body).map(([name, value]) => {
		const maxBytes = words[name];
		if (maxBytes === undefined) return [name, value] as const;
		const isList = Array.isArray(value);
		return [name, isList ? value.map((one) => seal(one, maxBytes)) : seal(value, maxBytes)];
	});
	return Object.fromEntries(fields) as EventBody;
}

/** For the screen: as it was written; empty where we cannot read it. */
export function readable({ ring }: PeerState, text: string, maxBytes: number): string {
	return cleanText(openable(ring.vault.openText(text)), maxBytes);
}

export function readableLink({ ring }: PeerState, link: string): string {
	return cleanLink(openable(ring.vault.openText(link)), LINK_BYTES_MAX);
}

/** What was sealed inside a sealed text is no text. */
const openable = (text: string | null): string =>
	text === null || text.startsWith('\u0000') ? '' : text;
