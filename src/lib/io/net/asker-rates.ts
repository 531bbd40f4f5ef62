/** How often one may ask, and all together. Who asked last is remembered. */
import type { Clock } from '#lib/io/ports.ts';
import { putNewest } from '#lib/p2p/wire/bounded.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { fullBucket, take, type Bucket, type Rate } from '#lib/p2p/wire/rate.ts';

export interface AskerRates {
	/** False where it is too often. */
	take(from: PeerId): boolean;
}

export function createAskerRates(
	clock: Clock,
	of: { readonly one: Rate; readonly all: Rate; readonly askersMax: number }
): AskerRates {
	const all = fullBucket(of.all);
	const each = new Map<PeerId, Bucket>();
	return {
		take(from) {
			const nowMs = clock.nowMs();
			const mine = each.get(from) ?? fullBucket(of.one);
			putNewest(each, from, mine, of.askersMax);
			// One asker's flood takes nothing from the others.
			return take(mine, of.one, 1, nowMs) && take(all, of.all, 1, nowMs);
		}
	};
}
