/**
 * The keys of one locked room's epochs, and what is done with them: frames and texts, sealed and opened. A frame's
 * key is its speaker's own, of the epoch's key and the stream; its number names it, and so no nonce comes twice.
 */
import { fromString } from 'uint8arrays/from-string';
import { toString } from 'uint8arrays/to-string';
import { forgetOldest } from '../wire/bounded.ts';
import { concat, fromHex, toHex, type RoomId, type StreamId } from '../wire/ids.ts';
import {
	EPOCHS_KEPT_MAX,
	FRAME_KEYS_MAX,
	PROOF_OF_ACCESS_BYTES,
	TEXT_KEYS_MAX
} from '../wire/limits.ts';
import { sealedBytesOf, sealedText } from '../wire/text.ts';
import { derive, proofBy } from './secrets.ts';
import {
	AES_128_CTR_HMAC_SHA256_32,
	decodeHeader,
	decryptFrame,
	encryptFrame,
	frameKeyOf,
	type FrameKey
} from './sframe.ts';
import { SIV_KEY_BYTES, sivOpen, sivSeal } from './siv.ts';

export const EPOCH_KEY_BYTES = 32;
/** The low byte of a key id tells the epoch; above it stand 24 bits of chance for each run of a speaker's app. */
const EPOCH_MASK = 0xff;
const RUN_BITS = 24;
/** Epochs travel with texts as u32. */
const EPOCH_BYTES = 4;

/** Why a frame could not be opened. */
export type Unopened = 'no-key' | 'broken';

export interface Said {
	readonly level: number;
	readonly opus: Uint8Array;
}

export interface Vault {
	/** The highest epoch whose key is here; 0 while there is none. */
	readonly newest: number;
	keyOf(epoch: number): Uint8Array | null;
	/** Its key came: what is sealed in it opens from now on. */
	learn(epoch: number, key: Uint8Array): void;
	/** Seals one frame of our own; `epoch` is one whose key is here. */
	sealFrame(epoch: number, frame: Said & { stream: StreamId; seq: number }): Uint8Array;
	openFrame(stream: StreamId, seq: number, sframe: Uint8Array): Said | Unopened;
	/** Under the newest key; empty stays empty. */
	sealText(text: string): string;
	/** A text that was never sealed is given as it is; null where its key is not here. */
	openText(text: string): string | null;
	/** The text key of the epoch before `epoch`, for those who come later. Empty where it is not known. */
	wrapBefore(epoch: number, key: Uint8Array): Uint8Array;
	/** Takes the text key of the epoch before out of what `epoch` says. */
	unwrapBefore(epoch: number, before: number, wrapped: Uint8Array): void;
	canReadTexts(epoch: number): boolean;
}

/** The low byte of the epoch whose key opens a frame; null for what is no frame. */
export function epochByteOf(sframe: Uint8Array): number | null {
	const header = decodeHeader(sframe);
	return header === null ? null : Number(header.kid & BigInt(EPOCH_MASK));
}

/** What an epoch's signed event says of its key, so that no relay passes on another. */
export const checkOf = (room: RoomId, epoch: number, key: Uint8Array): string =>
	toHex(proofBy(key, 'check', fromHex(room), u32(epoch)));

/** Shows that its bearer held the key of an epoch. */
export const heldProof = (key: Uint8Array, who: Uint8Array): Uint8Array =>
	proofBy(key, 'held', who);
export const HELD_NOTHING = new Uint8Array(PROOF_OF_ACCESS_BYTES);

/** `chance`: 32 bytes of this run of the app alone. */
export function createVault(room: RoomId, chance: Uint8Array): Vault {
	const frames = createFrameKeys();
	const words = createTextKeys(room);
	const run = derive(chance, 'run', RUN_BITS / 8).reduce((sum, byte) => sum * 256 + byte, 0);
	let newest = 0;
	return {
		get newest() {
			return newest;
		},
		keyOf: frames.epochKey,
		learn(epoch, key) {
			frames.learn(epoch, key);
			words.learn(epoch, textKeyOf(key));
			newest = Math.max(newest, epoch);
		},
		sealFrame(epoch, { stream, seq, level, opus }) {
			const kid = BigInt(run) * 256n + BigInt(epoch & EPOCH_MASK);
			const key = frames.of(epoch, kid, stream);
			if (key === null) throw new Error('A frame was to be sealed without a key.');
			return encryptFrame(key, BigInt(seq), fromHex(stream), concat(Uint8Array.of(level), opus));
		},
		openFrame(stream, seq, sframe) {
			const header = decodeHeader(sframe);
			if (header === null || header.ctr !== BigInt(seq)) return 'broken';
			const epoch = frames.epochOf(header.kid);
			const key = epoch === null ? null : frames.of(epoch, header.kid, stream);
			if (key === null) return 'no-key';
			const plain = decryptFrame(key, sframe, fromHex(stream));
			const level = plain?.[0];
			if (plain === null || level === undefined || plain.length < 2) return 'broken';
			return { level: level & 0x7f, opus: plain.slice(1) };
		},
		sealText: (text) => words.seal(newest, text),
		openText: words.open,
		wrapBefore: (epoch, key) => words.wrap(newest, epoch, textKeyOf(key)),
		unwrapBefore: words.unwrap,
		canReadTexts: words.has
	};
}

