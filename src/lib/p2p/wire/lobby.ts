/** What is said between a peer and a seed about listings: one request on a stream, one answer. */
import { reader, writer } from './bytes.ts';
import { LISTING_BYTES_MAX, LISTINGS_PER_ANSWER_MAX } from './limits.ts';

const VERSION = 1;

export type LobbyRequest =
	/** What has changed since `since` in the life of the seed that is named by `epoch`; zeros: all. */
	| { readonly type: 'ask'; readonly epoch: number; readonly since: number }
	/** My listing. */
	| { readonly type: 'tell'; readonly listing: Uint8Array };

export type TellAnswer =
	| 'taken'
	/** Not one of the host who is at the other end, or not well made, or signed by another key. */
	| 'invalid'
	/** A later one is here. */
	| 'old'
	/** Its time is over or too far ahead, or its clock is wrong. */
	| 'out-of-time'
	/** This host, this address, or everybody together has as many as there may be. */
	| 'full'
	/** Too often. */
	| 'busy';

/** In the order of their codes, from 0. */
const TELL_ANSWERS: readonly TellAnswer[] = [
	'taken',
	'invalid',
	'old',
	'out-of-time',
	'full',
	'busy'
];

/** One listing, and how long ago the seed heard it. */
export interface Posted {
	readonly ageMs: number;
	readonly listing: Uint8Array;
}

export interface AskAnswer {
	/** Made anew by chance whenever the seed starts: revisions count within it. */
	readonly epoch: number;
	/** Ask with it next time. */
	readonly revision: number;
	/** There is more: ask again at once. */
	readonly more: boolean;
	readonly posted: readonly Posted[];
}

/** The longest request, with what frames it. */
export const LOBBY_REQUEST_BYTES_MAX = LISTING_BYTES_MAX + 16;
export const LOBBY_ANSWER_BYTES_MAX = LISTINGS_PER_ANSWER_MAX * (LISTING_BYTES_MAX + 6) + 16;

export function encodeLobbyRequest(request: LobbyRequest): Uint8Array<ArrayBuffer> {
	const out = writer().u8(VERSION);
	switch (request.type) {
		case 'ask':
			return out.u8(1).u32(request.epoch).u32(request.since).finish();
		case 'tell':
			return out.u8(2).blob(request.listing).finish();
	}
}

/** Null for anything else. */
export function decodeLobbyRequest(bytes: Uint8Array): LobbyRequest | null {
	const input = reader(bytes);
	if (input.u8() !== VERSION) return null;
	const kind = input.u8();
	const request: LobbyRequest =
		kind === 1
			? { type: 'ask', epoch: input.u32(), since: input.u32() }
			: { type: 'tell', listing: input.blob(LISTING_BYTES_MAX) };
	return input.done() && (kind === 1 || kind === 2) ? request : null;
}

export function encodeTellAnswer(answer: TellAnswer): Uint8Array<ArrayBuffer> {
	return writer().u8(VERSION).u8(TELL_ANSWERS.indexOf(answer)).finish();
}

export function decodeTellAnswer(bytes: Uint8Array): TellAnswer | null {
	const input = reader(bytes);
	const answer = input.u8() === VERSION ? TELL_ANSWERS[input.u8()] : undefined;
	return input.done() ? (answer ?? null) : null;
}

export function encodeAskAnswer(answer: AskAnswer): Uint8Array<ArrayBuffer> {
	const few = answer.posted.slice(0, LISTINGS_PER_ANSWER_MAX);
	const out = writer().u8(VERSION).u32(answer.epoch).u32(answer.revision);
	out.u8(answer.more ? 1 : 0).u8(few.length);
	for (const { ageMs, listing } of few) out.u32(ageMs).blob(listing);
	return out.finish();
}

export function decodeAskAnswer(bytes: Uint8Array): AskAnswer | null {
	const input = reader(bytes);
	if (input.u8() !== VERSION) return null;
	const epoch = input.u32();
	const revision = input.u32();
	const more = input.u8() === 1;
	const count = input.u8();
	if (count > LISTINGS_PER_ANSWER_MAX) return null;
	const posted: Posted[] = [];
	for (let i = 0; i < count && input.ok; i++)
		posted.push({ ageMs: input.u32(), listing: input.blob(LISTING_BYTES_MAX) });
	return input.done() ? { epoch, revision, more, posted } : null;
}
