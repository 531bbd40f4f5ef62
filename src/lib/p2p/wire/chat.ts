/** Chat: what people write beside the sound, and what takes it back. Along the tree, and never into the log. */
import type { ByteReader, ByteWriter } from './bytes.ts';
import { CHAT_PER_MESSAGE_MAX, CHAT_TEXT_BYTES_MAX } from './chat-limits.ts';
import { readList } from './fields.ts';
import type { EventId } from './ids.ts';
import { ENVELOPE_BYTES_MAX, NAME_BYTES_MAX } from './limits.ts';
import { readId, writeId } from './parts.ts';
import { cleanText } from './text.ts';

/** Bodies of the two kinds. */
export type ChatBody =
	| {
			readonly kind: 'say';
			/** What the author calls itself, at most NAME_BYTES_MAX: who is far away knows it by nothing else. */
			readonly name: string;
			/** At most CHAT_TEXT_BYTES_MAX. */
			readonly text: string;
	  }
	/** Takes a message back: of its author, and of those who may remove people. */
	| { readonly kind: 'unsay'; readonly said: EventId };

export function writeChatBody(out: ByteWriter, body: ChatBody): ByteWriter {
	if (body.kind === 'unsay') return writeId(out, body.said);
	out.text(cleanText(body.name, NAME_BYTES_MAX));
	return out.text(cleanText(body.text, CHAT_TEXT_BYTES_MAX));
}

export function readChatBody(kind: ChatBody['kind'], input: ByteReader): ChatBody {
	if (kind === 'unsay') return { kind, said: readId(input) };
	return {
		kind,
		name: input.sealable(NAME_BYTES_MAX),
		text: input.sealable(CHAT_TEXT_BYTES_MAX)
	};
}

/** One envelope on its way. */
export interface ChatPiece {
	/** How long ago who passes it on has seen it, u32 ms: 0 of what is new. Nobody's clock has to be right by it. */
	readonly agoMs: number;
	/** An envelope of `say` or `unsay`. */
	readonly signed: Uint8Array;
}

export function writePieces(out: ByteWriter, pieces: readonly ChatPiece[]): ByteWriter {
	out.u8(pieces.length);
	for (const { agoMs, signed } of pieces) out.u32(agoMs).blob(signed);
	return out;
}

export function readPieces(input: ByteReader): ChatPiece[] {
	return readList(input, input.u8(), CHAT_PER_MESSAGE_MAX, (from) => ({
		agoMs: from.u32(),
		signed: from.blob(ENVELOPE_BYTES_MAX)
	}));
}
