/**
 * Checks what lies in a signed file of sound: its pieces against the root that was signed, and every record, event, text
 * and frame by who is said to have made it. Every place that is not as it was signed is named.
 */
import type { ByteSource, Keys } from '../ports.ts';
import { decodeBlock, timeIn, type Run } from '#lib/p2p/archive/block.ts';
import {
	CONTENT_HEAD_BYTES,
	contentBytes,
	partOffset,
	PARTS,
	readContentHead,
	type Part,
	type PartSizes
} from '#lib/p2p/archive/container.ts';
import { KINDS } from '#lib/p2p/archive/kinds.ts';
import { RECORD_BYTES_MAX, SCAN_BYTES } from '#lib/p2p/archive/limits.ts';
import { pieceCount, pieceRange, type Manifest } from '#lib/p2p/archive/manifest.ts';
import { HASH_BYTES, pieceHash, rootOf } from '#lib/p2p/archive/merkle.ts';
import { readMeta } from '#lib/p2p/archive/meta.ts';
import { signedRows } from '#lib/p2p/archive/proof-chain.ts';
import { readRecords, RECORD_EXTRA_BYTES, type RecordRead } from '#lib/p2p/archive/record.ts';
import { openEnvelope, signingBytes } from '#lib/p2p/wire/envelope.ts';
import { isKind, type RoomEvent } from '#lib/p2p/wire/event.ts';
import { roomIdOf, streamOf, type PeerId, type StreamId } from '#lib/p2p/wire/ids.ts';
import { sameBytes } from '#lib/p2p/wire/bytes.ts';
import type { Frame } from '#lib/p2p/wire/packet.ts';
import { coveredBy, frameHash, proofMessage } from '#lib/p2p/wire/proof.ts';
import { seqDistance } from '#lib/p2p/wire/seq.ts';
import { partOf } from './byte-sources.ts';

export type RecordingFault =
	/** It does not begin as a recording does: no more of it is looked at. */
	| 'no-recording'
	/** Its manifest was not signed like this by the host it names. */
	| 'manifest'
	/** It ends too early, or goes on behind its end. */
	| 'length'
	/** The sizes of its parts do not fit its length. */
	| 'sizes'
	/** A piece is not the one its host vouched for. */
	| 'piece'
	/** A hash of a piece is not what its host vouched for. */
	| 'hash'
	/** A record is damaged. */
	| 'record'
	/** The head, or the room's opening, is missing or speaks of another room. */
	| 'no-opening'
	/** An event or a text that its author did not sign, or of another room. */
	| 'bad-event'
	/** Sound on a seat that nobody in it has taken. */
	| 'no-seat'
	/** Sound of somebody who had answered that their voice is not to be recorded. */
	| 'declined'
	/** Sound that its speaker did not sign, or of which no signature says anything. */
	| 'forged-sound';

export interface Fault {
	readonly fault: RecordingFault;
	/** The bytes of the file it is in. */
	readonly from: number;
	readonly to: number;
	/** What stands there, for people. */
	readonly what: string;
}

export interface RecordedVoice {
	readonly stream: StreamId;
	readonly peer: PeerId;
	/** As its seat says; of a locked room a sealed text. */
	readonly name: string;
	readonly voiceTicks: number;
	readonly frames: number;
	readonly proofs: number;
}

/** Places named: who wants to know of more has enough of them. */
export const FAULTS_MAX = 50;

export type Verify = Keys['verify'];

interface Voice {
	readonly peer: PeerId;
	readonly key: Uint8Array;
	readonly name: string;
	voiceTicks: number;
	frames: number;
	proofs: number;
}

export interface ContentCheck {
	readonly file: ByteSource;
	/** What was signed of the content. */
	readonly vouched: Pick<Manifest, 'id' | 'room' | 'hostKey' | 'bytes' | 'root'>;
	/** Where the content begins in the file. */
	readonly contentAt: number;
	readonly verify: Verify;
	/** Told of every frame that is as its speaker signed it, and when it began. */
	readonly onFrame: (frame: Frame, atMs: number, place: Place) => void;
	/** And of every event before that, and when the recorder heard of it. */
	readonly onEvent?: (event: RoomEvent, atMs: number) => void;
	readonly faults: Fault[];
	readonly events: RoomEvent[];
	readonly voices: Map<StreamId, Voice>;
	texts: number;
}

export const newCheck = (
	parts: Pick<ContentCheck, 'file' | 'vouched' | 'contentAt' | 'verify' | 'onFrame' | 'onEvent'>
): ContentCheck => ({ ...parts, faults: [], events: [], voices: new Map(), texts: 0 });

