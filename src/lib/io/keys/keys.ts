/** Ed25519 by WebCrypto (RFC 8032): the same in the page, in a Worker and in Node, and 10 times faster than in script. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { forgetOldest } from '#lib/p2p/wire/bounded.ts';
import { concat, PUBLIC_KEY_BYTES } from '#lib/p2p/wire/ids.ts';
import type { Keys } from '#lib/io/ports.ts';
import { importSealingPair, newSealingPair, openSealed, sealTo, type SealingPair } from './hpke.ts';

/** A private key is made of so many random bytes. */
export const KEY_SEED_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** Public keys whose imported form is kept: everybody on stage and a full room's worth of names. */
const IMPORTED_MAX = 256;

/** RFC 8410: what stands before the 32 bytes of an Ed25519 private key in PKCS #8. */
const PKCS8_HEAD = Uint8Array.of(
	...[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06],
	...[0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]
);

/** 32 bytes from the platform's source of randomness. */
export function newKeySeed(): Uint8Array {
	return crypto.getRandomValues(new Uint8Array(KEY_SEED_BYTES));
}

/** The key pair that grows from `keySeed`. Throws a RangeError where it has not 32 bytes. */
export async function createKeys(keySeed: Uint8Array): Promise<Keys> {
	if (keySeed.length !== KEY_SEED_BYTES) throw new RangeError('A key seed has 32 bytes.');
	const { privateKey, publicKey } = await importPair(keySeed);
	const importKey = rememberedImport();
	const sealing = sealingPairOf(keySeed, publicKey);
	// Whoever opens nothing shall not stumble over a platform that cannot.
	sealing.catch(() => undefined);
	return {
		publicKey,
		async sign(message) {
			return new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, bytesOf(message)));
		},
		async verify(author, message, signature) {
			if (author.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
			try {
				const key = await importKey(author);
				return await crypto.subtle.verify('Ed25519', key, bytesOf(signature), bytesOf(message));
			} catch {
				return false;
			}
		},
		async seal(to, plain, purpose) {
			// Throws where somebody made up a key that is no point of the curve.
			const recipient = ed25519.utils.toMontgomery(to);
			const ephemeral = await newSealingPair();
			return sealTo(plain, { recipient, ephemeral, info: concat(purpose, to) });
		},
		async open(sealed, purpose) {
			return openSealed(sealed, { mine: await sealing, info: concat(purpose, publicKey) });
		}
	};
}

/** An Ed25519 key has its place on X25519's curve as well (RFC 7748, section 4.1). */
function sealingPairOf(keySeed: Uint8Array, publicKey: Uint8Array): Promise<SealingPair> {
	const { toMontgomery, toMontgomerySecret } = ed25519.utils;
	return importSealingPair(toMontgomerySecret(keySeed), toMontgomery(publicKey));
}

async function importPair(
	keySeed: Uint8Array
): Promise<{ privateKey: CryptoKey; publicKey: Uint8Array }> {
	const pkcs8 = new Uint8Array(PKCS8_HEAD.length + KEY_SEED_BYTES);
	pkcs8.set(PKCS8_HEAD);
	pkcs8.set(keySeed, PKCS8_HEAD.length);
	const readable = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
	const { x } = await crypto.subtle.exportKey('jwk', readable);
	const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
	return { privateKey, publicKey: fromBase64Url(x ?? '') };
}

/** Importing costs as much as verifying, and the same few speakers sign all the time. */
function rememberedImport(): (publicKey: Uint8Array) => Promise<CryptoKey> {
	const imported = new Map<string, Promise<CryptoKey>>();
	return (publicKey) => {
		const name = publicKey.join();
		const known = imported.get(name);
		if (known) return known;
		const key = crypto.subtle.importKey('raw', bytesOf(publicKey), 'Ed25519', false, ['verify']);
		imported.set(name, key);
		forgetOldest(imported, IMPORTED_MAX);
		return key;
	};
}

function fromBase64Url(text: string): Uint8Array {
	const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
	return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

/** WebCrypto takes no view of shared memory, and its types say so: such a view is copied. */
function bytesOf(view: Uint8Array): Uint8Array<ArrayBuffer> {
	return view.buffer instanceof ArrayBuffer ? (view as Uint8Array<ArrayBuffer>) : view.slice();
}
