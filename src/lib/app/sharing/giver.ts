/**
 * Answers those who ask for what we have. Kept at all times:
 * 1. nothing is said of a recording to who does not know its link;
 * 2. no piece is given of what was withdrawn, is over, or its host alone may hand out;
 * 3. a piece that is given is the one that was signed.
 */
import type { Clock, Keys, ShareWay } from '#lib/io/ports.ts';
import { pieceCount } from '#lib/p2p/archive/manifest.ts';
import {
	FETCHERS_MAX,
	HASHES_PER_ANSWER_MAX,
	PIECES_GIVEN_IN_ROOM_RATE,
	PIECES_GIVEN_RATE
} from '#lib/p2p/archive/share-limits.ts';
import {
	decodeQuestion,
	encodeAnswer,
	type ShareAnswer,
	type ShareQuestion
} from '#lib/p2p/archive/share-message.ts';
import { peerIdOf, type PeerId } from '#lib/p2p/wire/ids.ts';
import { available, fullBucket, take } from '#lib/p2p/wire/rate.ts';
import { mayShareClips } from './clip-leave.ts';
import type { Held } from './held.ts';
import { checkManifest, isExpired, type SignedManifest } from './manifests.ts';
import type { Share, ShareBook } from './share-book.ts';

export interface GiverParts {
	readonly book: ShareBook;
	readonly clock: Clock;
	readonly keys: Pick<Keys, 'verify'>;
	/** The pieces that are here of it now; null where there are none. */
	readonly held: (share: Share) => Promise<Held | null>;
	/** Whether we pass on what others share: not where data costs money. */
	readonly mayPassOn: () => boolean;
	readonly isInRoom: () => boolean;
	/** A manifest of it came that is newer than ours, and its host's. */
	readonly onNewer: (share: Share, newer: SignedManifest) => Promise<void>;
	/** Its host is there. */
	readonly onHost: (share: Share) => void;
	/** Somebody says that they have all of ours. */
	readonly onWhole: (share: Share, from: PeerId) => Promise<void>;
	/** Who is not answered. */
	readonly isShunned: (peer: PeerId) => boolean;
}

export interface Giver {
	answer(from: PeerId, question: Uint8Array, way: ShareWay): Promise<Uint8Array | null>;
}

const NONE: ShareAnswer = { type: 'none' };

export function createGiver(parts: GiverParts): Giver {
	const pace = createPace(parts);
	const reply = async (
		share: Share,
		from: PeerId,
		asked: { readonly question: ShareQuestion; readonly way: ShareWay }
	): Promise<ShareAnswer> => {
		const { question, way } = asked;
		if (question.type === 'look') {
			if (share.role === 'holder' && from === peerIdOf(share.link.hostKey)) parts.onHost(share);
			return look(parts, share, question.manifest);
		}
		if (question.type === 'whole') return noteWhole(parts, share, from);
		// What a seed lends is for short questions.
		if (way === 'relayed') return { type: 'busy' };
		const held = mayGive(parts, share) ? await parts.held(share) : null;
		if (held === null) return NONE;
		if (question.type === 'piece') await pace();
		return replyOf(share, held, question);
	};
	return {
		async answer(from, bytes, way) {
			const question = decodeQuestion(bytes);
			const share = question === null ? null : parts.book.byKey(question.key);
			if (question === null || share === null || parts.isShunned(from)) return null;
			return encodeAnswer(await reply(share, from, { question, way }));
		}
	};
}

/** Whether pieces of it may be given to others. */
export function mayGive(
	{ book, clock, mayPassOn }: Pick<GiverParts, 'book' | 'clock' | 'mayPassOn'>,
	share: Share
): boolean {
	const { manifest } = share.signed;
	if (manifest.state === 'withdrawn' || isExpired(manifest, clock.nowMs())) return false;
	if (share.role === 'host') {
		return share.from.type === 'recording' || mayShareClips({ book, clock }, share.from.of);
	}
	const isHere = share.state === 'fetching' || share.state === 'whole';
	return isHere && manifest.passedOn && mayPassOn();
}

async function look(parts: GiverParts, share: Share, theirs: Uint8Array): Promise<ShareAnswer> {
	if (theirs.length > 0) {
		const newer = await checkManifest(theirs, share.link, parts.keys);
		const ours = share.signed.manifest.issuedAtMs;
		if (newer !== null && newer.manifest.issuedAtMs > ours) await parts.onNewer(share, newer);
	}
	const now = parts.book.byKey(share.key) ?? share;
	const gives = mayGive(parts, now);
	return { type: 'offer', manifest: now.signed.signed, gives, keys: now.keys };
}

async function noteWhole(parts: GiverParts, share: Share, from: PeerId): Promise<ShareAnswer> {
	if (share.role !== 'host') return NONE;
	const isNew = !share.fetchers.includes(from) && share.fetchers.length < FETCHERS_MAX;
	if (isNew) await parts.onWhole(share, from);
	return { type: 'taken' };
}

async function replyOf(
	{ signed }: Share,
	held: Held,
	question: Extract<ShareQuestion, { type: 'map' | 'hashes' | 'piece' }>
): Promise<ShareAnswer> {
	const count = pieceCount(signed.manifest.bytes);
	switch (question.type) {
		case 'map':
			return { type: 'map', has: Array.from({ length: count }, (_, piece) => held.has(piece)) };
		case 'hashes': {
			const { from } = question;
			const hashes = held.hashes.slice(from, from + HASHES_PER_ANSWER_MAX);
			return hashes.length === 0 ? NONE : { type: 'hashes', from, hashes };
		}
		case 'piece': {
			const { piece } = question;
			const bytes = held.has(piece) ? await held.read(piece) : null;
			return bytes === null ? { type: 'lacks', piece } : { type: 'piece', piece, bytes };
		}
	}
}

/** Pieces leave one after the other, no faster than may be: the sound of a room comes first. */
function createPace({ clock, isInRoom }: GiverParts): () => Promise<void> {
	const bucket = fullBucket(PIECES_GIVEN_RATE);
	let turn: Promise<void> = Promise.resolve();
	const wait = async (): Promise<void> => {
		for (;;) {
			const rate = isInRoom() ? PIECES_GIVEN_IN_ROOM_RATE : PIECES_GIVEN_RATE;
			if (take(bucket, rate, 1, clock.nowMs())) return;
			const lackMs = ((1 - available(bucket, rate, clock.nowMs())) / rate.perSecond) * 1_000;
			await new Promise<void>((resolve) => clock.wake(clock.nowMs() + Math.ceil(lackMs), resolve));
		}
	};
	return () => {
		turn = turn.then(wait);
		return turn;
	};
}
