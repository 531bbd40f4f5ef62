/**
 * What a report proves, and what not. Every signature in it is checked; a report in which one does not hold, or in which
 * anything is not covered by one, proves nothing and is refused as a whole.
 */
import type { Keys } from '#lib/io/ports.ts';
import { openEnvelope, signingBytes } from '#lib/p2p/wire/envelope.ts';
import { isKind, type RoomEvent } from '#lib/p2p/wire/event.ts';
import {
	peerIdOf,
	publicKeyOf,
	roomIdOf,
	streamOf,
	type PeerId,
	type StreamId
} from '#lib/p2p/wire/ids.ts';
import { decodePacket, encodeFrames, type Frame } from '#lib/p2p/wire/packet.ts';
import { coveredBy, frameHash, proofMessage } from '#lib/p2p/wire/proof.ts';
import {
	openReport,
	reportMessage,
	type Report,
	type ReportedFrame,
	type ReportedStream
} from '#lib/p2p/wire/report.ts';
import { seqDistance } from '#lib/p2p/wire/seq.ts';
import { sameBytes } from '#lib/p2p/wire/bytes.ts';

export type ReportFault =
	/** Not exactly one report of a version we know. */
	| 'malformed'
	/** Who is named as its reporter did not sign it as it is. */
	| 'not-signed'
	/** An event that is none, is of another room, or that its author did not sign. */
	| 'bad-event'
	/** The room's opening is missing, or is another room's. */
	| 'no-opening'
	/** Sound on a seat that nobody in the report has taken. */
	| 'no-seat'
	/** A frame that is none, is of another stream, comes twice or out of order. */
	| 'bad-frame'
	/** Sound that its speaker did not sign. */
	| 'forged-sound'
	/** Sound of which no signature in the report says anything. */
	| 'unproven-sound';

export interface CheckedVoice {
	readonly stream: StreamId;
	readonly peer: PeerId;
	readonly frames: readonly CheckedFrame[];
	/** Numbers between the first and the last that neither a frame nor a silence covers. */
	readonly missing: number;
}

export interface CheckedFrame {
	readonly frame: Frame;
	/** When the reporter's app had it proven, by the reporter's clock, epoch ms. */
	readonly heardAtMs: number;
}

export interface CheckedReport {
	readonly report: Report;
	readonly reporter: PeerId;
	readonly title: string;
	readonly host: PeerId;
	readonly events: readonly RoomEvent[];
	readonly voices: readonly CheckedVoice[];
}

export type ReportVerdict =
	| { readonly ok: true; readonly checked: CheckedReport }
	| { readonly ok: false; readonly fault: ReportFault; readonly about: string };

type Verify = Keys['verify'];

/** Thrown and caught in this file alone: one fault ends the check, wherever it is found. */
class Refused extends Error {
	readonly fault: ReportFault;
	constructor(fault: ReportFault, about: string) {
		super(about);
		this.fault = fault;
	}
}

export async function checkReport(file: Uint8Array, verify: Verify): Promise<ReportVerdict> {
	try {
		return { ok: true, checked: await check(file, verify) };
	} catch (error) {
		if (!(error instanceof Refused)) throw error;
		return { ok: false, fault: error.fault, about: error.message };
	}
}

async function check(file: Uint8Array, verify: Verify): Promise<CheckedReport> {
	const opened = openReport(file);
	if (opened === null) throw new Refused('malformed', `${file.length} bytes`);
	const { report, unsigned, signature } = opened;
	const reporter = peerIdOf(report.reporterKey);
	if (!(await verify(report.reporterKey, reportMessage(unsigned), signature))) {
		throw new Refused('not-signed', reporter);
	}
	const events: RoomEvent[] = [];
	for (const envelope of report.events) events.push(await checkEvent(report, envelope, verify));
	const opening = events.find((event) => isKind(event, 'open'));
	if (opening === undefined || !isKind(opening, 'open'))
		throw new Refused('no-opening', report.room);
	if (roomIdOf(opening.authorKey, opening.body.nonce) !== report.room) {
		throw new Refused('no-opening', report.room);
	}
	const voices: CheckedVoice[] = [];
	for (const one of report.sound) voices.push(await checkVoice({ report, events, verify }, one));
	const { author: host, body } = opening;
	return { report, reporter, title: body.title, host, events, voices };
}