/** Keys of epochs, and those of speakers that follow from them. */
function createFrameKeys(): {
	readonly epochKey: (epoch: number) => Uint8Array | null;
	learn(epoch: number, key: Uint8Array): void;
	/** Of the epochs with the low byte of this key id the latest that is here. */
	epochOf(kid: bigint): number | null;
	of(epoch: number, kid: bigint, stream: StreamId): FrameKey | null;
} {
	const epochs = new Map<number, Uint8Array>();
	const made = new Map<string, FrameKey>();
	return {
		epochKey: (epoch) => epochs.get(epoch) ?? null,
		learn(epoch, key) {
			epochs.set(epoch, key);
			for (const name of made.keys()) if (name.startsWith(`${epoch} `)) made.delete(name);
			for (const old of [...epochs.keys()].sort((a, b) => a - b)) {
				if (epochs.size <= EPOCHS_KEPT_MAX) break;
				epochs.delete(old);
			}
		},
		epochOf(kid) {
			const low = Number(kid & BigInt(EPOCH_MASK));
			const fits = [...epochs.keys()].filter((epoch) => (epoch & EPOCH_MASK) === low);
			return fits.length === 0 ? null : Math.max(...fits);
		},
		of(epoch, kid, stream) {
			const name = `${epoch} ${kid} ${stream}`;
			const known = made.get(name);
			if (known !== undefined) return known;
			const key = epochs.get(epoch);
			if (key === undefined) return null;
			const base = derive(key, 'media', EPOCH_KEY_BYTES, fromHex(stream));
			const fresh = frameKeyOf(AES_128_CTR_HMAC_SHA256_32, kid, base);
			made.set(name, fresh);
			forgetOldest(made, FRAME_KEYS_MAX);
			return fresh;
		}
	};
}

/** Keys of words, by epoch, and what is done with them. */
function createTextKeys(room: RoomId): {
	readonly has: (epoch: number) => boolean;
	learn(epoch: number, key: Uint8Array): void;
	seal(epoch: number, text: string): string;
	readonly open: (text: string) => string | null;
	/** The key of `before`, sealed with that of `epoch`; empty where it is not known. */
	wrap(before: number, epoch: number, key: Uint8Array): Uint8Array;
	readonly unwrap: (epoch: number, before: number, wrapped: Uint8Array) => void;
} {
	const id = fromHex(room);
	const keys = new Map<number, Uint8Array>();
	const learn = (epoch: number, key: Uint8Array): void => {
		keys.set(epoch, key);
		forgetOldest(keys, TEXT_KEYS_MAX);
	};
	return {
		has: (epoch) => keys.has(epoch),
		learn,
		seal(epoch, text) {
			const key = keys.get(epoch);
			if (text === '' || key === undefined) return '';
			return sealedText(concat(u32(epoch), sivSeal(key, id, fromString(text))));
		},
		open(text) {
			const sealed = sealedBytesOf(text);
			if (sealed === null) return text;
			const head = new DataView(sealed.buffer, sealed.byteOffset, sealed.length);
			const key = sealed.length < EPOCH_BYTES ? undefined : keys.get(head.getUint32(0));
			const plain = key === undefined ? null : sivOpen(key, id, sealed.subarray(EPOCH_BYTES));
			return plain === null ? null : toString(plain);
		},
		wrap(before, epoch, key) {
			const earlier = keys.get(before);
			if (earlier === undefined) return new Uint8Array(0);
			return sivSeal(key, concat(id, u32(epoch)), earlier);
		},
		unwrap(epoch, before, wrapped) {
			const key = keys.get(epoch);
			if (key === undefined || keys.has(before)) return;
			const opened = sivOpen(key, concat(id, u32(epoch)), wrapped);
			if (opened?.length === SIV_KEY_BYTES) learn(before, opened);
		}
	};
}

/** Whoever comes later is given the texts, and not what was said before. */
const textKeyOf = (key: Uint8Array): Uint8Array => derive(key, 'text', SIV_KEY_BYTES);

function u32(value: number): Uint8Array {
	const bytes = new Uint8Array(4);
	new DataView(bytes.buffer).setUint32(0, value);
	return bytes;
}
