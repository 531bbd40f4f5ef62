/** One story on one thread and on several: the same to the byte, however they are hurried or held up. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { WireOptions } from '../wires.ts';
import { digestStory, type Digest } from './digest.ts';
import { tellStory } from './story.ts';

const LISTENERS = 80;
/** Enough where only the difference counts. */
const FEW = 40;
const PATIENCE_MS = 120_000;
const WIRES: WireOptions = { delayMs: [10, 50], land: 'continent', loss: [0.005, 0.04], burst: 2 };

/** All members of all threads, by number, with what came to each. */
function tell(
	threads: number,
	seed: number,
	wires: WireOptions,
	listeners = LISTENERS
): [string, Digest['counts']][] {
	const parts = tellStory(digestStory, {
		module: new URL('./digest.ts', import.meta.url).href,
		threads,
		world: { ...wires, seed, gossip: true },
		ask: { listeners }
	});
	expect(parts).toHaveLength(threads);
	const all = parts.flatMap((part) => part.members);
	all.sort((a, b) => a.number - b.number);
	return all.map(({ number, hash, counts }) => [`${number} ${hash}`, counts]);
}

describe('a world on several threads', { timeout: PATIENCE_MS }, () => {
	let alone: ReturnType<typeof tell> = [];
	beforeAll(() => {
		alone = tell(1, 1, WIRES);
	}, PATIENCE_MS);

	it.each([2, 3])('is the same story on one and on %i of them', (threads) => {
		expect(alone).toHaveLength(1 + LISTENERS);
		expect(tell(threads, 1, WIRES)).toEqual(alone);
	});

	it('is so where people take turns, some behind walls', () => {
		const wires: WireOptions = { ...WIRES, land: 'world', walledPairs: 0.2 };
		expect(tell(2, 2, wires, FEW)).toEqual(tell(1, 2, wires, FEW));
	});

	it('lets who lives hear nearly everything, once and as it was said', () => {
		for (const [who, { heard, said, twice, wrong, alive }] of alone) {
			expect({ who, twice, wrong }).toEqual({ who, twice: 0, wrong: 0 });
			if (alive && !who.startsWith('0 ')) expect(heard / said, who).toBeGreaterThan(0.95);
		}
		expect(alone.filter(([, { alive }]) => !alive).length).toBeGreaterThan(10);
	});

	it('says why it broke, whichever thread it was', () => {
		for (const listeners of [-1, -2]) {
			const broken = (): unknown =>
				tellStory(digestStory, {
					module: new URL('./digest.ts', import.meta.url).href,
					threads: 2,
					world: { ...WIRES, seed: 1, gossip: true },
					ask: { listeners }
				});
			expect(broken).toThrow(`broken as asked`);
		}
	});
});
