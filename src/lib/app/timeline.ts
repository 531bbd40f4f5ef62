/** When what happened first, in milliseconds since the page was navigated to. */

export const MILESTONES = [
	'appReady',
	'seedReached',
	'roomFound',
	'attached',
	'firstSound'
] as const;
export type Milestone = (typeof MILESTONES)[number];
export type TimelineMs = Readonly<Record<Milestone, number | null>>;

export interface Timeline {
	/** Notes the first time; later ones change nothing. `atMs` is an epoch time, now where left out. */
	mark(milestone: Milestone, atMs?: number): void;
	readonly times: TimelineMs;
}

export function createTimeline(): Timeline {
	const times: Record<Milestone, number | null> = {
		appReady: null,
		seedReached: null,
		roomFound: null,
		attached: null,
		firstSound: null
	};
	return {
		mark(milestone, atMs) {
			const sinceNavigationMs =
				atMs === undefined ? performance.now() : atMs - performance.timeOrigin;
			times[milestone] ??= Math.round(sinceNavigationMs * 10) / 10;
		},
		get times() {
			return { ...times };
		}
	};
}
