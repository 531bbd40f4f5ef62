import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLIP_FILE_BYTES_MAX } from '#lib/p2p/archive/clip-head.ts';
import { encodeFileHead, readFileHead } from '#lib/p2p/archive/container.ts';
import { createFetchPlan } from '#lib/p2p/archive/fetch-plan.ts';
import { MANIFEST_BYTES_MAX, PIECE_BYTES, PIECE_PATIENCE_MS } from '#lib/p2p/archive/limits.ts';
import {
	encodeManifest,
	openManifest,
	pieceCount,
	sealManifest,
	type Manifest
} from '#lib/p2p/archive/manifest.ts';
import { pathOf, pieceHash, rootFrom, rootOf } from '#lib/p2p/archive/merkle.ts';
import { deletedAtMs, isOver } from '#lib/p2p/archive/retention.ts';
import { toHex, type RecordingId, type RoomId } from '#lib/p2p/wire/ids.ts';

const DAY_MS = 86_400_000;

const manifest: Manifest = {
	id: 'ab'.repeat(16) as RecordingId,
	room: 'cd'.repeat(20) as RoomId,
	hostKey: new Uint8Array(32).fill(1),
	issuedAtMs: 1_790_000_000_000,
	state: 'shared',
	passedOn: true,
	sealed: false,
	clip: false,
	expiresAtMs: 1_790_000_000_000 + 30 * DAY_MS,
	startedAtMs: 1_789_999_000_000,
	durationMs: 600_000,
	title: 'x'.repeat(400),
	bytes: 5 * PIECE_BYTES + 7,
	root: new Uint8Array(32).fill(2),
	hostName: 'h'.repeat(80),
	keysHash: new Uint8Array(32).fill(4)
};

describe('a manifest', () => {
	it('says what its host drafted, and fits its bound at its longest', () => {
		const signed = sealManifest(encodeManifest(manifest), new Uint8Array(64).fill(3));
		expect(signed.length).toBeLessThanOrEqual(MANIFEST_BYTES_MAX);
		const opened = openManifest(signed)!;
		expect(opened.manifest).toEqual({ ...manifest, title: 'x'.repeat(200) });
		expect(opened.signature).toEqual(new Uint8Array(64).fill(3));
	});

	it('has neither a name nor keys where there are none', () => {
		const plain = { ...manifest, title: 'x', hostName: '', keysHash: null };
		const signed = sealManifest(encodeManifest(plain), new Uint8Array(64));
		expect(openManifest(signed)!.manifest).toEqual(plain);
	});

	it('has one spelling', () => {
		const signed = sealManifest(encodeManifest(manifest), new Uint8Array(64));
		for (const { at, to } of [
			{ at: 0, to: 2 },
			{ at: 1 + 16 + 20 + 32 + 6, to: 0xff }
		]) {
			const changed = signed.slice();
			changed[at] = to;
			expect(openManifest(changed)).toBeNull();
		}
		expect(openManifest(Uint8Array.of(...signed, 0))).toBeNull();
	});

	it('of a clip says so, and names none that is longer than a clip, nor any recording file', () => {
		const sign = (changes: Partial<Manifest>): Uint8Array =>
			sealManifest(encodeManifest({ ...manifest, clip: true, ...changes }), new Uint8Array(64));
		expect(openManifest(sign({}))!.manifest.clip).toBe(true);
		expect(openManifest(sign({ bytes: CLIP_FILE_BYTES_MAX + 1 }))).toBeNull();
		expect(readFileHead(encodeFileHead(sign({ clip: false })))).not.toBeNull();
		expect(readFileHead(encodeFileHead(sign({})))).toBeNull();
	});

	it('names no recording of more pieces than anybody would fetch', () => {
		const huge = encodeManifest({ ...manifest, bytes: 2 ** 40 });
		expect(openManifest(sealManifest(huge, new Uint8Array(64)))).toBeNull();
	});
});

describe('the tree of hashes', () => {
	it('leads from every piece to the root, and from no other piece', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 70 }), (count) => {
				const hashes = Array.from({ length: count }, (_, i) => pieceHash(Uint8Array.of(i)));
				const root = toHex(rootOf(hashes));
				for (let index = 0; index < count; index++) {
					const path = pathOf(hashes, index);
					const lead = (hash: Uint8Array, at = index): string | null => {
						const found = rootFrom(hash, { index: at, count }, path);
						return found && toHex(found);
					};
					expect(lead(hashes[index]!)).toBe(root);
					expect(lead(pieceHash(Uint8Array.of(200)))).not.toBe(root);
					expect(lead(hashes[index]!, count)).toBeNull();
				}
			}),
			{ numRuns: 30 }
		);
	});

	it('takes no node for a piece', () => {
		const hashes = [1, 2].map((i) => pieceHash(Uint8Array.of(i)));
		const joined = Uint8Array.of(...hashes[0]!, ...hashes[1]!);
		expect(toHex(pieceHash(joined))).not.toBe(toHex(rootOf(hashes)));
	});
});

