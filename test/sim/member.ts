/** One person of the world: a real core, the device it runs on, and what it has heard. */
import type { PeerInput, PeerOutput } from '#lib/p2p/peer/io.ts';
import type { PeerId, StreamId } from '#lib/p2p/wire/ids.ts';
import type { Core } from './core.ts';
import type { Place } from './places.ts';
import type { Line } from './wires.ts';

/** What a device is like. */
export interface Device {
	/** Bytes a second it can send, headers included; Infinity: more than anybody asks for. */
	readonly uplinkBytesPerS: number;
	/** Every input is handled that much later than it came. */
	readonly lateMs: number;
}

export const GOOD_DEVICE: Device = { uplinkBytesPerS: Infinity, lateMs: 0 };

/** What a liar makes of one of its core's outputs before it leaves. */
export type Lie = (output: PeerOutput) => readonly PeerOutput[];

export interface Member extends Core {
	readonly number: number;
	readonly id: PeerId;
	readonly publicKey: Uint8Array;
	readonly fanout: number;
	readonly place: Place;
	readonly device: Device;
	/** Numbers of the frames that were played, by stream. */
	readonly heard: Map<StreamId, Heard>;
	/** Frames that were played more than once. */
	twice: number;
	/** Frames that were played and that nobody said. */
	wrong: number;
	alive: boolean;
	seq: number;
	talking: boolean;
	/** When each number was said; a member says few enough. */
	readonly saidAtMs: number[];
	/** Links by the member at the other end, while they are open. */
	readonly ways: Map<PeerId, Way>;
	/** Nothing reaches it and it does nothing before that time: frozen, or cut off. */
	downUntilMs: number;
	/** Its device does something else so long; what comes meanwhile waits, datagrams too. */
	stalledUntilMs: number;
	/** When its uplink has sent all that waits. */
	uplinkFreeMs: number;
	/** When its signing and checking is done with all that waits. */
	cryptoFreeMs: number;
	lie: Lie | null;
	/** What an app that was tampered with does not let its core know; null in an honest one. */
	deafTo: ((input: PeerInput) => boolean) | null;
	/** Bytes sent, headers included. */
	sentBytes: number;
	/** Datagrams its uplink had no room for. */
	tailDrops: number;
}

/** One direction of an open link. */
export interface Way {
	readonly from: Member;
	readonly to: Member;
	readonly line: Line;
	open: boolean;
	/** A reliable channel keeps its order: nothing arrives before this. */
	lastControlMs: number;
}

/** The numbers of one stream that were played. */
export interface Heard {
	readonly size: number;
	has(seq: number): boolean;
	/** False where it was marked before. */
	mark(seq: number): boolean;
}

const WORDS_START = 8;
/** Three hours of frames: what is beyond was never said here. */
const SEQ_MAX = 2 ** 19;

export function createHeard(): Heard {
	let words = new Uint32Array(WORDS_START);
	let size = 0;
	const has = (seq: number): boolean => ((words[seq >>> 5] ?? 0) & (1 << (seq & 31))) !== 0;
	return {
		get size() {
			return size;
		},
		has,
		mark(seq) {
			if (seq >= SEQ_MAX || has(seq)) return false;
			if (seq >>> 5 >= words.length) {
				const grown = new Uint32Array(Math.max(2 * words.length, (seq >>> 5) + 1));
				grown.set(words);
				words = grown;
			}
			words[seq >>> 5] = words[seq >>> 5]! | (1 << (seq & 31));
			size++;
			return true;
		}
	};
}

/** A frame of 20 ms at 32 kbit/s. */
export const OPUS_BYTES = 80;
const TOC = 0x78;

const fillOf = (number: number, seq: number): number =>
	(number * 31 + (number >> 8) * 17 + seq) & 0xff;

/** Bytes that tell who said them when, so that any change is seen. */
export function speech(number: number, seq: number): Uint8Array {
	const opus = new Uint8Array(OPUS_BYTES).fill(fillOf(number, seq));
	opus[0] = TOC;
	opus[1] = number >> 8;
	opus[2] = number & 0xff;
	opus[3] = seq >> 24;
	opus[4] = (seq >> 16) & 0xff;
	opus[5] = (seq >> 8) & 0xff;
	opus[6] = seq & 0xff;
	return opus;
}

/** The number of who said this as its frame `seq`, or null where nobody did. */
export function whoSaid(opus: Uint8Array, seq: number): number | null {
	if (opus.length !== OPUS_BYTES || opus[0] !== TOC) return null;
	const number = (opus[1]! << 8) | opus[2]!;
	if (((opus[3]! << 24) | (opus[4]! << 16) | (opus[5]! << 8) | opus[6]!) !== (seq | 0)) return null;
	const fill = fillOf(number, seq);
	for (let i = 7; i < OPUS_BYTES; i++) if (opus[i] !== fill) return null;
	return number;
}

export function newMember(
	person: Core & Pick<Member, 'number' | 'id' | 'publicKey' | 'fanout' | 'place' | 'device'>
): Member {
	return {
		...person,
		heard: new Map(),
		twice: 0,
		wrong: 0,
		alive: true,
		seq: 0,
		talking: false,
		saidAtMs: [],
		ways: new Map(),
		downUntilMs: 0,
		stalledUntilMs: 0,
		uplinkFreeMs: 0,
		cryptoFreeMs: 0,
		lie: null,
		deafTo: null,
		sentBytes: 0,
		tailDrops: 0
	};
}

/** Made from its number, so that everybody's identity is the same in every story. */
export function keyOf(number: number): Uint8Array {
	const bytes = new Uint8Array(32);
	new DataView(bytes.buffer).setUint32(0, number + 1);
	return bytes;
}

/** The other way round. */
export const numberOf = (publicKey: Uint8Array): number =>
	new DataView(publicKey.buffer, publicKey.byteOffset).getUint32(0) - 1;

/** How long until so many more bytes would have left its uplink. */
export function uplinkMs(from: Member, bytes: number, nowMs: number): number {
	const { uplinkBytesPerS } = from.device;
	if (uplinkBytesPerS === Infinity) return 0;
	return Math.max(0, from.uplinkFreeMs - nowMs) + (1000 * bytes) / uplinkBytesPerS;
}
