import { describe, expect, it } from 'vitest';
import { roomIdOf } from '#lib/p2p/wire/ids.ts';
import { LISTING_BYTES_MAX, LISTINGS_PER_ANSWER_MAX } from '#lib/p2p/wire/limits.ts';
import { readListing } from '#lib/p2p/wire/listing.ts';
import {
	decodeAskAnswer,
	decodeLobbyRequest,
	decodeTellAnswer,
	encodeAskAnswer,
	encodeLobbyRequest,
	encodeTellAnswer,
	LOBBY_ANSWER_BYTES_MAX
} from '#lib/p2p/wire/lobby.ts';
import { Dice } from '../sim/dice.ts';
import { lister, listing, NOW_MS } from '../lib/listings.ts';

describe('a listing', () => {
	it('says what its host drafted, and which room it is', async () => {
		const hanna = await lister();
		const bytes = await hanna.list(7, { title: 'Figs', topics: ['figs', 'soil'], language: 'fr' });
		const reading = readListing(bytes)!;
		const { title, topics, language, host, room, state, people, startsAtMs } = reading.listing;
		expect({ title, topics, language, host, state, people, startsAtMs }).toEqual({
			...{ title: 'Figs', topics: ['figs', 'soil'], language: 'fr', host: hanna.peer },
			...{ state: 'live', people: 3, startsAtMs: NOW_MS - 60_000 }
		});
		expect(room).toBe(roomIdOf(hanna.keys.publicKey, reading.listing.nonce));
		const { keys } = hanna;
		expect(await keys.verify(reading.listing.hostKey, reading.signed, reading.signature)).toBe(
			true
		);
	});

	it('fits its bound at its longest', () => {
		const long = listing(1, 1, {
			title: 'x'.repeat(300),
			hostName: 'x'.repeat(300),
			language: 'x'.repeat(300),
			topics: Array.from({ length: 9 }, () => 'x'.repeat(300))
		});
		expect(long.bytes.length).toBe(654);
		expect(long.bytes.length).toBeLessThanOrEqual(LISTING_BYTES_MAX);
	});

	it('has one spelling, and is nothing when cut, longer or changed in its form', async () => {
		const bytes = await (await lister()).list(1);
		expect(readListing(bytes.subarray(0, -1))).toBeNull();
		expect(readListing(new Uint8Array([...bytes, 0]))).toBeNull();
		expect(readListing(new Uint8Array(LISTING_BYTES_MAX + 1))).toBeNull();
		const version = bytes.slice();
		version[0] = 9;
		expect(readListing(version)).toBeNull();
		const state = bytes.slice();
		state[47] = 4;
		expect(readListing(state)).toBeNull();
	});

	it('needs a title, unless it is withdrawn', async () => {
		const hanna = await lister();
		expect(readListing(await hanna.list(1, { title: '' }))).toBeNull();
		expect(readListing(await hanna.list(1, { title: '', state: 'withdrawn' }))).not.toBeNull();
	});

	it('is never thrown at by noise', () => {
		const dice = new Dice(11);
		for (let i = 0; i < 2_000; i++) {
			const noise = Uint8Array.from({ length: Math.floor(dice.between(0, 800)) }, () =>
				Math.floor(dice.between(0, 256))
			);
			expect(readListing(noise)).toBeNull();
			decodeLobbyRequest(noise);
			decodeAskAnswer(noise);
			decodeTellAnswer(noise);
		}
	});
});

describe('the words of a lobby', () => {
	it('come back as they went', () => {
		const bytes = listing(1, 1).bytes;
		const tell = { type: 'tell', listing: bytes } as const;
		const ask = { type: 'ask', epoch: 4_000_000_000, since: 12 } as const;
		expect(decodeLobbyRequest(encodeLobbyRequest(tell))).toEqual(tell);
		expect(decodeLobbyRequest(encodeLobbyRequest(ask))).toEqual(ask);
		const answer = { epoch: 9, revision: 3, more: true, posted: [{ ageMs: 5, listing: bytes }] };
		expect(decodeAskAnswer(encodeAskAnswer(answer))).toEqual(answer);
		for (const word of ['taken', 'invalid', 'old', 'out-of-time', 'full', 'busy'] as const)
			expect(decodeTellAnswer(encodeTellAnswer(word))).toBe(word);
	});

	it('of the longest answer fit their bound', () => {
		const one = { ageMs: 1, listing: new Uint8Array(LISTING_BYTES_MAX) };
		const posted = Array.from({ length: LISTINGS_PER_ANSWER_MAX + 5 }, () => one);
		const bytes = encodeAskAnswer({ epoch: 1, revision: 1, more: true, posted });
		expect(bytes.length).toBeLessThanOrEqual(LOBBY_ANSWER_BYTES_MAX);
		expect(decodeAskAnswer(bytes)?.posted.length).toBe(LISTINGS_PER_ANSWER_MAX);
	});
});
