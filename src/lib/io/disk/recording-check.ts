/**
 * What the signed original of a recording proves. Everything in it is checked, and every place that is not as it was
 * signed is named: by what its host vouches for, piece by piece, and by what each speaker has signed.
 */
import { partOf } from './byte-sources.ts';
import type { ByteSource, Keys } from '../ports.ts';
import { decodeBlock, timeIn, type Run } from '#lib/p2p/archive/block.ts';
import {
	CONTENT_HEAD_BYTES,
	contentBytes,
	FILE_HEAD_BYTES_MAX,
	partOffset,
	PARTS,
	readContentHead,
	readFileHead,
	type FileHead,
	type Part,
	type PartSizes
} from '#lib/p2p/archive/container.ts';
import { KINDS } from '#lib/p2p/archive/kinds.ts';
import { RECORD_BYTES_MAX, SCAN_BYTES } from '#lib/p2p/archive/limits.ts';
import {
	manifestMessage,
	pieceCount,
	pieceRange,
	type Manifest
} from '#lib/p2p/archive/manifest.ts';
import { HASH_BYTES, pieceHash, rootOf } from '#lib/p2p/archive/merkle.ts';
import { readMeta } from '#lib/p2p/archive/meta.ts';
import { signedRows } from '#lib/p2p/archive/proof-chain.ts';
import { readRecords, RECORD_EXTRA_BYTES, type RecordRead } from '#lib/p2p/archive/record.ts';
import { openEnvelope, signingBytes } from '#lib/p2p/wire/envelope.ts';
import { isKind, type RoomEvent } from '#lib/p2p/wire/event.ts';
import { peerIdOf, roomIdOf, streamOf, type PeerId, type StreamId } from '#lib/p2p/wire/ids.ts';
import { sameBytes } from '#lib/p2p/wire/bytes.ts';
import { coveredBy, frameHash, proofMessage } from '#lib/p2p/wire/proof.ts';
import { seqDistance } from '#lib/p2p/wire/seq.ts';

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

export interface CheckedRecording {
	/** Null where the file is no recording. */
	readonly manifest: Manifest | null;
	readonly host: PeerId | null;
	readonly events: number;
	readonly texts: number;
	readonly voices: readonly RecordedVoice[];
	/** Empty: every signature holds, and nothing was cut or changed. At most FAULTS_MAX. */
	readonly faults: readonly Fault[];
}

/** Places named: who wants to know of more has enough of them. */
export const FAULTS_MAX = 50;

type Verify = Keys['verify'];

interface Voice {
	readonly peer: PeerId;
	readonly key: Uint8Array;
	readonly name: string;
	voiceTicks: number;
	frames: number;
	proofs: number;
}

interface Check {
	readonly file: ByteSource;
	readonly head: FileHead;
	readonly verify: Verify;
	readonly faults: Fault[];
	readonly events: RoomEvent[];
	readonly voices: Map<StreamId, Voice>;
	texts: number;
}

/** `file`: a signed original. Rejects where it cannot be read. */
export async function checkRecording(file: ByteSource, verify: Verify): Promise<CheckedRecording> {
	const head = readFileHead(await file.read(0, FILE_HEAD_BYTES_MAX));
	if (head === null) {
		const to = Math.min(file.size, FILE_HEAD_BYTES_MAX);
		const fault: Fault = { fault: 'no-recording', from: 0, to, what: 'the file’s head' };
		return { manifest: null, host: null, events: 0, texts: 0, voices: [], faults: [fault] };
	}
	const check: Check = {
		...{ file, head, verify, faults: [], events: [], voices: new Map(), texts: 0 }
	};
	await checkManifest(check);
	await checkPieces(check);
	await checkParts(check);
	return {
		manifest: head.manifest,
		host: peerIdOf(head.manifest.hostKey),
		events: check.events.length,
		texts: check.texts,
		voices: [...check.voices].map(([stream, { peer, name, voiceTicks, frames, proofs }]) => ({
			...{ stream, peer, name, voiceTicks, frames, proofs }
		})),
		faults: check.faults.slice(0, FAULTS_MAX)
	};
}

