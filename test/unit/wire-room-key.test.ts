import { base58btc } from 'multiformats/bases/base58';
import fc from 'fast-check';
import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { concat, peerIdOf, toHex, type RoomId } from '#lib/p2p/wire/ids.ts';
import { encodeRoomKey, parseRoomKey } from '#lib/p2p/wire/room-key.ts';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const rooms = fc
	.uint8Array({ minLength: 20, maxLength: 20 })
	.map((bytes) => toHex(bytes) as RoomId);
const runs = { numRuns: 2_000 };
const key = encodeRoomKey('00112233445566778899aabbccddeeff00112233' as RoomId);

/** A key of another version or content, with a checksum that is right. */
function keyOf(version: number, content: Uint8Array): string {
	const named = concat(Uint8Array.of(version), content);
	const domain = new TextEncoder().encode('grapevine/room-key/1');
	return base58btc.baseEncode(concat(named, sha256(concat(domain, named)).subarray(0, 4)));
}

describe('a room key', () => {
	it('is read back as the room it was made for', () => {
		fc.assert(
			fc.property(rooms, (room) => {
				expect(parseRoomKey(encodeRoomKey(room))).toEqual({ ok: true, room });
			}),
			runs
		);
	});

	it('has 34 letters and begins with G, for the lowest and the highest id and any between', () => {
		const looks = /^G[1-9A-HJ-NP-Za-km-z]{33}$/;
		for (const digit of ['0', 'f']) {
			expect(encodeRoomKey(digit.repeat(40) as RoomId)).toMatch(looks);
		}
		fc.assert(
			fc.property(rooms, (room) => looks.test(encodeRoomKey(room))),
			runs
		);
	});

	it('keeps its spelling for good', () => {
		expect(key).toBe('GHrGwbBbejLJduLh1aoKWzJAuj78Z2YHJS');
	});

	it('is refused with any one letter changed', () => {
		fc.assert(
			fc.property(
				rooms,
				fc.nat(33),
				fc.string({ minLength: 1, maxLength: 2 }),
				(room, at, other) => {
					const sound = encodeRoomKey(room);
					fc.pre(other !== sound[at]);
					const changed = sound.slice(0, at) + other + sound.slice(at + 1);
					// With a sign before or behind it, it may be the same key, as in a link.
					fc.pre(!changed.includes(sound));
					expect(parseRoomKey(changed).ok).toBe(false);
				}
			),
			runs
		);
		for (let at = 0; at < key.length; at++) {
			for (const other of ALPHABET.replace(key[at] ?? '', '')) {
				expect(parseRoomKey(key.slice(0, at) + other + key.slice(at + 1))).toMatchObject({
					reason: 'checksum'
				});
			}
		}
	});

	it('is refused with two neighbouring letters swapped', () => {
		fc.assert(
			fc.property(rooms, fc.nat(32), (room, at) => {
				const [...letters] = encodeRoomKey(room);
				const [a = '', b = ''] = letters.slice(at, at + 2);
				fc.pre(a !== b);
				letters.splice(at, 2, b, a);
				expect(parseRoomKey(letters.join('')).ok).toBe(false);
			}),
			runs
		);
	});

	it('says how many letters are missing at its end', () => {
		for (let length = 1; length < 34; length++) {
			expect(parseRoomKey(key.slice(0, length))).toEqual({
				ok: false,
				reason: 'too-short',
				missing: 34 - length
			});
		}
	});

	it('says that its first letter was lost', () => {
		expect(parseRoomKey(key.slice(1))).toEqual({ ok: false, reason: 'too-short', missing: 1 });
	});

	it('says how many letters are too many', () => {
		expect(parseRoomKey(key + key)).toEqual({ ok: false, reason: 'too-long', extra: 34 });
	});

	it.each(['0', 'O', 'I', 'l', ' ', '-', 'é', '😀'])(
		'says that "%s" is no letter of it',
		(letter) => {
			const changed = key.slice(0, 4) + letter + key.slice(5);
			expect(parseRoomKey(changed)).toEqual({ ok: false, reason: 'bad-letter', letter, place: 5 });
		}
	);

	it('names a bad letter in first place too', () => {
		const changed = `0${key.slice(1)}`;
		expect(parseRoomKey(changed)).toMatchObject({ reason: 'bad-letter', letter: '0', place: 1 });
	});

	it('tells a key of a later version, of the same length or with more in it', () => {
		const newer = [
			keyOf(39, new Uint8Array(20)),
			keyOf(38, new Uint8Array(52)),
			keyOf(3, new Uint8Array(80))
		];
		expect(newer.map((text) => parseRoomKey(text))).toEqual([
			{ ok: false, reason: 'newer-version', version: 39 },
			{ ok: false, reason: 'newer-version', version: 38 },
			{ ok: false, reason: 'newer-version', version: 3 }
		]);
	});

	it.each([
		['bare', (text: string) => text],
		['in space', (text: string) => ` \n\t${text}\u00a0\n`],
		['in quotes', (text: string) => `"${text}"`],
		['in typographic quotes', (text: string) => `„${text}“`],
		['in angle brackets', (text: string) => `<${text}>`],
		['between invisible characters', (text: string) => `\u200e\ufeff${text}\u200b`],
		['at the end of a sentence', (text: string) => `${text}.`],
		['in a link', (text: string) => `https://talk.example/r/${text}`],
		[
			'in a link with a slash, a query and a fragment',
			(text: string) => `http://[::1]:5173/r/${text}/?fanout=2#top`
		],
		['in a link below a path', (text: string) => `https://host.example/grapevine/r/${text}?a=b`],
		['in a link without its scheme', (text: string) => `localhost:4000/r/${text}`],
		['in a link in brackets', (text: string) => `<https://talk.example/r/${text}>`],
		['in a message', (text: string) => `Come and listen: https://talk.example/r/${text} tonight!`],
		['as an address of our own', (text: string) => `web+grapevine:${text}`],
		['as an address of our own with slashes', (text: string) => `web+grapevine://${text}/`]
	])('is found %s', (_, wrap) => {
		expect(parseRoomKey(wrap(key))).toMatchObject({ ok: true });
	});

	it.each(['', '   ', '""', '<>'])('says that "%s" is empty', (text) => {
		expect(parseRoomKey(text)).toEqual({ ok: false, reason: 'empty' });
	});

	it('says that a link ends before the key', () => {
		expect(parseRoomKey('https://talk.example/r/')).toMatchObject({ reason: 'too-short' });
	});

	it.each([
		['1BoatSLRHtKNngkdXEeobR76b53LETtpyT', 'text'],
		['3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy', 'text'],
		[peerIdOf(new Uint8Array(32)), 'peer-id'],
		['https://talk.example/rooms/12', 'link'],
		['https://forum.example/r/cats', 'link'],
		['talk.example/about', 'link'],
		['Good morning to everybody in the room', 'text'],
		['hello', 'text'],
		['grape '.repeat(500), 'text']
	])('is not mistaken for %.40s', (text, looksLike) => {
		expect(parseRoomKey(text)).toEqual({ ok: false, reason: 'foreign', looksLike });
	});

	it('is never found by chance, and nothing throws', () => {
		const texts = fc.oneof(
			fc.string({ unit: 'binary', maxLength: 60 }),
			fc.string({ unit: fc.constantFrom(...Array.from(ALPHABET)), maxLength: 140 }),
			fc.string({ maxLength: 40 }).map((text) => `https://talk.example/r/${text}`)
		);
		fc.assert(
			fc.property(texts, (text) => !parseRoomKey(text).ok),
			{ numRuns: 5_000 }
		);
	});

	it('is looked for in the longest text without delay', () => {
		const slow = [
			'('.repeat(2_048),
			'G'.repeat(2_048),
			'/r/'.repeat(600),
			`x${' '.repeat(2_000)}x`
		];
		expect(slow.map((text) => parseRoomKey(text).ok)).toEqual([false, false, false, false]);
	});
});
