/** Captions: what a speaker's own app made of its voice, beside the sound it was made of. */
import type { ByteReader, ByteWriter } from './bytes.ts';
import { CAPTION_TEXT_BYTES_MAX, CAPTION_TICKS_MAX } from './caption-limits.ts';
import { fromHex, STREAM_ID_BYTES, toHex, type StreamId } from './ids.ts';
import { LANGUAGE_BYTES_MAX } from './limits.ts';
import { flag, readFlag } from './parts.ts';
import { cleanText } from './text.ts';

/** The words of one phrase, so far or for good. A later one of the same start takes its place. */
export interface Caption {
	/** The seat's stream, in which it was said. */
	readonly stream: StreamId;
	/** Number of the phrase's first frame in that stream, u32: what the phrase is known by. */
	readonly start: number;
	/** How many frames it goes on, 0..CAPTION_TICKS_MAX. */
	readonly ticks: number;
	/** Nothing more is to come of this phrase. With empty text: it turned out to be no words. */
	readonly final: boolean;
	/** BCP 47, at most LANGUAGE_BYTES_MAX. */
	readonly language: string;
	/** At most CAPTION_TEXT_BYTES_MAX. */
	readonly text: string;
}

export function writeCaption(out: ByteWriter, caption: Caption): ByteWriter {
	out.bytes(fromHex(caption.stream)).u32(caption.start).u16(caption.ticks);
	out.u8(flag(caption.final)).text(cleanText(caption.language, LANGUAGE_BYTES_MAX));
	return out.text(cleanText(caption.text, CAPTION_TEXT_BYTES_MAX));
}

export function readCaption(input: ByteReader): Caption {
	const caption = {
		stream: toHex(input.bytes(STREAM_ID_BYTES)) as StreamId,
		start: input.u32(),
		ticks: input.u16(),
		final: readFlag(input),
		language: input.sealable(LANGUAGE_BYTES_MAX),
		text: input.sealable(CAPTION_TEXT_BYTES_MAX)
	};
	if (caption.ticks > CAPTION_TICKS_MAX) input.fail();
	return caption;
}
