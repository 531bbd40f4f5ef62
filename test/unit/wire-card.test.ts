import { describe, expect, it } from 'vitest';
import { encodeCard, parseCard, reachKeyOf, reachSecretOf } from '#lib/p2p/wire/card.ts';
import { peerIdOf } from '#lib/p2p/wire/ids.ts';

const seed = new Uint8Array(32).fill(5);
const card = {
	peer: peerIdOf(new Uint8Array(32).fill(3)),
	name: 'Hanna 🌿',
	secret: reachSecretOf(seed)
};

describe('a card', () => {
	it('comes back from text, a link of any origin, and what clings to them', () => {
		const text = encodeCard(card);
		expect(parseCard(text)).toEqual(card);
		expect(parseCard(`  https://example.org/app/people#${text}\n`)).toEqual(card);
		expect(parseCard(`Follow me: http://localhost:8080/people?x=1#${text} bye`)).toEqual(card);
	});

	it('is none when a letter is wrong, missing, or it is something else', () => {
		const text = encodeCard(card);
		const other = text.charAt(9) === 'x' ? 'y' : 'x';
		for (const wrong of [
			text.slice(0, 9) + other + text.slice(10),
			text.slice(0, -1),
			'',
			'hello',
			'0'.repeat(90),
			'https://example.org/people',
			'1'.repeat(3_000),
			'GHrGwbBbejLJduLh1aoKWzJAuj78Z2YHJS'
		])
			expect(parseCard(wrong), wrong).toBeNull();
	});

	it('has a clean name', () => {
		expect(parseCard(encodeCard({ ...card, name: ' a\u202eb\n' }))?.name).toBe('ab');
	});

	it('says where its owner is reached, by a secret that grows from the key', () => {
		expect(reachKeyOf(card)).toMatch(/^[0-9a-f]{40}$/);
		expect(reachKeyOf(card)).toBe(reachKeyOf(parseCard(encodeCard(card))!));
		expect(reachKeyOf({ ...card, secret: reachSecretOf(new Uint8Array(32)) })).not.toBe(
			reachKeyOf(card)
		);
		expect(reachSecretOf(seed)).toEqual(card.secret);
	});
});