async function checkEvent(
	report: Report,
	envelope: Uint8Array,
	verify: Verify
): Promise<RoomEvent> {
	const opened = openEnvelope(envelope);
	if (!opened.ok) throw new Refused('bad-event', opened.reason);
	const { event, unsigned, signature } = opened;
	const isGood =
		event.room === report.room &&
		(await verify(event.authorKey, signingBytes(unsigned), signature));
	if (!isGood) throw new Refused('bad-event', event.id);
	return event;
}

interface Context {
	readonly report: Report;
	readonly events: readonly RoomEvent[];
	readonly verify: Verify;
}

async function checkVoice(
	{ report, events, verify }: Context,
	{ stream, frames }: ReportedStream
): Promise<CheckedVoice> {
	const sit = events.find((event) => isKind(event, 'sit') && streamOf(event.id) === stream);
	if (sit === undefined) throw new Refused('no-seat', stream);
	const read = frames.map((one) => readFrame(stream, one));
	read.forEach((frame, i) => {
		const before = read[i - 1];
		const isNext = before === undefined || seqDistance(frame.seq, before.seq) > 0;
		if (!isNext) throw new Refused('bad-frame', nameOf(frame));
	});
	const hashes = await provenHashes(read, publicKeyOf(sit.author) ?? sit.authorKey, verify);
	for (const frame of read) {
		const vouched = hashes.get(frame.seq);
		if (vouched === undefined) throw new Refused('unproven-sound', nameOf(frame));
		if (!vouched.every((hash) => sameBytes(hash, frameHash(frame.content)))) {
			throw new Refused('forged-sound', nameOf(frame));
		}
	}
	const checked = read.map((frame, i) => ({
		frame,
		heardAtMs: report.madeAtMs - (frames[i]?.ageMs ?? 0)
	}));
	return { stream, peer: sit.author, frames: checked, missing: missingIn(read) };
}

function readFrame(stream: StreamId, { bytes }: ReportedFrame): Frame {
	const packet = decodePacket(encodeFrames([bytes]));
	const frames = packet?.type === 'frames' ? packet.frames : [];
	const [frame] = frames;
	if (frame === undefined || frames.length > 1 || frame.stream !== stream) {
		throw new Refused('bad-frame', stream);
	}
	return frame;
}

/** What the speaker's signatures say of each number. */
async function provenHashes(
	frames: readonly Frame[],
	speaker: Uint8Array,
	verify: Verify
): Promise<ReadonlyMap<number, readonly Uint8Array[]>> {
	const hashes = new Map<number, Uint8Array[]>();
	for (const frame of frames) {
		const { stream, seq, proof } = frame;
		if (proof === null) continue;
		if (!(await verify(speaker, proofMessage(stream, seq, proof), proof.signature))) {
			throw new Refused('forged-sound', nameOf(frame));
		}
		for (const { seq: covered, hash } of coveredBy(seq, proof)) {
			hashes.set(covered, [...(hashes.get(covered) ?? []), hash]);
		}
	}
	return hashes;
}

const nameOf = ({ stream, seq }: Frame): string => `frame ${seq} of ${stream}`;

function missingIn(frames: readonly Frame[]): number {
	let missing = 0;
	frames.forEach((frame, i) => {
		const before = frames[i - 1];
		if (before === undefined) return;
		// A silence covers as many ticks as it says, up to its own.
		const covered = frame.kind === 'silence' ? frame.ticks : 1;
		missing += Math.max(0, seqDistance(frame.seq, before.seq) - covered);
	});
	return missing;
}
