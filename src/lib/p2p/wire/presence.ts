/** Who listens, as linked peers tell each other: the body of `presence-up` and `presence-down`. */
import type { ByteReader, ByteWriter } from './bytes.ts';
import { readBlobs, readFlags, writeBlobs, writeFlags } from './fields.ts';
import { PRESENCE_SAMPLE_MAX } from './limits.ts';
import { flag } from './parts.ts';

/** How many listen, and what has changed in the list of those named. */
export interface PresenceNews {
	readonly count: number;
	/** Of the names told before over this link, in their order, which still stand. At most PRESENCE_SAMPLE_MAX. */
	readonly kept: readonly boolean[];
	/** Signed names that follow those. */
	readonly here: readonly Uint8Array[];
}

export function writePresence(out: ByteWriter, { count, kept, here }: PresenceNews): ByteWriter {
	return writeBlobs(writeFlags(out.u32(count), kept), here);
}

export function readPresence(input: ByteReader): PresenceNews {
	return {
		count: input.u32(),
		kept: readFlags(input, PRESENCE_SAMPLE_MAX),
		here: readBlobs(input, PRESENCE_SAMPLE_MAX)
	};
}

export const writeYes = (out: ByteWriter, yes: boolean): ByteWriter => out.u8(flag(yes));

/** One spelling for each answer. */
export function readYes(input: ByteReader): boolean {
	const code = input.u8();
	if (code > 1) input.fail();
	return code === 1;
}
