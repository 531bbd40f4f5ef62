import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBlock } from '#lib/p2p/archive/block.ts';
import { readContentHead, readFileHead } from '#lib/p2p/archive/container.ts';
import { crc32 } from '#lib/p2p/archive/crc.ts';
import { readLog } from '#lib/p2p/archive/log-entry.ts';
import { openManifest } from '#lib/p2p/archive/manifest.ts';
import { readMeta } from '#lib/p2p/archive/meta.ts';
import { encodeRecord, readRecords } from '#lib/p2p/archive/record.ts';
import { readIndex } from '#lib/p2p/archive/seek-index.ts';
import { concat } from '#lib/p2p/wire/ids.ts';
import { makeTape } from '../lib/tape-maker.ts';

const records = fc.array(
	fc.record({ kind: fc.nat(255), content: fc.uint8Array({ maxLength: 300 }) }),
	{ maxLength: 8 }
);

describe('records', () => {
	it('know the checksum that everybody computes', () => {
		expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
	});

	it('come back as they were written', () => {
		fc.assert(
			fc.property(records, (some) => {
				const bytes = concat(...some.map(({ kind, content }) => encodeRecord(kind, content)));
				const read = readRecords(bytes);
				expect(read.records.map(({ kind, content }) => ({ kind, content }))).toEqual(some);
				expect(read).toMatchObject({ damaged: [], end: bytes.length });
			})
		);
	});

	it('are cut off behind the last whole one, wherever a crash tore them', () => {
		fc.assert(
			fc.property(records, fc.nat(3_000), (some, at) => {
				const written = some.map(({ kind, content }) => encodeRecord(kind, content));
				const torn = concat(...written).subarray(0, at);
				const read = readRecords(torn);
				const ends = written.map((_, i) => concat(...written.slice(0, i + 1)).length);
				expect(read.end).toBe(Math.max(0, ...ends.filter((end) => end <= torn.length)));
				expect(read.records).toHaveLength(ends.filter((end) => end <= torn.length).length);
			})
		);
	});

	it('lose nothing but the one that was damaged, and say where it stood', () => {
		const written = [1, 2, 3].map((kind) => encodeRecord(kind, new Uint8Array(40).fill(kind)));
		const length = written[0]!.length;
		for (let at = 0; at < length; at++) {
			const bytes = concat(...written);
			bytes[length + at] = bytes[length + at]! ^ 0x10;
			const read = readRecords(bytes);
			expect(read.records.map(({ kind }) => kind)).toEqual([1, 3]);
			expect(read.damaged).toEqual([{ from: length, to: 2 * length }]);
		}
	});

	it('cost little where somebody made up a thousand beginnings', () => {
		const false1 = Uint8Array.of(0x47, 0x56, 1, 0xff, 0xff);
		const bytes = concat(...Array.from({ length: 100_000 }, () => false1));
		expect(readRecords(bytes).records).toEqual([]);
	});
});

describe('what was written for a recording', () => {
	it('is never more than refused, whatever was changed in it', async () => {
		const { parts } = await makeTape({ seconds: 3, speakers: 2 });
		const blocks = readRecords(parts.sound).records.map(({ content }) => content);
		const changes = fc.array(fc.tuple(fc.nat(4_000), fc.nat(255)), { minLength: 1, maxLength: 4 });
		fc.assert(
			fc.property(fc.constantFrom(...Object.values(parts), ...blocks), changes, (bytes, some) => {
				const changed = bytes.slice();
				for (const [at, value] of some) changed[at % changed.length] = value;
				const cut = changed.subarray(0, 1 + ((some[0]?.[0] ?? 0) % changed.length));
				for (const input of [changed, cut]) {
					readMeta(input);
					readLog(input);
					readIndex(input, 100_000);
					decodeBlock(input);
					readContentHead(input);
					readFileHead(input);
					openManifest(input);
					expect(readRecords(input).end).toBeLessThanOrEqual(input.length);
				}
			}),
			{ numRuns: 2_000 }
		);
	});

	it('is never more than refused, whatever comes instead', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
				expect(readMeta(bytes)).toBeNull();
				expect(readFileHead(bytes)).toBeNull();
				expect(readLog(bytes)).toEqual([]);
				decodeBlock(bytes);
				openManifest(bytes);
			})
		);
	});
});
