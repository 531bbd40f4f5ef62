/** What every measurement gets, and how thorough it is to be. */
import type { BenchBrowser } from './browsers.ts';
import type { PlainServer } from './plain.ts';
import type { Table } from './report.ts';

export interface Effort {
	/** Turns of ours and baseline, one after the other. */
	readonly rounds: number;
	/** Length of each recording. */
	readonly recordS: number;
	/** How long playout has to find its delay before it is recorded. */
	readonly settleMs: number;
	/** Openings of the link. */
	readonly visits: number;
	/** How long CPU and bytes are counted. */
	readonly countS: number;
}

export const FULL: Effort = { rounds: 3, recordS: 8, settleMs: 4_000, visits: 20, countS: 20 };
/** To try whether everything still works; its figures are of little worth. */
export const SHORT: Effort = { rounds: 1, recordS: 5, settleMs: 2_000, visits: 4, countS: 5 };

export interface Bench {
	readonly effort: Effort;
	/** Where the seed serves the app; ends in a slash. */
	readonly seedUrl: string;
	readonly plain: PlainServer;
	/** Its microphone hears a voice. */
	readonly speaking: BenchBrowser;
	/** Another browser, for those who listen. */
	readonly listening: BenchBrowser;
}

export type Measurement = (bench: Bench) => Promise<Table>;

/** Time itself is what a measurement waits for, where nothing announces that it is over. */
export function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
