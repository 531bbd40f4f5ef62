/**
 * Places with room that we have heard of, each with where it is and how long the sound takes to it: so that who
 * looks for a place goes to a near one first. Hearsay, and soon out of date: it only decides where to ask.
 */
import type { Contact, Offer, Spot } from '../wire/contact.ts';
import type { PeerId } from '../wire/ids.ts';
import { OFFERS_MAX, OFFERS_TOLD_MAX } from '../wire/limits.ts';
import { contactOf, delayOf, pathOf, trim, type Link, type TreeState } from './state.ts';
import { isBad } from './sources.ts';
import { wayMs } from './spot.ts';
import type { TreeOutput } from './io.ts';
import * as timing from './timing.ts';

export interface KnownOffer {
	readonly contact: Contact;
	readonly spot: Spot;
	readonly delayMs: number;
	readonly branch: number;
	/** When that was true. */
	readonly atMs: number;
	/** It has refused us since: older word of it is not believed again. */
	readonly gone: boolean;
}

export interface OfferedPlace extends Contact {
	readonly offer: Offer;
}

/** What somebody told of others: of each the newest word counts. */
export function learnOffers(state: TreeState, candidates: readonly Contact[], nowMs: number): void {
	for (const { peer, addrs, offer } of candidates) {
		if (offer === undefined || peer === state.me || isBad(state, peer, nowMs)) continue;
		const atMs = nowMs - 1000 * offer.ageS;
		const known = state.offers.get(peer);
		if (known !== undefined && known.atMs >= atMs) continue;
		if (nowMs - atMs > timing.OFFER_LASTS_MS) continue;
		const { spot, delayMs, branch } = offer;
		state.offers.delete(peer);
		const contact = { peer, addrs };
		state.offers.set(peer, { contact, spot, delayMs, branch, atMs, gone: false });
	}
	trim(state.offers, OFFERS_MAX);
}

/** It has no room, or is not there: what others say of it counts again when it is newer than this. */
export function forgetOffer(state: TreeState, peer: PeerId, nowMs: number): void {
	const known = state.offers.get(peer);
	if (known !== undefined) state.offers.set(peer, { ...known, atMs: nowMs, gone: true });
}

/** How long sound would take to somebody at `spot` by way of that place. */
export const promiseOf = (spot: Spot, offer: Pick<Offer, 'spot' | 'delayMs'>): number =>
	offer.delayMs + wayMs(spot, offer.spot);

/** Those still worth asking, the most promising for us first. */
export function bestOffers(state: TreeState, nowMs: number): KnownOffer[] {
	const fresh = [...state.offers.values()].filter(
		({ gone, atMs }) => !gone && nowMs - atMs <= timing.OFFER_LASTS_MS
	);
	return fresh.sort((a, b) => promiseOf(state.spot, a) - promiseOf(state.spot, b));
}

/** Places with room for somebody at `spot`, nearest to the sound first: our own children, and what we have heard of. */
export function offersFor(
	state: TreeState,
	asker: { readonly peer: PeerId; readonly spot: Spot | null },
	nowMs: number,
	accept: (place: OfferedPlace) => boolean = () => true
): OfferedPlace[] {
	const near = [...state.links.values()].flatMap((link) => offerByLink(state, link) ?? []);
	const heard = bestOffers(state, nowMs).map(({ contact, spot, delayMs, branch, atMs }) => ({
		...contact,
		offer: { spot, delayMs, branch, ageS: (nowMs - atMs) / 1000 }
	}));
	const all = new Map([...heard, ...near].map((contact) => [contact.peer, contact]));
	all.delete(asker.peer);
	const spot = asker.spot ?? null;
	const rank = ({ offer }: { readonly offer: Offer }): number =>
		spot === null ? offer.delayMs : promiseOf(spot, offer);
	const some = [...all.values()].filter(accept);
	return some.sort((a, b) => rank(a) - rank(b)).slice(0, OFFERS_TOLD_MAX);
}

/** Says so, and remembers of which it has been told. */
export function tellOffers(
	{ peer: to, offersTold: told }: Link,
	candidates: readonly OfferedPlace[],
	nowMs: number
): TreeOutput[] {
	if (candidates.length === 0) return [];
	for (const { peer } of candidates) {
		told.delete(peer);
		told.set(peer, nowMs);
	}
	trim(told, OFFERS_MAX);
	return [{ type: 'send', to, message: { type: 'offers', candidates } }];
}

/** A child with room hears by us; of those above us and beside us we know how they hear. */
function offerByLink(state: TreeState, link: Link): OfferedPlace | null {
	const { spot } = link;
	if (!link.open || spot === null || (link.places?.free ?? 0) === 0) return null;
	if (link.child && link.endsAtMs === null) {
		const delayMs = delayOf(state) + (link.rttMs ?? timing.RTT_UNKNOWN_MS) / 2;
		const branch = branchOf([...pathOf(state), link.peer]);
		return { ...contactOf(state, link.peer), offer: { spot, delayMs, ageS: 0, branch } };
	}
	if (!(link.parent || link.backup) || link.path.length === 0) return null;
	const branch = branchOf(link.path);
	return {
		...contactOf(state, link.peer),
		offer: { spot, delayMs: link.delayMs, ageS: 0, branch }
	};
}

/** Of a path from a speaker down: who is right below the speaker decides. */
export function branchOf(path: readonly PeerId[]): number {
	let hash = 0;
	for (const letter of path[1] ?? path[0] ?? '')
		hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0;
	return (hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & 0xff;
}
