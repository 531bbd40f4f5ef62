/** Holes in what a host records, filled from neighbours who still hold what was said: control messages. */
import type { ByteReader, ByteWriter } from './bytes.ts';
import { readList } from './fields.ts';
import { fromHex, STREAM_ID_BYTES, toHex, type StreamId } from './ids.ts';
import { REPORT_FRAME_BYTES_MAX } from './limits.ts';

/** Stretches of one stream asked for at once; what is beyond waits for the next question. */
export const FILL_RANGES_MAX = 16;
/** Frames in one answer: eight seconds, and a control message is not full. */
export const FILL_FRAMES_MAX = 400;
/** Questions and answers of one neighbour: a full stage after a hiccup, once a second. */
export const FILL_RATE = { burst: 24, perSecond: 12 };

export interface FillRange {
	/** Number of the first frame. */
	readonly from: number;
	/** How many numbers, from 1. */
	readonly ticks: number;
}

export type FillMessage =
	/** The host lacks these of somebody whom it records. */
	| { readonly type: 'fill-ask'; readonly stream: StreamId; readonly ranges: readonly FillRange[] }
	/** Frames of that stream as they travel, with the proofs that some carry. */
	| {
			readonly type: 'fill-give';
			readonly stream: StreamId;
			readonly frames: readonly Uint8Array[];
	  };

export function writeFill(out: ByteWriter, message: FillMessage): ByteWriter {
	out.bytes(fromHex(message.stream));
	if (message.type === 'fill-ask') {
		const ranges = message.ranges.slice(0, FILL_RANGES_MAX);
		out.u8(ranges.length);
		for (const { from, ticks } of ranges) out.u32(from).u16(ticks);
		return out;
	}
	const frames = message.frames.slice(0, FILL_FRAMES_MAX);
	out.u16(frames.length);
	for (const frame of frames) out.blob(frame);
	return out;
}

export function readFill(type: FillMessage['type'], input: ByteReader): FillMessage {
	const stream = toHex(input.bytes(STREAM_ID_BYTES)) as StreamId;
	if (type === 'fill-ask') {
		const ranges = readList(input, input.u8(), FILL_RANGES_MAX, readRange);
		return { type, stream, ranges };
	}
	const frames = readList(input, input.u16(), FILL_FRAMES_MAX, (from) =>
		from.blob(REPORT_FRAME_BYTES_MAX)
	);
	return { type, stream, frames };
}

function readRange(input: ByteReader): FillRange {
	const range = { from: input.u32(), ticks: input.u16() };
	if (range.ticks === 0) input.fail();
	return range;
}
