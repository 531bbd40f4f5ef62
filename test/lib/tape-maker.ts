/** Makes recordings: as long, and with as many speakers, as a test or a bench asks for, by the code that records. */
import type { Part } from '#lib/p2p/archive/container.ts';
import { encodeLogEntry, type LogEntry } from '#lib/p2p/archive/log-entry.ts';
import { encodeMeta, type RecordingMeta } from '#lib/p2p/archive/meta.ts';
import { createTape, type Written } from '#lib/p2p/archive/tape.ts';
import { createProver } from '#lib/p2p/peer/prover.ts';
import { createTalk } from '#lib/p2p/voice/talk.ts';
import { encodeUnsigned, openEnvelope, seal, signingBytes } from '#lib/p2p/wire/envelope.ts';
import type { EventBody, RoomEvent } from '#lib/p2p/wire/event.ts';
import {
	concat,
	roomIdOf,
	streamOf,
	type RecordingId,
	type RoomId,
	type StreamId
} from '#lib/p2p/wire/ids.ts';
import {
	decodePacket,
	encodeFrames,
	encodeSilence,
	encodeVoice,
	type Frame
} from '#lib/p2p/wire/packet.ts';
import { Dice } from '../sim/dice.ts';
import { realPerson, type RealPerson } from './reported-room.ts';

export const STARTED_MS = 1_790_000_000_000;
const TICK_MS = 20;
const nonce = new Uint8Array(8).fill(5);

export interface MadeSpeaker extends RealPerson {
	readonly stream: StreamId;
}

export interface MadeTape {
	readonly parts: Readonly<Record<Part, Uint8Array>>;
	readonly meta: RecordingMeta;
	readonly room: RoomId;
	/** The host first. */
	readonly speakers: readonly MadeSpeaker[];
}

export interface TapeWish {
	readonly seconds: number;
	/** 1 to 11, the host included. */
	readonly speakers: number;
	/** Who talks in that tick of 20 ms; left out: one after the other, five seconds each. */
	readonly talks?: (speaker: number, tick: number) => boolean;
	/** An Opus frame of 20 ms; left out: bytes by chance, 76 as a rule, which decode to some noise. */
	readonly opus?: (speaker: number, tick: number) => Uint8Array;
	/** False: signatures are zeros, which is a hundred times as fast. */
	readonly signed?: boolean;
	/** Pins, texts, marks at their times, beside the mark at the beginning and the one at the end. */
	readonly extra?: readonly LogEntry[];
	/** Called before the file is finished, for more pins and the like of the host. */
	readonly tell?: (sign: Signer) => Promise<readonly LogEntry[]>;
}

/** Signs an event of one of the speakers (0: the host). */
export type Signer = (speaker: number, body: EventBody) => Promise<RoomEvent>;

export async function makeTape(wish: TapeWish): Promise<MadeTape> {
	const people = await Promise.all(
		Array.from({ length: wish.speakers }, (_, i) => realPerson(i + 1))
	);
	const host = people[0];
	if (host === undefined) throw new Error('Nobody speaks.');
	const room = roomIdOf(host.keys.publicKey, nonce);
	const sign = signer(room, people);
	const { events, speakers } = await seated(sign, people);
	const log: LogEntry[] = events.map(({ bytes }) => ({ type: 'event', atMs: 0, envelope: bytes }));
	log.push({ type: 'mark', mark: 'on', atMs: 0, lastMs: 0 });
	log.push(...(wish.extra ?? []), ...((await wish.tell?.(sign)) ?? []));
	const endMs = wish.seconds * 1_000;
	log.push({ type: 'mark', mark: 'off', atMs: endMs, lastMs: endMs });
	const meta: RecordingMeta = {
		id: '0123456789abcdef0123456789abcdef' as RecordingId,
		room,
		hostKey: host.keys.publicKey,
		title: 'Made for a test',
		startedAtMs: STARTED_MS,
		endedAtMs: STARTED_MS + endMs,
		keptAtMs: null,
		sealed: false,
		people: speakers.map(({ peer, name }) => ({ peer, name, agreed: 'sound' }))
	};
	const { sound, index } = await soundOf(wish, speakers);
	const parts = { meta: encodeMeta(meta), log: concat(...log.map(encodeLogEntry)), index, sound };
	return { parts, meta, room, speakers };
}

