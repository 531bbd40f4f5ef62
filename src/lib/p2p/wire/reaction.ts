/** Reactions: what a person can show without a word, and how many of each are told where not each is told by itself. */
import type { ByteReader, ByteWriter } from './bytes.ts';
import { readList } from './fields.ts';
import { REACTION_CODES_MAX, REACTION_COUNT_MAX } from './limits.ts';

/** In the order of their codes; a screen shows those it knows, and codes of later versions travel all the same. */
export const REACTIONS = ['applause', 'heart', 'laugh', 'yes', 'wow', 'party'] as const;
export type Reaction = (typeof REACTIONS)[number];

/** How many reactions of one code. */
export interface ReactionCount {
	/** 0 to below REACTION_CODES_MAX. */
	readonly code: number;
	/** 1 to REACTION_COUNT_MAX. */
	readonly count: number;
}

export function writeReactionCounts(out: ByteWriter, counts: readonly ReactionCount[]): ByteWriter {
	out.u8(counts.length);
	for (const { code, count } of counts) out.u8(code).u16(Math.min(count, REACTION_COUNT_MAX));
	return out;
}

/** Malformed where a code comes twice, or nothing is counted. */
export function readReactionCounts(input: ByteReader): ReactionCount[] {
	const counts = readList(input, input.u8(), REACTION_CODES_MAX, readCount);
	if (new Set(counts.map(({ code }) => code)).size < counts.length) input.fail();
	return counts;
}

function readCount(input: ByteReader): ReactionCount {
	const count = { code: readReactionCode(input), count: input.u16() };
	if (count.count === 0) input.fail();
	return count;
}

export function readReactionCode(input: ByteReader): number {
	const code = input.u8();
	if (code >= REACTION_CODES_MAX) input.fail();
	return code;
}
