/**
 * What was put into words after it was recorded, by the device that holds the recording. It lies beside the recording and
 * is no part of it: nobody has signed it, and it is not handed out.
 */
import { reader, writer } from '../wire/bytes.ts';
import { fromHex, STREAM_ID_BYTES, toHex, type PeerId, type StreamId } from '../wire/ids.ts';
import { LANGUAGE_BYTES_MAX } from '../wire/limits.ts';
import { readKey, writeKey } from '../wire/parts.ts';
import { cleanText } from '../wire/text.ts';
import { KINDS } from './kinds.ts';
import { TEXT_BYTES_MAX } from './limits.ts';
import { encodeRecord, readRecords } from './record.ts';

export interface LaterLine {
	/** A seat of who said it. */
	readonly stream: StreamId;
	/** For who listens, ms, u32. */
	readonly fromMs: number;
	readonly toMs: number;
	/** At most TEXT_BYTES_MAX. */
	readonly text: string;
}

/** All that one person said. */
export interface LaterWords {
	readonly peer: PeerId;
	/** BCP 47. */
	readonly language: string;
	/** May be none: nothing that this person said was understood. */
	readonly lines: readonly LaterLine[];
}

/** A record for each line, and one behind them: without it they do not count. */
export function encodeLaterWords({ peer, language, lines }: LaterWords): Uint8Array[] {
	const end = writeKey(writer(), peer).text(cleanText(language, LANGUAGE_BYTES_MAX));
	return [...lines.map(encodeLine), encodeRecord(KINDS.saidLater, end.finish())];
}

function encodeLine({ stream, fromMs, toMs, text }: LaterLine): Uint8Array {
	const out = writer().bytes(fromHex(stream)).u32(fromMs).u32(toMs);
	return encodeRecord(KINDS.laterLine, out.text(cleanText(text, TEXT_BYTES_MAX)).finish());
}

/** In the order they were put into words, each person once. Never throws. */
export function readLaterWords(bytes: Uint8Array): LaterWords[] {
	const all = new Map<PeerId, LaterWords>();
	let lines: LaterLine[] = [];
	for (const { kind, content } of readRecords(bytes).records) {
		const line = kind === KINDS.laterLine ? readLine(content) : null;
		if (line !== null) lines.push(line);
		if (kind !== KINDS.saidLater) continue;
		const input = reader(content);
		const [peer, language] = [readKey(input), input.text(LANGUAGE_BYTES_MAX)];
		if (input.done()) all.set(peer, { peer, language, lines });
		lines = [];
	}
	return [...all.values()];
}

function readLine(content: Uint8Array): LaterLine | null {
	const input = reader(content);
	const line = {
		stream: toHex(input.bytes(STREAM_ID_BYTES)) as StreamId,
		fromMs: input.u32(),
		toMs: input.u32(),
		text: input.text(TEXT_BYTES_MAX)
	};
	return input.done() ? line : null;
}
