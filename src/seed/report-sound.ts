/** The sound of a checked report, decoded: what somebody who keeps order listens to. */
import { OpusDecoder } from 'opus-decoder';
import { seqDistance } from '#lib/p2p/wire/seq.ts';
import type { CheckedVoice } from './report-check.ts';
import { RATE } from './wave-file.ts';

const TICK_SAMPLES = RATE / 50;
/** Held sound is half a minute; numbers further apart than that are of a file that wants to fill the disk. */
const SPAN_MAX_TICKS = 50 * 120;

/** Mono, RATE samples a second. What was not said, is missing or sealed is silent. Null where it cannot be that long. */
export async function decodeVoice({ frames }: CheckedVoice): Promise<Float32Array | null> {
	const [first, last] = [frames[0]?.frame, frames.at(-1)?.frame];
	if (first === undefined || last === undefined) return new Float32Array(0);
	const ticks = seqDistance(last.seq, first.seq) + 1;
	if (ticks > SPAN_MAX_TICKS) return null;
	const samples = new Float32Array(ticks * TICK_SAMPLES);
	const decoder = new OpusDecoder({ sampleRate: RATE, channels: 1 });
	await decoder.ready;
	for (const { frame } of frames) {
		// Sound of a locked room: only its members have the key.
		if (frame.kind !== 'voice' || frame.sealed === true) continue;
		const { channelData } = decoder.decodeFrame(frame.opus);
		const at = seqDistance(frame.seq, first.seq) * TICK_SAMPLES;
		samples.set((channelData[0] ?? new Float32Array(0)).subarray(0, TICK_SAMPLES), at);
	}
	decoder.free();
	return samples;
}