/** All of it. What was found stands in `check` from then on. */
export async function checkContent(check: ContentCheck): Promise<void> {
	await checkPieces(check);
	await checkParts(check);
}

export const voicesIn = ({ voices }: ContentCheck): RecordedVoice[] =>
	[...voices].map(([stream, { peer, name, voiceTicks, frames, proofs }]) => ({
		...{ stream, peer, name, voiceTicks, frames, proofs }
	}));

/** Not kept beyond what is told, whatever a file is made of. */
export function blame(check: ContentCheck, fault: Fault): void {
	if (check.faults.length < FAULTS_MAX) check.faults.push(fault);
}

/** By the hashes behind the content, which the signed root vouches for all together. */
async function checkPieces(check: ContentCheck): Promise<void> {
	const { file, contentAt } = check;
	const { bytes, root } = check.vouched;
	const count = pieceCount(bytes);
	const hashesAt = contentAt + bytes;
	const end = hashesAt + count * HASH_BYTES;
	if (file.size !== end) {
		const [from, to] = [Math.min(file.size, end), Math.max(file.size, end)];
		blame(check, { fault: 'length', from, to, what: `the end: there should be ${end} bytes` });
	}
	const told = await file.read(hashesAt, count * HASH_BYTES);
	const toldOf = (i: number): Uint8Array => told.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES);
	const hashes: Uint8Array[] = [];
	const other: number[] = [];
	for (let i = 0; i < count; i++) {
		const { offset, length } = pieceRange(bytes, i);
		const hash = pieceHash(await file.read(contentAt + offset, length));
		hashes.push(hash);
		if (!sameBytes(hash, toldOf(i))) other.push(i);
	}
	const isWhole = sameBytes(rootOf(hashes), root);
	if (isWhole && other.length === 0) return;
	for (const i of other) {
		const { offset, length } = pieceRange(bytes, i);
		const from = isWhole ? hashesAt + i * HASH_BYTES : contentAt + offset;
		const to = isWhole ? from + HASH_BYTES : from + length;
		const what = isWhole ? `the hash of piece ${i + 1}` : `piece ${i + 1} of ${count}`;
		blame(check, { fault: isWhole ? 'hash' : 'piece', from, to, what });
	}
	// Hashes that fit the pieces, and not what was signed: the content is another, or the manifest.
	if (other.length === 0) {
		const what = 'the content, which is not what was signed';
		blame(check, { fault: 'piece', from: contentAt, to: hashesAt, what });
	}
}

async function checkParts(check: ContentCheck): Promise<void> {
	const { file, contentAt: at } = check;
	const content = partOf(file, at, check.vouched.bytes);
	const sizes = readContentHead(await content.read(0, CONTENT_HEAD_BYTES));
	if (sizes === null || contentBytes(sizes) !== check.vouched.bytes) {
		const to = at + CONTENT_HEAD_BYTES;
		blame(check, { fault: 'sizes', from: at, to, what: 'the sizes of the parts' });
		return;
	}
	for (const part of PARTS) await checkPart(check, part, sizes);
}

const NAMES: Readonly<Record<Part, string>> = {
	meta: 'the recording’s head',
	log: 'the events and texts',
	index: 'the index',
	sound: 'the sound'
};

async function checkPart(check: ContentCheck, part: Part, sizes: PartSizes): Promise<void> {
	const at = check.contentAt + partOffset(sizes, part);
	let writtenMs = 0;
	if (part === 'meta') await checkMeta(check, at, sizes.meta);
	for await (const found of recordsIn(check.file, at, sizes[part])) {
		if (found.record === null) {
			const { from, to } = found;
			const near = part === 'sound' ? `, about ${clock(writtenMs)} from its beginning` : '';
			blame(check, { fault: 'record', from, to, what: `${NAMES[part]}${near}` });
			continue;
		}
		if (part === 'log') await checkEntry(check, found.record, found);
		if (part !== 'sound' || found.record.kind !== KINDS.block) continue;
		const block = decodeBlock(found.record.content);
		if (block === null) {
			blame(check, { ...rangeOf(found), fault: 'record', what: 'a block of sound' });
			continue;
		}
		writtenMs = block.writtenMs;
		for (const run of block.runs) await checkRun(check, run, found);
	}
	if (part === 'log') checkOpening(check, at, sizes.log);
}

export interface Place {
	readonly from: number;
	readonly to: number;
}

const rangeOf = ({ from, to }: Place): Place => ({ from, to });

interface Found extends Place {
	/** Null: bytes that belong to none. */
	readonly record: RecordRead | null;
}

