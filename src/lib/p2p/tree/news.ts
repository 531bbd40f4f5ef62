/**
 * Word of places with room goes down the tree, to whom it is of use: a child to which the sound would come clearly sooner
 * from there than by us, as far as both know where they are. A link that is there carries the word for a tenth of what one
 * costs that is made to find out.
 */
import { offersFor, promiseOf, tellOffers } from './offers.ts';
import { delayOf, pathOf, type Link, type TreeState } from './state.ts';
import type { TreeOutput } from './io.ts';
import * as timing from './timing.ts';

/** With every tick. */
export function tellNews(state: TreeState, nowMs: number): TreeOutput[] {
	const out: TreeOutput[] = [];
	// Without a source nothing is known of how soon the sound would come by us.
	if (state.leaving || pathOf(state).length === 0) return out;
	for (const link of state.links.values()) {
		if (!link.child || !link.open || link.endsAtMs !== null || nowMs < link.nextOffersMs) continue;
		link.nextOffersMs = nowMs + timing.OFFERS_EVERY_MS;
		out.push(...tellOf(state, link, nowMs));
	}
	return out;
}

function tellOf(state: TreeState, link: Link, nowMs: number): TreeOutput[] {
	const { spot, rttMs, offersTold: told } = link;
	if (spot === null || rttMs === null || spot.error > timing.SPOT_ERROR_MAX) return [];
	const enoughMs = delayOf(state) + rttMs / 2 - timing.BETTER_BY_MS;
	const candidates = offersFor(state, link, nowMs, ({ peer, offer }) => {
		if (offer.spot.error > timing.SPOT_ERROR_MAX || promiseOf(spot, offer) > enoughMs) return false;
		const knownMs = nowMs - 1000 * offer.ageS;
		return knownMs - (told.get(peer) ?? -Infinity) > timing.OFFERS_AGAIN_MS;
	});
	return tellOffers(link, candidates, nowMs);
}
