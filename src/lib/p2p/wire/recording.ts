/** What the law says of recording: whether the host does, and what each speaker agrees to. */
import type { ByteReader } from './bytes.ts';

/** Of the host's own app. 'paused': it goes on later, as one. */
export type RecordingState = 'off' | 'on' | 'paused';
/** In the order of their codes. */
export const RECORDING_STATES: readonly RecordingState[] = ['off', 'on', 'paused'];

/** What a speaker agrees to have recorded: nothing at all, its captions alone, or its voice as well. */
export type Consent = 'none' | 'captions' | 'sound';
/** In the order of their codes. */
export const CONSENTS: readonly Consent[] = ['none', 'captions', 'sound'];

export const readRecordingState = (input: ByteReader): RecordingState =>
	readOne(input, RECORDING_STATES, 'off');

export const readConsent = (input: ByteReader): Consent => readOne(input, CONSENTS, 'none');

function readOne<T>(input: ByteReader, among: readonly T[], otherwise: T): T {
	const one = among[input.u8()];
	if (one === undefined) input.fail();
	return one ?? otherwise;
}
