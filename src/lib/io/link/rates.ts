/** How often something happened lately, per name: bounded in names and in time. */
import { putNewest } from '#lib/p2p/wire/bounded.ts';

export interface Rate {
	/** Counts one and says yes, or says no where `max` were counted within the window. */
	allow(name: string, nowMs: number): boolean;
}

interface RateOptions {
	readonly max: number;
	readonly windowMs: number;
	/** Names remembered; the one heard of longest ago is forgotten first. */
	readonly namesMax: number;
}

export function createRate({ max, windowMs, namesMax }: RateOptions): Rate {
	const times = new Map<string, number[]>();
	return {
		allow(name, nowMs) {
			const recent = (times.get(name) ?? []).filter((atMs) => nowMs - atMs < windowMs);
			const allowed = recent.length < max;
			if (allowed) recent.push(nowMs);
			putNewest(times, name, recent, namesMax);
			return allowed;
		}
	};
}
