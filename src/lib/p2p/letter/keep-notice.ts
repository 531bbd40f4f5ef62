/**
 * What a host tells somebody who spoke in a room of theirs when the room is over: that its recording is kept for longer than
 * was said then, or is not kept after all. It travels as letters do, under the same seal. It carries what its reader signed
 * in that room, and the room follows from its writer's key: so nobody can tell it who has not hosted its reader.
 */
import { fromString } from 'uint8arrays/from-string';
import { reader, sameBytes, writer, type ByteReader } from '../wire/bytes.ts';
import { NONCE_BYTES } from '../wire/event.ts';
import { concat, fromHex, toHex, type LetterId, type PeerId } from '../wire/ids.ts';
import { ENVELOPE_BYTES_MAX, NAME_BYTES_MAX, TITLE_BYTES_MAX } from '../wire/limits.ts';
import { readKey, writeKey } from '../wire/parts.ts';
import { cleanText } from '../wire/text.ts';
import { LETTER_ID_BYTES, unpadLetter } from './letter.ts';

export interface KeepNotice {
	readonly from: PeerId;
	readonly to: PeerId;
	/** Made by chance: a notice that comes twice is one. */
	readonly id: LetterId;
	/** By the writer's clock: of two about one recording the later counts. */
	readonly sentAtMs: number;
	/** NONCE_BYTES: with the writer's key they give the room. */
	readonly nonce: Uint8Array;
	/** When the recording was begun, by the writer's clock. */
	readonly startedAtMs: number;
	/** When it is deleted, epoch ms; null: it is kept. */
	readonly deletedAtMs: number | null;
	/** Of the recording, in the clear: the whole of it is under seal. */
	readonly title: string;
	readonly fromName: string;
	/** The reader's own signed answer to being recorded there, as an envelope. */
	readonly consent: Uint8Array;
}

/** Behind that of letters. */
const VERSION = 2;
const SIGNING_DOMAIN = fromString('grapevine/keep-notice/1');

/** The canonical bytes; text in it is cut and cleaned. */
export function encodeNotice(notice: KeepNotice): Uint8Array<ArrayBuffer> {
	const out = writer().u8(VERSION);
	writeKey(writeKey(out, notice.from), notice.to).bytes(fromHex(notice.id));
	out.u48(notice.sentAtMs).bytes(notice.nonce).u48(notice.startedAtMs);
	out.u48(notice.deletedAtMs ?? 0);
	out.text(cleanText(notice.title, TITLE_BYTES_MAX));
	return out.text(cleanText(notice.fromName, NAME_BYTES_MAX)).blob(notice.consent).finish();
}

/** The message to sign. */
export const noticeSigningBytes = (unsigned: Uint8Array): Uint8Array =>
	concat(SIGNING_DOMAIN, unsigned);

export interface NoticeReading {
	readonly notice: KeepNotice;
	/** What was signed: `Keys.verify(publicKeyOf(notice.from), signed, signature)`. */
	readonly signed: Uint8Array;
	readonly signature: Uint8Array;
}

/** Reads what was opened by `me`; neither signature in it is checked. Null for what is no notice to them. Never throws. */
export function readNotice(whole: Uint8Array, me: PeerId): NoticeReading | null {
	const parts = unpadLetter(whole);
	if (parts === null) return null;
	const { unsigned, signature } = parts;
	const notice = readUnsigned(reader(unsigned));
	if (notice?.to !== me || !sameBytes(encodeNotice(notice), unsigned)) return null;
	return { notice, signed: noticeSigningBytes(unsigned), signature };
}

function readUnsigned(input: ByteReader): KeepNotice | null {
	if (input.u8() !== VERSION) return null;
	const notice = {
		from: readKey(input),
		to: readKey(input),
		id: toHex(input.bytes(LETTER_ID_BYTES)) as LetterId,
		sentAtMs: input.u48(),
		nonce: input.bytes(NONCE_BYTES).slice(),
		startedAtMs: input.u48(),
		deletedAtMs: input.u48() || null,
		title: input.text(TITLE_BYTES_MAX),
		fromName: input.text(NAME_BYTES_MAX),
		consent: input.blob(ENVELOPE_BYTES_MAX).slice()
	};
	return input.done() ? notice : null;
}