describe('retention', () => {
	const meta = { startedAtMs: 1_000 * DAY_MS, endedAtMs: 1_001 * DAY_MS, keptAtMs: null };

	it('lasts thirty days from the end', () => {
		expect(isOver(meta, 0, 1_031 * DAY_MS - 1)).toBe(false);
		expect(isOver(meta, 0, 1_031 * DAY_MS)).toBe(true);
	});

	it('counts from what was written last where the end never came', () => {
		expect(deletedAtMs({ ...meta, endedAtMs: null }, 5_000)).toBe(1_030 * DAY_MS + 5_000);
	});

	it('spares what is kept', () => {
		expect(isOver({ ...meta, keptAtMs: 1_002 * DAY_MS }, 0, 9_999 * DAY_MS)).toBe(false);
	});
});

describe('a plan for fetching', () => {
	const bytes = 9 * PIECE_BYTES + 100;
	const pieces = Array.from({ length: pieceCount(bytes) }, (_, i) =>
		new Uint8Array(i === 9 ? 100 : PIECE_BYTES).fill(i)
	);
	const hashes = pieces.map(pieceHash);
	const plan = (have: (piece: number) => boolean = () => false, start = 0) =>
		createFetchPlan<string>({ hashes, bytes, have, start });
	const every = (): boolean => true;

	it('asks several sources at once, never two for the same', () => {
		const fetch = plan();
		fetch.offer('ann', every);
		fetch.offer('ben', every);
		const asks = fetch.asks(0);
		expect(asks).toHaveLength(8);
		expect(new Set(asks.map(({ piece }) => piece)).size).toBe(8);
		expect(fetch.asks(10)).toEqual([]);
	});

	it('takes the rarest first', () => {
		const fetch = plan();
		fetch.offer('ann', every);
		fetch.offer('ben', (piece) => piece !== 6);
		expect(fetch.asks(0)[0]).toEqual({ source: 'ann', piece: 6 });
	});

	it('completes while its first source leaves in the middle', () => {
		const fetch = plan();
		fetch.offer('host', every);
		for (const { source, piece } of fetch.asks(0)) fetch.arrived(source, piece, pieces[piece]!);
		expect(fetch.missing).toBe(6);
		fetch.asks(1);
		fetch.gone('host');
		fetch.offer('ann', every);
		for (let round = 0; fetch.missing > 0 && round < 5; round++) {
			for (const { source, piece } of fetch.asks(round)) {
				expect(source).toBe('ann');
				expect(fetch.arrived(source, piece, pieces[piece]!)).toBe('good');
			}
		}
		expect(fetch.missing).toBe(0);
	});

	it('bans who brings something else, and asks others for it', () => {
		const fetch = plan();
		fetch.offer('liar', every);
		const [, ask] = fetch.asks(0);
		expect(fetch.arrived('liar', ask!.piece, new Uint8Array(PIECE_BYTES))).toBe('bad');
		expect([...fetch.banned]).toEqual(['liar']);
		expect(fetch.offer('liar', every)).toBe(false);
		fetch.offer('ann', every);
		expect(fetch.asks(2).map(({ piece }) => piece)).toContain(ask!.piece);
	});

	it('asks another for what did not come, and takes it from the first all the same', () => {
		const fetch = plan((piece) => piece !== 4);
		fetch.offer('slow', every);
		expect(fetch.asks(0)).toEqual([{ source: 'slow', piece: 4 }]);
		fetch.offer('ann', every);
		expect(fetch.asks(PIECE_PATIENCE_MS - 1)).toEqual([]);
		expect(fetch.asks(PIECE_PATIENCE_MS)).toEqual([{ source: 'ann', piece: 4 }]);
		expect(fetch.arrived('slow', 4, pieces[4]!)).toBe('good');
		expect(fetch.arrived('ann', 4, pieces[4]!)).toBe('late');
	});

	it('goes on where an earlier run stopped', () => {
		const fetch = plan((piece) => piece < 8, 5);
		fetch.offer('ann', every);
		expect(fetch.asks(0).map(({ piece }) => piece)).toEqual([8, 9]);
	});
});
