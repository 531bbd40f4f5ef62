import { describe, expect, it } from 'vitest';
import { bytesAsSource } from '#lib/io/disk/byte-sources.ts';
import { openContent, openParts, type RecordingReader } from '#lib/io/disk/recording-reader.ts';
import { decodeBlock } from '#lib/p2p/archive/block.ts';
import { joinParts } from '#lib/p2p/archive/container.ts';
import type { RecordedFrame } from '#lib/p2p/archive/reader.ts';
import { signedRows, type ChainedProof } from '#lib/p2p/archive/proof-chain.ts';
import { readRecords } from '#lib/p2p/archive/record.ts';
import { createTape } from '#lib/p2p/archive/tape.ts';
import {
	coveredBy,
	frameHash,
	PROOF_SIGNATURE_BYTES,
	proofMessage,
	type Proof
} from '#lib/p2p/wire/proof.ts';
import { toHex } from '#lib/p2p/wire/ids.ts';
import { makeTape, STARTED_MS, type MadeTape } from '../lib/tape-maker.ts';

const open = async (parts: MadeTape['parts']): Promise<RecordingReader> => {
	const reader = await openContent(bytesAsSource(joinParts(parts)));
	if (reader === null) throw new Error('It does not open.');
	return reader;
};

async function all(reader: RecordingReader, fromMs = 0): Promise<RecordedFrame[]> {
	const frames: RecordedFrame[] = [];
	for await (const some of reader.frames(fromMs)) frames.push(...some);
	return frames;
}

/** Whole, and quickly compared. */
const named = (frames: readonly RecordedFrame[]): string[] =>
	frames.map(({ frame, atMs }) => `${atMs} ${toHex(frame.bytes)}`);

/** As it travelled with the frame of that number, by the look of it: most signatures are not kept. */
function carriedBy(seq: number, proofs: readonly ChainedProof[]): Proof | null {
	const proof = proofs.find((one) => one.seq === seq);
	if (proof === undefined) return null;
	return { ...proof, signature: proof.signature ?? new Uint8Array(PROOF_SIGNATURE_BYTES) };
}

/** Everybody at once, with a breath of a fifth of a second in every two. */
const talks = (speaker: number, tick: number): boolean => (tick + speaker * 7) % 100 < 90;

