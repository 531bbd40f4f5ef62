/** Boxes for the owner of an Ed25519 key, on the real keys of this platform. */
import { describe, expect, it } from 'vitest';
import { createKeys } from '#lib/io/keys/keys.ts';

const seedOf = (of: number): Uint8Array => new Uint8Array(32).fill(of);
const PLAIN = new TextEncoder().encode('the key of an epoch');

describe('a sealed box', () => {
	it('is opened by whom it was sealed for, and nobody else', async () => {
		const [sender, owner, other] = await Promise.all([1, 2, 3].map((of) => createKeys(seedOf(of))));
		for (let i = 0; i < 20; i++) {
			const box = await sender!.seal(owner!.publicKey, PLAIN);
			expect(box.length).toBe(PLAIN.length + 48);
			expect(await owner!.open(box)).toEqual(PLAIN);
			expect(await other!.open(box)).toBeNull();
			expect(await sender!.open(box)).toBeNull();
		}
	});

	it('is never the same twice, and shows any change', async () => {
		const owner = await createKeys(seedOf(4));
		const [box, again] = [
			await owner.seal(owner.publicKey, PLAIN),
			await owner.seal(owner.publicKey, PLAIN)
		];
		expect(box).not.toEqual(again);
		for (let at = 0; at < box.length; at++) {
			const bent = box.slice();
			bent[at] = (bent[at] ?? 0) ^ 1;
			expect(await owner.open(bent), `byte ${at}`).toBeNull();
		}
		expect(await owner.open(box.subarray(0, 40))).toBeNull();
	});

	it('for keys of many people finds each of them', async () => {
		const people = await Promise.all(
			Array.from({ length: 30 }, (_, i) => createKeys(seedOf(50 + i)))
		);
		for (const one of people) {
			expect(await one.open(await people[0]!.seal(one.publicKey, PLAIN))).toEqual(PLAIN);
		}
	});
});
