/**
 * Sealed for the owner of an Ed25519 key, by whoever knows the public half: an X25519 key made for this once, the two
 * ends' common secret by HKDF, AES-GCM. An Ed25519 key has its place on Curve25519 as well (RFC 7748, section 4.1).
 */
import { concat } from '#lib/p2p/wire/ids.ts';

const KEY_BYTES = 32;
/** The key made for this box, and the tag. */
export const BOX_EXTRA_BYTES = KEY_BYTES + 16;
const INFO = new TextEncoder().encode('grapevine/sealed-box/1');
/** A key that is used once needs no other number. */
const NONCE = new Uint8Array(12);
/** The prime of the field, 2^255 - 19. */
const P = 2n ** 255n - 19n;

/** RFC 8410: what stands before the 32 bytes of an X25519 private key in PKCS #8. */
const PKCS8_HEAD = Uint8Array.of(
	...[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06],
	...[0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20]
);

/** Rejects where `to` is no key that anybody could hold. */
export async function sealBox(to: Uint8Array, plain: Uint8Array): Promise<Uint8Array> {
	const theirs = toMontgomery(to);
	const made = await crypto.subtle.generateKey('X25519', true, ['deriveBits']);
	const ours = new Uint8Array(await crypto.subtle.exportKey('raw', made.publicKey));
	const key = await keyOf(made.privateKey, theirs, new Uint8Array(concat(ours, theirs)));
	const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: NONCE }, key, plain.slice());
	return concat(ours, new Uint8Array(sealed));
}

/** Opens boxes for the key that grew from this seed; null for those of others, and for what was changed. */
export async function createOpener(
	keySeed: Uint8Array,
	publicKey: Uint8Array
): Promise<(box: Uint8Array) => Promise<Uint8Array | null>> {
	const digest = new Uint8Array(await crypto.subtle.digest('SHA-512', keySeed.slice()));
	const pkcs8 = new Uint8Array(PKCS8_HEAD.length + KEY_BYTES);
	pkcs8.set(PKCS8_HEAD);
	// RFC 8032, section 5.1.5: the scalar of an Ed25519 key; X25519 clamps it the same way.
	pkcs8.set(digest.subarray(0, KEY_BYTES), PKCS8_HEAD.length);
	const mine = await crypto.subtle.importKey('pkcs8', pkcs8, 'X25519', false, ['deriveBits']);
	const me = toMontgomery(publicKey);
	return async (box) => {
		if (box.length < BOX_EXTRA_BYTES) return null;
		const theirs = box.slice(0, KEY_BYTES);
		try {
			const key = await keyOf(mine, theirs, new Uint8Array(concat(theirs, me)));
			const iv = { name: 'AES-GCM', iv: NONCE };
			return new Uint8Array(await crypto.subtle.decrypt(iv, key, box.slice(KEY_BYTES)));
		} catch {
			return null;
		}
	};
}

async function keyOf(
	mine: CryptoKey,
	theirs: Uint8Array<ArrayBuffer>,
	salt: Uint8Array<ArrayBuffer>
): Promise<CryptoKey> {
	const publicKey = await crypto.subtle.importKey('raw', theirs, 'X25519', false, []);
	const bits = await crypto.subtle.deriveBits({ name: 'X25519', public: publicKey }, mine, 256);
	const common = await crypto.subtle.importKey('raw', bits, 'HKDF', false, ['deriveKey']);
	return crypto.subtle.deriveKey(
		{ name: 'HKDF', hash: 'SHA-256', salt, info: INFO },
		common,
		{ name: 'AES-GCM', length: 256 },
		false,
		['encrypt', 'decrypt']
	);
}

/** u = (1 + y) / (1 - y), of the y that an Ed25519 public key is. */
function toMontgomery(publicKey: Uint8Array): Uint8Array<ArrayBuffer> {
	let y = 0n;
	for (let i = KEY_BYTES - 1; i >= 0; i--) {
		const byte = publicKey[i] ?? 0;
		y = (y << 8n) | BigInt(i === KEY_BYTES - 1 ? byte & 0x7f : byte);
	}
	// Fermat's little theorem: to the power of p - 2 is to divide.
	let u = mod((1n + y) * power(mod(1n - y), P - 2n));
	const bytes = new Uint8Array(KEY_BYTES);
	for (let i = 0; i < KEY_BYTES; i++, u >>= 8n) bytes[i] = Number(u & 0xffn);
	return bytes;
}

const mod = (value: bigint): bigint => ((value % P) + P) % P;

function power(base: bigint, exponent: bigint): bigint {
	let result = 1n;
	for (let square = base, left = exponent; left > 0n; left >>= 1n) {
		if ((left & 1n) === 1n) result = mod(result * square);
		square = mod(square * square);
	}
	return result;
}