describe('a recording', () => {
	it('gives back every frame that was said, in the order of their times', async () => {
		const made = await makeTape({ seconds: 20, speakers: 3, talks, signed: false });
		const { recording, ...reader } = await open(made.parts);
		expect(recording).toMatchObject({ durationMs: 20_000, meta: made.meta });
		expect(recording.seats.map(({ peer }) => peer)).toEqual(made.speakers.map(({ peer }) => peer));
		const frames = await all({ recording, ...reader });
		const voice = frames.filter(({ frame }) => frame.kind === 'voice');
		// All but the last three, for which no proof had come.
		expect(voice.length).toBeGreaterThan(3 * 900 - 3 * 4);
		expect(frames.map(({ atMs }) => atMs)).toEqual(
			frames.map(({ atMs }) => atMs).sort((a, b) => a - b)
		);
		for (const [i, { stream }] of made.speakers.entries()) {
			const first = voice.find(({ frame }) => frame.stream === stream);
			expect(first?.atMs).toBe(0);
			expect(first?.frame.seq).toBe(1_000_000 * (i + 1));
		}
	});

	it('keeps proofs for every frame, and every one of them holds', async () => {
		const made = await makeTape({ seconds: 6, speakers: 2, talks });
		const reader = await open(made.parts);
		let frames = 0;
		for (let i = 0; i < reader.recording.index.length; i++) {
			for (const { runs } of await reader.blocks(i)) {
				for (const run of runs) {
					const { keys } = made.speakers.find(({ stream }) => stream === run.stream)!;
					const vouched = new Map<number, Uint8Array>();
					const rows = signedRows(run.stream, run.proofs);
					// One signature is enough for what was said without a break.
					expect(rows.length).toBe(1);
					for (const { signed, proofs } of rows) {
						const message = proofMessage(run.stream, signed.seq, signed);
						expect(await keys.verify(keys.publicKey, message, signed.signature)).toBe(true);
						for (const proof of proofs) {
							for (const { seq, hash } of coveredBy(proof.seq, proof)) vouched.set(seq, hash);
						}
					}
					for (const { seq, content } of run.frames) {
						expect(vouched.get(seq)).toEqual(frameHash(content));
						frames++;
					}
				}
			}
		}
		expect(frames).toBeGreaterThan(500);
	});

	it('seeks to where it is asked to, by its index or without one', async () => {
		const made = await makeTape({ seconds: 30, speakers: 2, talks, signed: false });
		const whole = await all(await open(made.parts));
		const without = { ...made.parts, index: new Uint8Array(0) };
		const scrambled = { ...made.parts, index: made.parts.index.slice().fill(7, 100, 300) };
		for (const parts of [made.parts, without, scrambled]) {
			const reader = await open(parts);
			expect(reader.recording.index.length).toBeGreaterThan(20);
			for (const fromMs of [0, 7_310, 12_000, 29_900, 31_000]) {
				const expected = whole.filter(({ atMs }) => atMs >= fromMs);
				expect(named(await all(reader, fromMs))).toEqual(named(expected));
			}
		}
	});

	it('costs at most 15 MB for an hour of one who speaks without a pause', async () => {
		const always = (): boolean => true;
		const { parts } = await makeTape({ seconds: 120, speakers: 1, talks: always, signed: false });
		const total = Object.values(parts).reduce((sum, { length }) => sum + length, 0);
		expect((total / 120) * 3_600).toBeLessThan(15_000_000);
	});

	it('is read up to where it was cut off', async () => {
		const made = await makeTape({ seconds: 20, speakers: 2, talks, signed: false });
		const whole = await all(await open(made.parts));
		for (const share of [0.9, 0.5, 0.1]) {
			const sound = made.parts.sound.subarray(0, Math.floor(made.parts.sound.length * share));
			const frames = await all(await open({ ...made.parts, sound }));
			const lastMs = frames.at(-1)!.atMs;
			// A block that was torn takes its own three quarters of a second along, and nothing else.
			expect(lastMs).toBeGreaterThan(20_000 * share - 2_000);
			const near = (some: RecordedFrame[]) => named(some.filter(({ atMs }) => atMs < lastMs - 100));
			expect(near(frames)).toEqual(near(whole));
		}
	});

	it('plays on where a block in its middle is damaged', async () => {
		const made = await makeTape({ seconds: 20, speakers: 2, talks, signed: false });
		const sound = made.parts.sound.slice();
		sound[Math.floor(sound.length / 2)]! ^= 1;
		const whole = await all(await open(made.parts));
		const frames = await all(await open({ ...made.parts, sound }));
		expect(frames.length).toBeLessThan(whole.length);
		expect(frames.length).toBeGreaterThan(whole.length - 100);
		expect(frames.at(-1)).toEqual(whole.at(-1));
	});

	it('plays parts that lie apart as one', async () => {
		const at = (ms: number) => ({ type: 'mark', atMs: ms, lastMs: ms }) as const;
		const made = await makeTape({
			seconds: 30,
			speakers: 1,
			talks,
			signed: false,
			extra: [
				{ ...at(10_000), mark: 'paused' },
				{ ...at(15_000), mark: 'on' },
				{ ...at(24_000), mark: 'back', lastMs: 22_500 }
			]
		});
		const { recording } = await open(made.parts);
		expect(recording.durationMs).toBe(10_000 + 7_500 + 6_000);
		expect(recording.spans).toEqual([
			{ fromMs: 0, toMs: 10_000, playMs: 0, after: null },
			{ fromMs: 15_000, toMs: 22_500, playMs: 10_000, after: 'paused' },
			{ fromMs: 24_000, toMs: 30_000, playMs: 17_500, after: 'cut-off' }
		]);
	});

	it('has chapters where something was pinned, and none for what was pinned before', async () => {
		const made = await makeTape({
			seconds: 10,
			speakers: 1,
			signed: false,
			tell: async (sign) => {
				const before = await sign(0, { kind: 'pin', text: 'Rules', link: '' });
				const during = await sign(0, { kind: 'pin', text: 'Questions', link: '' });
				return [
					{ type: 'event', atMs: 0, envelope: before.bytes },
					{ type: 'text', atMs: 3_000, signed: Uint8Array.of(1, 2, 3) },
					{ type: 'event', atMs: 4_000, envelope: during.bytes }
				];
			}
		});
		const { recording } = await open(made.parts);
		expect(recording.chapters).toEqual([{ playMs: 4_000, text: 'Questions', link: '' }]);
		expect(recording.texts).toMatchObject([{ playMs: 3_000, signed: Uint8Array.of(1, 2, 3) }]);
	});

	it('does not open without its head', async () => {
		const { parts } = await makeTape({ seconds: 1, speakers: 1, signed: false });
		const source = (bytes: Uint8Array) => bytesAsSource(bytes);
		const sources = {
			log: source(parts.log),
			index: source(parts.index),
			sound: source(parts.sound)
		};
		expect(await openParts({ ...sources, meta: source(new Uint8Array(0)) })).toBeNull();
		expect(await openParts({ ...sources, meta: source(parts.meta) })).not.toBeNull();
	});
});