function signer(room: RoomId, people: readonly RealPerson[]): Signer {
	const sequences = new Map<number, number>();
	let lamport = 0;
	return async (speaker, body) => {
		const { keys } = people[speaker]!;
		// Captions are not counted: they are no part of the room's log.
		const sequence = body.kind === 'caption' ? 0 : (sequences.get(speaker) ?? 0) + 1;
		if (sequence > 0) sequences.set(speaker, sequence);
		const authorKey = keys.publicKey;
		const unsigned = encodeUnsigned({ room, authorKey, sequence, lamport: ++lamport, body });
		const opened = openEnvelope(seal(unsigned, await keys.sign(signingBytes(unsigned))));
		if (!opened.ok) throw new Error(opened.reason);
		return opened.event;
	};
}

async function seated(
	sign: Signer,
	people: readonly RealPerson[]
): Promise<{ events: RoomEvent[]; speakers: MadeSpeaker[] }> {
	const [title, hostName, createdAtMs] = ['Made for a test', people[0]!.name, STARTED_MS];
	const events = [await sign(0, { kind: 'open', nonce, title, hostName, createdAtMs })];
	const speakers: MadeSpeaker[] = [];
	for (const [i, person] of people.entries()) {
		const to = person.peer;
		const invitation = i === 0 ? null : await sign(0, { kind: 'invite', to });
		const invite = invitation?.id ?? null;
		const sit = await sign(i, { kind: 'sit', invite, name: person.name });
		events.push(...(invitation === null ? [] : [invitation]), sit);
		speakers.push({ ...person, stream: streamOf(sit.id) });
	}
	return { events, speakers };
}

async function soundOf(
	wish: TapeWish,
	speakers: readonly MadeSpeaker[]
): Promise<Record<'sound' | 'index', Uint8Array>> {
	const tape = createTape({ startedAtMs: STARTED_MS, soundBytes: 0 });
	const parts = { sound: [] as Uint8Array[], index: [] as Uint8Array[] };
	const add = (written: Written): void => {
		parts.sound.push(...written.sound);
		parts.index.push(...written.index);
	};
	const voices = speakers.map((speaker, i) => voiceOf(wish, speaker, i));
	for (let tick = 0; tick < (wish.seconds * 1_000) / TICK_MS; tick++) {
		const atMs = STARTED_MS + (tick + 1) * TICK_MS;
		for (const say of voices) {
			const frame = await say(tick, atMs);
			if (frame !== null) tape.hear({ frame, atMs });
		}
		if (tick % 36 === 35) add(tape.flush(atMs));
	}
	add(tape.finish(STARTED_MS + wish.seconds * 1_000));
	return { sound: concat(...parts.sound), index: concat(...parts.index) };
}

function voiceOf(
	wish: TapeWish,
	{ stream, keys }: MadeSpeaker,
	speaker: number
): (tick: number, atMs: number) => Promise<Frame | null> {
	const prover = createProver();
	const talk = createTalk(1_000_000 * (speaker + 1));
	const dice = new Dice(speaker + 1);
	const talks = wish.talks ?? ((who, tick) => Math.floor(tick / 250) % wish.speakers === who);
	const opus = wish.opus ?? (() => noise(dice));
	return async (tick, atMs) => {
		const step = talk({ active: talks(speaker, tick), muted: false });
		if (step.type === 'nothing') return null;
		const bytes =
			step.type === 'voice'
				? encodeVoice(stream, step.seq, 30, opus(speaker, tick))
				: encodeSilence(stream, step.seq, step.ticks);
		const last = step.type === 'silence';
		const offered = prover.offer({ stream, seq: step.seq, bytes, last, atMs });
		if (offered.type === 'ready') return asFrame(offered.bytes);
		const signature = wish.signed === false ? new Uint8Array(64) : await keys.sign(offered.message);
		const proven = prover.proved(offered.ticket, signature);
		return proven === null ? null : asFrame(proven);
	};
}

/** Wide band, 20 ms, mono, and as long as what comes of real speech: 76 bytes as a rule. */
function noise(dice: Dice): Uint8Array {
	const bytes = new Uint8Array(61 + Math.floor(dice.next() * 31));
	for (let i = 1; i < bytes.length; i++) bytes[i] = Math.floor(dice.next() * 256);
	bytes[0] = 0x48;
	return bytes;
}

/** A frame with its proof, if it carries one, as it travels. */
export function asFrame(bytes: Uint8Array): Frame {
	const packet = decodePacket(encodeFrames([bytes]));
	const [frame] = packet?.type === 'frames' ? packet.frames : [];
	if (frame === undefined) throw new Error('It is no frame.');
	return frame;
}
