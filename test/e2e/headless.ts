/** Peers without a browser in a test's room: they listen, pass on, and take seats. */
import { OpusDecoder } from 'opus-decoder';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { fetchSeedInfo } from '#lib/io/net/seed-info.ts';
import type { RoomView } from '#lib/p2p/peer/view.ts';
import type { PlayoutInput } from '#lib/p2p/playout/messages.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { parseRoomKey } from '#lib/p2p/wire/room-key.ts';
import { seqDistance } from '#lib/p2p/wire/seq.ts';
import {
	startHeadlessPeer,
	type HeadlessOptions,
	type HeadlessPeer
} from '../../src/seed/headless-peer.ts';
import { goertzelDb } from '../lib/sound.ts';
import { eventually, orTell } from './drive.ts';
import { HEARD_DBFS } from './ear.ts';

/** Frames kept of each speaker to be listened to: the last second and a half. */
const FRAMES_KEPT_MAX = 75;

export interface Headless {
	readonly peer: HeadlessPeer;
	readonly name: string;
	readonly view: () => RoomView | null;
	/** What it received last of all speakers, decoded and mixed: mono, 48 kHz, each in the order it was said. */
	lastSound(): Promise<Float32Array>;
	/** What comes from now on is all that `lastSound` tells of. */
	forgetSound(): void;
}

/** How many it carries, whether it gossips, and what comes between it and its links. */
export type HeadlessHow = Pick<HeadlessOptions, 'fanout' | 'gossip' | 'shape'>;

export async function joinHeadless(
	url: string,
	key: string,
	name: string,
	how: number | HeadlessHow
): Promise<Headless> {
	const more = typeof how === 'number' ? { fanout: how } : how;
	const answer = await fetchSeedInfo(url);
	const reading = parseRoomKey(key);
	if (!answer.ok || !reading.ok) throw new Error('The seed or the key of the test is broken.');
	let view: RoomView | null = null;
	const frames: KeptFrames = new Map();
	const peer = await startHeadlessPeer({
		seeds: answer.info.seeds,
		iceServers: answer.info.iceServers,
		room: reading.room,
		access: reading.access ?? null,
		name,
		...more,
		clock: createSystemClock(),
		onSound: (inputs) => {
			keep(frames, inputs);
		},
		onStatus: (status) => {
			view = status.view;
		}
	});
	return {
		peer,
		name,
		view: () => view,
		lastSound: () => mix(frames),
		forgetSound: () => frames.clear()
	};
}

/** Waits until all of `hz` are in what it received last. Where they never are, what it knows is told. */
export function hearsInNode(who: Headless, ...hz: readonly number[]): Promise<number[]> {
	const heard = eventually(
		`${who.name} hears ${hz.join(', ')} Hz`,
		() => tonesInNode(who, ...hz),
		(levels) => levels.every((level) => level > HEARD_DBFS)
	);
	return orTell(heard, () => Promise.resolve(who.peer.engine.diagnostics()));
}

/** Level of each in dBFS, in what it received last. */
export async function tonesInNode(who: Headless, ...hz: readonly number[]): Promise<number[]> {
	const sound = await who.lastSound();
	return hz.map((tone) => goertzelDb(sound, tone));
}

interface Kept {
	readonly seq: number;
	readonly opus: Uint8Array;
}

type KeptFrames = Map<StreamId, Kept[]>;

function keep(kept: KeptFrames, inputs: readonly PlayoutInput[]): void {
	for (const input of inputs) {
		if (input.type !== 'frame') continue;
		const frames = kept.get(input.stream) ?? [];
		const { seq, opus } = input;
		kept.set(input.stream, [...frames, { seq, opus }].slice(-FRAMES_KEPT_MAX));
	}
}

async function mix(kept: KeptFrames): Promise<Float32Array> {
	const voices: Float32Array[] = [];
	for (const [stream, frames] of kept) voices.push(await decode(stream, frames));
	const sum = new Float32Array(Math.max(0, ...voices.map((voice) => voice.length)));
	for (const voice of voices) {
		for (let i = 0; i < voice.length; i++) sum[i] = (sum[i] ?? 0) + (voice[i] ?? 0);
	}
	return sum;
}

/** One for each voice, for it builds on what it decoded before; made once, for that takes longer than all it decodes. */
const decoders = new Map<StreamId, OpusDecoder<48_000>>();

async function decode(stream: StreamId, frames: readonly Kept[]): Promise<Float32Array> {
	const inOrder = [...frames].sort((a, b) => seqDistance(a.seq, b.seq));
	const decoder = decoders.get(stream) ?? new OpusDecoder({ channels: 1, sampleRate: 48_000 });
	decoders.set(stream, decoder);
	await decoder.ready;
	const { channelData } = decoder.decodeFrames(inOrder.map(({ opus }) => opus));
	return channelData[0] ?? new Float32Array(0);
}