/** Every record of a part, and what lies between them, by places in the file. */
async function* recordsIn(file: ByteSource, at: number, length: number): AsyncGenerator<Found> {
	const end = at + length;
	for (let from = at; from < end;) {
		const size = Math.min(SCAN_BYTES, end - from);
		const bytes = await file.read(from, size);
		const isLast = from + size >= end;
		const { records, end: read } = readRecords(bytes);
		let behind = 0;
		for (const record of records) {
			if (record.from > behind) yield { from: from + behind, to: from + record.from, record: null };
			yield { from: from + record.from, to: from + record.to, record };
			behind = record.to;
		}
		if (isLast && read < size) yield { from: from + read, to: end, record: null };
		// A record may have begun that ends in what was not read yet; more than that is none.
		const skipped = Math.max(read, size - RECORD_BYTES_MAX - RECORD_EXTRA_BYTES);
		if (!isLast && skipped > read) yield { from: from + read, to: from + skipped, record: null };
		from += isLast ? size : skipped;
	}
}

async function checkMeta(check: ContentCheck, at: number, length: number): Promise<void> {
	const meta = readMeta(await check.file.read(at, length));
	const { id, room, hostKey } = check.vouched;
	if (meta?.id === id && meta.room === room && sameBytes(meta.hostKey, hostKey)) return;
	blame(check, { fault: 'no-opening', from: at, to: at + length, what: 'the recording’s head' });
}

async function checkEntry(check: ContentCheck, record: RecordRead, place: Place): Promise<void> {
	if (record.kind !== KINDS.event && record.kind !== KINDS.text) return;
	const opened = openEnvelope(record.content.subarray(TIME_BYTES));
	const isGood =
		opened.ok &&
		opened.event.room === check.vouched.room &&
		(await check.verify(opened.event.authorKey, signingBytes(opened.unsigned), opened.signature));
	if (!isGood) {
		const who = opened.ok ? ` that says it is by ${opened.event.author}` : '';
		blame(check, { ...rangeOf(place), fault: 'bad-event', what: `an event or text${who}` });
		return;
	}
	const { event } = opened;
	if (record.kind === KINDS.text) {
		check.texts++;
		return;
	}
	check.events.push(event);
	check.onEvent?.(event, timeOf(record));
	if (!isKind(event, 'sit')) return;
	check.voices.set(streamOf(event.id), {
		...{ peer: event.author, key: event.authorKey, name: event.body.name },
		...{ voiceTicks: 0, frames: 0, proofs: 0 }
	});
}

/** What stands before an envelope in the log: u32. */
const TIME_BYTES = 4;
const timeOf = ({ content }: RecordRead): number =>
	new DataView(content.buffer, content.byteOffset).getUint32(0);

function checkOpening(check: ContentCheck, at: number, length: number): void {
	const { room, hostKey } = check.vouched;
	const isOpened = check.events.some(
		(event) =>
			isKind(event, 'open') &&
			sameBytes(event.authorKey, hostKey) &&
			roomIdOf(event.authorKey, event.body.nonce) === room
	);
	if (isOpened) return;
	const what = 'the events, in which the host’s opening of the room is missing';
	blame(check, { fault: 'no-opening', from: at, to: at + length, what });
}

async function checkRun(check: ContentCheck, run: Run, place: Place): Promise<void> {
	const voice = check.voices.get(run.stream);
	const when = clock(run.atMs);
	if (voice === undefined) {
		const what = `sound of ${run.stream}, ${when} from its beginning`;
		blame(check, { ...rangeOf(place), fault: 'no-seat', what });
		return;
	}
	const hashes = new Map<number, Uint8Array>();
	for (const { signed, proofs } of signedRows(run.stream, run.proofs)) {
		const message = proofMessage(run.stream, signed.seq, signed);
		if (!(await check.verify(voice.key, message, signed.signature))) continue;
		voice.proofs++;
		for (const proof of proofs) {
			for (const { seq, hash } of coveredBy(proof.seq, proof)) hashes.set(seq, hash);
		}
	}
	for (const frame of run.frames) {
		const vouched = hashes.get(frame.seq);
		if (vouched !== undefined && sameBytes(vouched, frameHash(frame.content))) {
			voice.frames++;
			if (frame.kind === 'voice') voice.voiceTicks++;
			check.onFrame(frame, timeIn(run, frame.seq), place);
			continue;
		}
		const said = clock(timeIn(run, frame.seq));
		const number = seqDistance(frame.seq, run.frames[0]?.seq ?? frame.seq) + 1;
		const what = `sound that says it is of ${voice.peer}, ${said} from its beginning (frame ${number} of its block)`;
		blame(check, { ...rangeOf(place), fault: 'forged-sound', what });
		return;
	}
}

/** `00:01:05.250` */
export function clock(ms: number): string {
	return new Date(ms).toISOString().slice(11, 23);
}