/** Not kept beyond what is told, whatever a file is made of. */
function blame(check: Check, fault: Fault): void {
	if (check.faults.length < FAULTS_MAX) check.faults.push(fault);
}

async function checkManifest(check: Check): Promise<void> {
	const { manifest, unsigned, signature, contentAt } = check.head;
	if (await check.verify(manifest.hostKey, manifestMessage(unsigned), signature)) return;
	blame(check, { fault: 'manifest', from: 0, to: contentAt, what: 'the manifest' });
}

/** By the hashes behind the content, which the signed root vouches for all together. */
async function checkPieces(check: Check): Promise<void> {
	const { file, head } = check;
	const { bytes, root } = head.manifest;
	const count = pieceCount(bytes);
	const hashesAt = head.contentAt + bytes;
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
		const hash = pieceHash(await file.read(head.contentAt + offset, length));
		hashes.push(hash);
		if (!sameBytes(hash, toldOf(i))) other.push(i);
	}
	const isWhole = sameBytes(rootOf(hashes), root);
	if (isWhole && other.length === 0) return;
	for (const i of other) {
		const { offset, length } = pieceRange(bytes, i);
		const from = isWhole ? hashesAt + i * HASH_BYTES : head.contentAt + offset;
		const to = isWhole ? from + HASH_BYTES : from + length;
		const what = isWhole ? `the hash of piece ${i + 1}` : `piece ${i + 1} of ${count}`;
		blame(check, { fault: isWhole ? 'hash' : 'piece', from, to, what });
	}
	// Hashes that fit the pieces, and not what was signed: the content is another, or the manifest.
	if (other.length === 0) {
		const what = 'the content, which is not what the manifest speaks of';
		blame(check, { fault: 'piece', from: head.contentAt, to: hashesAt, what });
	}
}

async function checkParts(check: Check): Promise<void> {
	const { file, head } = check;
	const content = partOf(file, head.contentAt, head.manifest.bytes);
	const sizes = readContentHead(await content.read(0, CONTENT_HEAD_BYTES));
	const at = head.contentAt;
	if (sizes === null || contentBytes(sizes) !== head.manifest.bytes) {
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

async function checkPart(check: Check, part: Part, sizes: PartSizes): Promise<void> {
	const at = check.head.contentAt + partOffset(sizes, part);
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

interface Place {
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

async function checkMeta(check: Check, at: number, length: number): Promise<void> {
	const meta = readMeta(await check.file.read(at, length));
	const { id, room, hostKey } = check.head.manifest;
	if (meta?.id === id && meta.room === room && sameBytes(meta.hostKey, hostKey)) return;
	blame(check, { fault: 'no-opening', from: at, to: at + length, what: 'the recording’s head' });
}

async function checkEntry(check: Check, record: RecordRead, place: Place): Promise<void> {
	if (record.kind !== KINDS.event && record.kind !== KINDS.text) return;
	const opened = openEnvelope(record.content.subarray(TIME_BYTES));
	const isGood =
		opened.ok &&
		opened.event.room === check.head.manifest.room &&
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
	if (!isKind(event, 'sit')) return;
	check.voices.set(streamOf(event.id), {
		...{ peer: event.author, key: event.authorKey, name: event.body.name },
		...{ voiceTicks: 0, frames: 0, proofs: 0 }
	});
}

/** What stands before an envelope in the log. */
const TIME_BYTES = 4;

function checkOpening(check: Check, at: number, length: number): void {
	const { room, hostKey } = check.head.manifest;
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

async function checkRun(check: Check, run: Run, place: Place): Promise<void> {
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
			continue;
		}
		const said = clock(timeIn(run, frame.seq));
		const number = seqDistance(frame.seq, run.frames[0]?.seq ?? frame.seq) + 1;
		const what = `sound that says it is of ${voice.peer}, ${said} from its beginning (frame ${number} of its block)`;
		blame(check, { ...rangeOf(place), fault: 'forged-sound', what });
		return;
	}
}

/** `0:01:05.250` */
function clock(ms: number): string {
	return new Date(ms).toISOString().slice(11, 23);
}
