/** What one end of a link in a process of its own tells the test. */
import type { Signal } from '#lib/io/link/signals.ts';

export type FromLinkEnd =
	| { readonly type: 'signal'; readonly signal: Signal }
	/** One packet was given to the link; `unsent` are all that it did not take. */
	| { readonly type: 'said'; readonly seq: number; readonly unsent: number }
	| { readonly type: 'heard'; readonly seq: number };

/** 55 kB/s: eleven voices. */
export const PACKET_BYTES = 1_100;
