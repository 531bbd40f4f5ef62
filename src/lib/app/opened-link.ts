/** Links that the system hands to the app: those of `web+grapevine:`, and what another app shares. */
import { parseShareLink } from '#lib/p2p/archive/share-link.ts';
import { encodeAccess } from '#lib/p2p/wire/room-access.ts';
import { encodeRoomKey, parseRoomKey } from '#lib/p2p/wire/room-key.ts';
import { linkTail } from './room-link.ts';

export type OpenedLink =
	/** `tail`: what stands behind `/r/` in the room's link. */
	| { readonly to: 'room'; readonly tail: string }
	/** What stands behind the `#` of a recording's link, or of a card's. */
	| { readonly to: 'recording' | 'card'; readonly text: string };

/** A link of any origin, or of our scheme, in the middle of a message as well. */
const BEHIND_HASH = /(?:\/|web\+grapevine:(?:\/\/)?)(shared|people)\/?#([^\s<>"]+)/i;
/** More is no link that an app hands over. */
const TEXT_MAX = 8_192;

/** The first of `texts` that leads anywhere; null where none does. Never throws. */
export function readOpenedLink(texts: readonly (string | null)[]): OpenedLink | null {
	for (const text of texts) {
		const found = text === null || text.length > TEXT_MAX ? null : readOne(text);
		if (found !== null) return found;
	}
	return null;
}

function readOne(text: string): OpenedLink | null {
	const [, place, behind] = BEHIND_HASH.exec(text) ?? [];
	if (behind !== undefined && place?.toLowerCase() === 'people')
		return { to: 'card', text: behind };
	if (behind !== undefined)
		return parseShareLink(behind) === null ? null : { to: 'recording', text: behind };
	const reading = parseRoomKey(text);
	if (!reading.ok) return null;
	const access = reading.access === undefined ? '' : encodeAccess(reading.room, reading.access);
	return { to: 'room', tail: linkTail({ roomKey: encodeRoomKey(reading.room), access }) };
}

/**
 * What stands in the address of the page that opens them: behind the `#` from the scheme, whose secrets no server is to see;
 * in the query from another app, which the service worker keeps from the network.
 */
export function textsIn(address: URL): readonly (string | null)[] {
	const given = (name: string): string | null => address.searchParams.get(name);
	return [decoded(address.hash.slice(1)), given('url'), given('text'), given('title')];
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
