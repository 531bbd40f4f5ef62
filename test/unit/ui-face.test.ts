import { describe, expect, it } from 'vitest';
import { portraitOf } from '#lib/ui/face.ts';
import { peerIdOf } from '#lib/p2p/wire/ids.ts';
import { Dice } from '../sim/dice.ts';

const PEERS = 500;

function peers(): string[] {
	const dice = new Dice(7);
	return Array.from({ length: PEERS }, () =>
		peerIdOf(Uint8Array.from({ length: 32 }, () => Math.floor(dice.between(0, 256))))
	);
}

describe('a generated portrait', () => {
	it('is the same for the same peer', () => {
		for (const peer of peers()) expect(portraitOf(peer)).toEqual(portraitOf(peer));
	});

	it('differs between peers', () => {
		const faces = new Set(peers().map((peer) => JSON.stringify(portraitOf(peer))));
		expect(faces.size).toBeGreaterThan(0.99 * PEERS);
	});

	it('uses every colour about equally often', () => {
		const counts = new Map<number, number>();
		for (const peer of peers()) {
			const { hue } = portraitOf(peer);
			counts.set(hue, (counts.get(hue) ?? 0) + 1);
		}
		expect(counts.size).toBe(18);
		expect(Math.max(...counts.values())).toBeLessThan((3 * PEERS) / 18);
	});

	it('stays within the frame', () => {
		for (const peer of peers()) {
			const face = portraitOf(peer);
			expect(Math.abs(face.x)).toBeLessThanOrEqual(6);
			expect(Math.abs(face.y)).toBeLessThanOrEqual(6);
			expect(Math.abs(face.leanDeg)).toBeLessThanOrEqual(18);
			expect(face.shade).toBeGreaterThanOrEqual(58);
			expect(face.shade).toBeLessThanOrEqual(82);
		}
	});
});
