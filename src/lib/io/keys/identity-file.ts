/**
 * An identity to be carried to another device: text, encrypted under a passphrase. AES-256-GCM, its key by
 * PBKDF2 with SHA-256 and as many rounds as guessing is to cost.
 */
import { concat } from '#lib/p2p/wire/ids.ts';
import { KEY_SEED_BYTES } from './keys.ts';

/** OWASP's advice of 2023 for PBKDF2 with SHA-256; half a second on a phone. Written into the file. */
export const PASSPHRASE_ROUNDS = 600_000;
/** What a file may ask for: a hostile one must not stop the device for minutes. */
const ROUNDS_MAX = 4 * PASSPHRASE_ROUNDS;
/** Below this anybody's guess is as good. */
export const PASSPHRASE_LETTERS_MIN = 10;
/** Key, name, and the people that are followed: 1,000 of them have 0.2 MB. */
export const IDENTITY_TEXT_MAX = 1_000_000;

const HEAD = 'grapevine-identity-1';
const SALT_BYTES = 16;
const IV_BYTES = 12;
const SHAPE =
	/^grapevine-identity-1\.(\d{1,8})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]+)$/;

export interface CarriedIdentity {
	readonly keySeed: Uint8Array;
	/** Whatever else goes along, as the app writes it. */
	readonly belongings: Uint8Array;
}

export type IdentityFileProblem =
	/** No identity of ours, or cut. */
	| 'not-an-identity'
	/** Another passphrase, or a changed text: which of the two cannot be told. */
	| 'wrong-passphrase';

export type IdentityFileReading =
	| { readonly ok: true; readonly carried: CarriedIdentity }
	| { readonly ok: false; readonly reason: IdentityFileProblem };

/** The text to keep or to copy: head, rounds, salt, initialisation vector, ciphertext. */
export async function writeIdentityFile(
	{ keySeed, belongings }: CarriedIdentity,
	passphrase: string,
	rounds = PASSPHRASE_ROUNDS
): Promise<string> {
	const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
	const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
	const key = await keyOf(passphrase, salt, rounds);
	const plain = Uint8Array.from(concat(keySeed, belongings));
	const sealed = await crypto.subtle.encrypt(
		{ name: 'AES-GCM', iv, additionalData: boundTo(rounds) },
		key,
		plain
	);
	return [HEAD, rounds, toText(salt), toText(iv), toText(new Uint8Array(sealed))].join('.');
}

/** Reads what `writeIdentityFile` wrote, with space anywhere in it. Never throws. */
export async function readIdentityFile(
	text: string,
	passphrase: string
): Promise<IdentityFileReading> {
	const parts = text.length > IDENTITY_TEXT_MAX ? null : SHAPE.exec(text.replace(/\s+/g, ''));
	const [, rounds = '', salt = '', iv = '', sealed = ''] = parts ?? [];
	const count = Number(rounds);
	if (parts === null || count < 1 || count > ROUNDS_MAX)
		return { ok: false, reason: 'not-an-identity' };
	try {
		const key = await keyOf(passphrase, fromText(salt), count);
		const algorithm = { name: 'AES-GCM', iv: fromText(iv), additionalData: boundTo(count) };
		const plain = new Uint8Array(await crypto.subtle.decrypt(algorithm, key, fromText(sealed)));
		if (plain.length < KEY_SEED_BYTES) return { ok: false, reason: 'not-an-identity' };
		const keySeed = plain.slice(0, KEY_SEED_BYTES);
		return { ok: true, carried: { keySeed, belongings: plain.slice(KEY_SEED_BYTES) } };
	} catch {
		return { ok: false, reason: 'wrong-passphrase' };
	}
}

async function keyOf(
	passphrase: string,
	salt: Uint8Array<ArrayBuffer>,
	iterations: number
): Promise<CryptoKey> {
	// The same letters typed on another keyboard are the same passphrase.
	const letters = new TextEncoder().encode(passphrase.normalize('NFKC').trim());
	const base = await crypto.subtle.importKey('raw', letters, 'PBKDF2', false, ['deriveKey']);
	return crypto.subtle.deriveKey(
		{ name: 'PBKDF2', hash: 'SHA-256', salt, iterations },
		base,
		{ name: 'AES-GCM', length: 256 },
		false,
		['encrypt', 'decrypt']
	);
}

const boundTo = (rounds: number): Uint8Array<ArrayBuffer> =>
	new TextEncoder().encode(`${HEAD}.${rounds}`);

/** Base64url without padding (RFC 4648, section 5). */
function toText(bytes: Uint8Array): string {
	let binary = '';
	for (const byte of bytes) binary += String.fromCharCode(byte);
	return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromText(text: string): Uint8Array<ArrayBuffer> {
	const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
	return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}