describe('a tape', () => {
	/** Everything said in a few seconds, as it came. */
	async function said(): Promise<RecordedFrame[]> {
		return all(await open((await makeTape({ seconds: 4, speakers: 1, talks })).parts));
	}

	it('gives out nothing that no proof covers', async () => {
		const tape = createTape({ startedAtMs: STARTED_MS, soundBytes: 0 });
		for (const { frame, atMs } of await said()) {
			tape.hear({ frame: { ...frame, proof: null }, atMs: STARTED_MS + atMs });
		}
		expect(tape.finish(STARTED_MS + 4_000)).toEqual({ sound: [], index: [] });
		tape.flush(STARTED_MS + 20_000);
		expect(tape.uncovered).toBeGreaterThan(100);
	});

	it('writes each frame once, however often it comes', async () => {
		const { parts } = await makeTape({ seconds: 4, speakers: 1, talks });
		const blocks = readRecords(parts.sound).records.map(({ content }) => decodeBlock(content)!);
		const tape = createTape({ startedAtMs: STARTED_MS, soundBytes: 0 });
		const written: Uint8Array[] = [];
		for (let time = 0; time < 2; time++) {
			for (const { runs } of blocks) {
				for (const { frames, proofs } of runs) {
					for (const frame of frames) {
						const proof = carriedBy(frame.seq, proofs);
						tape.hear({ frame: { ...frame, proof }, atMs: STARTED_MS + 1_000, filled: time === 1 });
					}
				}
			}
			written.push(...tape.flush(STARTED_MS + 5_000).sound);
		}
		const again = written.map((record) => decodeBlock(readRecords(record).records[0]!.content)!);
		const seqs = again.flatMap(({ runs }) =>
			runs.flatMap(({ frames }) => frames.map(({ seq }) => seq))
		);
		expect(new Set(seqs).size).toBe(seqs.length);
		expect(seqs.length).toBeGreaterThan(150);
	});

	it('forgets what waits of somebody who does not want to be recorded', async () => {
		const { parts, speakers } = await makeTape({ seconds: 4, speakers: 1, talks });
		const [first] = readRecords(parts.sound).records.map(({ content }) => decodeBlock(content)!);
		const { frames, proofs } = first!.runs[0]!;
		const tape = createTape({ startedAtMs: STARTED_MS, soundBytes: 0 });
		for (const frame of frames) {
			const proof = carriedBy(frame.seq, proofs);
			tape.hear({ frame: { ...frame, proof }, atMs: STARTED_MS + 500 });
		}
		tape.drop(speakers[0]!.stream);
		expect(tape.finish(STARTED_MS + 1_000).sound).toEqual([]);
	});
});
