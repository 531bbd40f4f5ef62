/**
 * Signatures of the simulated world: a hash of key and message, so that what was not signed, or was changed, is
 * found out, at a fiftieth of the cost of real ones. Liars of this world do not know how to make them.
 */
import { markVerified, openEnvelope, seal, type Verified } from '#lib/p2p/wire/envelope.ts';
import type { RoomEvent } from '#lib/p2p/wire/event.ts';

const SIGNATURE_BYTES = 64;
/** Checked envelopes remembered, so that a crowd keeps one copy of each event; then all are forgotten. */
const CHECKED_MAX = 50_000;

export function signatureOf(publicKey: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> {
	const signature = new Uint8Array(SIGNATURE_BYTES);
	const view = new DataView(signature.buffer);
	const [high, low] = hashOf(message, hashOf(publicKey, [0x6c078965, 0x5d588b65]));
	for (let at = 0; at < SIGNATURE_BYTES; at += 8) {
		view.setUint32(at, (high + at) >>> 0);
		view.setUint32(at + 4, low);
	}
	return signature;
}

export function isGood(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
	if (signature.length !== SIGNATURE_BYTES) return false;
	const [high, low] = hashOf(message, hashOf(publicKey, [0x6c078965, 0x5d588b65]));
	const view = new DataView(signature.buffer, signature.byteOffset, signature.length);
	for (let at = 0; at < SIGNATURE_BYTES; at += 8) {
		if (view.getUint32(at) !== (high + at) >>> 0 || view.getUint32(at + 4) !== low) return false;
	}
	return true;
}

type Hash = readonly [number, number];

/** FNV-1a, twice over from different starts. */
function hashOf(bytes: Uint8Array, [startHigh, startLow]: Hash): Hash {
	let high = startHigh;
	let low = startLow;
	for (let i = 0; i < bytes.length; i++) {
		const byte = bytes[i]!;
		high = Math.imul(high ^ byte, 0x01000193);
		low = Math.imul(low ^ (byte + i), 0x85ebca6b);
	}
	return [high >>> 0, (low ^ (low >>> 15)) >>> 0];
}

export interface Notary {
	/** The envelope of an event of `publicKey`'s own. */
	sign(publicKey: Uint8Array, unsigned: Uint8Array): Uint8Array;
	/** The event inside, or null where its signature is wrong or there is none. */
	check(envelope: Uint8Array): Verified<RoomEvent> | null;
}

export function createNotary(): Notary {
	const checked = new Map<string, Verified<RoomEvent> | null>();
	const open = (envelope: Uint8Array): Verified<RoomEvent> | null => {
		const opened = openEnvelope(envelope);
		if (!opened.ok) return null;
		const { event, unsigned, signature } = opened;
		return isGood(event.authorKey, unsigned, signature) ? markVerified(event) : null;
	};
	return {
		sign: (publicKey, unsigned) => seal(unsigned, signatureOf(publicKey, unsigned)),
		check(envelope) {
			const key = hashOf(envelope, [1, 2]).join();
			const known = checked.get(key);
			if (known !== undefined) return known;
			if (checked.size >= CHECKED_MAX) checked.clear();
			const event = open(envelope);
			checked.set(key, event);
			return event;
		}
	};
}
