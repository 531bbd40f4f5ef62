/** How often something may happen: a burst at once, then so many a second. */
export interface Rate {
	readonly burst: number;
	readonly perSecond: number;
}

/** What is left of a rate. Starts as `fullBucket`. */
export interface Bucket {
	tokens: number;
	atMs: number;
}

export const fullBucket = (rate: Rate): Bucket => ({ tokens: rate.burst, atMs: 0 });

/** How much may be taken now. */
export function available(bucket: Bucket, rate: Rate, nowMs: number): number {
	const gained = ((nowMs - bucket.atMs) / 1000) * rate.perSecond;
	bucket.tokens = Math.min(rate.burst, bucket.tokens + Math.max(0, gained));
	bucket.atMs = nowMs;
	return bucket.tokens;
}

/** Takes `cost` and says yes, or takes nothing and says no. */
export function take(bucket: Bucket, rate: Rate, cost: number, nowMs: number): boolean {
	if (available(bucket, rate, nowMs) < cost) return false;
	bucket.tokens -= cost;
	return true;
}
