/** The head of a recording: what it is, whose, and what its speakers agreed to. Written anew, behind the last one, with every change. */
import { reader, writer, type ByteReader, type ByteWriter } from '../wire/bytes.ts';
import {
	fromHex,
	PUBLIC_KEY_BYTES,
	RECORDING_ID_BYTES,
	ROOM_ID_BYTES,
	toHex,
	type PeerId,
	type RecordingId,
	type RoomId
} from '../wire/ids.ts';
import { readList } from '../wire/fields.ts';
import { NAME_BYTES_MAX, TITLE_BYTES_MAX } from '../wire/limits.ts';
import { flag, readFlag, readKey, writeKey } from '../wire/parts.ts';
import { cleanText } from '../wire/text.ts';
import { KINDS } from './kinds.ts';
import { CONSENTS_MAX } from './limits.ts';
import { encodeRecord, readRecords } from './record.ts';

/** What a speaker agreed to. Who agreed to neither is not in a recording at all, not even by name. */
export type Agreed = 'sound' | 'captions';
/** In the order of their codes. */
const AGREED: readonly Agreed[] = ['sound', 'captions'];

export interface RecordedPerson {
	readonly peer: PeerId;
	/** As the room knew it; in a locked room a sealed text. At most NAME_BYTES_MAX. */
	readonly name: string;
	readonly agreed: Agreed;
}

export interface RecordingMeta {
	readonly id: RecordingId;
	readonly room: RoomId;
	/** Raw Ed25519 public key of the room's host, who records. */
	readonly hostKey: Uint8Array;
	/** The room's; in a locked room a sealed text. At most TITLE_BYTES_MAX. */
	readonly title: string;
	/** By the host's clock, epoch ms: 0 of the recording's own clock. */
	readonly startedAtMs: number;
	/** By the same; null while it may still go on. */
	readonly endedAtMs: number | null;
	/** When the host chose to keep it beyond its day; null: it goes then. */
	readonly keptAtMs: number | null;
	/** There is sound in it that only members of the room can open. */
	readonly sealed: boolean;
	/** At most CONSENTS_MAX, those who came first. */
	readonly people: readonly RecordedPerson[];
}

const VERSION = 1;

/** One record. */
export function encodeMeta(meta: RecordingMeta): Uint8Array<ArrayBuffer> {
	const out = writer().u8(VERSION).bytes(fromHex(meta.id)).bytes(fromHex(meta.room));
	out.bytes(meta.hostKey).text(cleanText(meta.title, TITLE_BYTES_MAX));
	out
		.u48(meta.startedAtMs)
		.u48(meta.endedAtMs ?? 0)
		.u48(meta.keptAtMs ?? 0);
	out.u8(flag(meta.sealed));
	const people = meta.people.slice(0, CONSENTS_MAX);
	out.u16(people.length);
	for (const person of people) writePerson(out, person);
	return encodeRecord(KINDS.meta, out.finish());
}

function writePerson(out: ByteWriter, { peer, name, agreed }: RecordedPerson): void {
	writeKey(out, peer).text(cleanText(name, NAME_BYTES_MAX)).u8(AGREED.indexOf(agreed));
}

/** The last whole one in the file; null where there is none. Never throws. */
export function readMeta(file: Uint8Array): RecordingMeta | null {
	const { records } = readRecords(file);
	for (const { kind, content } of [...records].reverse()) {
		const meta = kind === KINDS.meta ? decodeMeta(content) : null;
		if (meta !== null) return meta;
	}
	return null;
}

function decodeMeta(content: Uint8Array): RecordingMeta | null {
	const input = reader(content);
	if (input.u8() !== VERSION) return null;
	const meta = {
		id: toHex(input.bytes(RECORDING_ID_BYTES)) as RecordingId,
		room: toHex(input.bytes(ROOM_ID_BYTES)) as RoomId,
		hostKey: input.bytes(PUBLIC_KEY_BYTES).slice(),
		title: input.sealable(TITLE_BYTES_MAX),
		startedAtMs: input.u48(),
		endedAtMs: input.u48() || null,
		keptAtMs: input.u48() || null,
		sealed: readFlag(input),
		people: readList(input, input.u16(), CONSENTS_MAX, readPerson)
	};
	return input.done() ? meta : null;
}

function readPerson(input: ByteReader): RecordedPerson {
	const peer = readKey(input);
	const name = input.sealable(NAME_BYTES_MAX);
	const agreed = AGREED[input.u8()];
	if (agreed === undefined) input.fail();
	return { peer, name, agreed: agreed ?? 'captions' };
}
