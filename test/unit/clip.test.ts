import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clipFile } from '#lib/app/replay/clip-file.ts';
import { bytesAsSource } from '#lib/io/disk/byte-sources.ts';
import { checkClip, type CheckedClip } from '#lib/io/disk/clip-check.ts';
import { openClipFile, openContent, type RecordingReader } from '#lib/io/disk/recording-reader.ts';
import { decodeBlock, encodeBlock } from '#lib/p2p/archive/block.ts';
import { cutWithin } from '#lib/p2p/archive/clip.ts';
import { joinParts } from '#lib/p2p/archive/container.ts';
import type { RecordedFrame } from '#lib/p2p/archive/reader.ts';
import { encodeRecord, readRecords } from '#lib/p2p/archive/record.ts';
import { concat, toHex } from '#lib/p2p/wire/ids.ts';
import { verify } from '../e2e/verify.ts';
import { makeTape, STARTED_MS, type MadeTape } from '../lib/tape-maker.ts';
import { Dice } from '../sim/dice.ts';

/** Everybody at once, with a breath of a fifth of a second in every two. */
const talks = (speaker: number, tick: number): boolean => (tick + speaker * 7) % 100 < 90;
const pin = { kind: 'pin', text: 'Questions', link: '' } as const;
const CUT = { fromMs: 4_310, toMs: 9_090 };

const made = await makeTape({
	seconds: 20,
	speakers: 3,
	talks,
	tell: async (sign) => [
		{ type: 'event', atMs: 5_000, envelope: (await sign(0, pin)).bytes },
		{ type: 'text', atMs: 6_000, signed: (await sign(1, { ...pin, text: 'In it' })).bytes },
		{ type: 'text', atMs: 12_000, signed: (await sign(1, { ...pin, text: 'Behind it' })).bytes }
	]
});

async function opened(parts: MadeTape['parts']): Promise<RecordingReader> {
	const reader = await openContent(bytesAsSource(joinParts(parts)));
	if (reader === null) throw new Error('It does not open.');
	return reader;
}

async function cutFrom(parts: MadeTape['parts'], cut = CUT, maker = 0): Promise<Uint8Array> {
	const { keys } = made.speakers[maker]!;
	const file = await clipFile({
		reader: await opened(parts),
		cut,
		keys,
		nowMs: STARTED_MS + 60_000
	});
	if (file === null) throw new Error('Nobody is heard.');
	return file;
}

const check = (file: Uint8Array): Promise<CheckedClip> => {
	const { keys } = made.speakers[0]!;
	return checkClip(bytesAsSource(file), (...what) => keys.verify(...what));
};

async function frames(reader: RecordingReader): Promise<RecordedFrame[]> {
	const all: RecordedFrame[] = [];
	for await (const some of reader.frames(0)) all.push(...some);
	return all;
}

/** Sound in which one frame in the middle of a block is not there. */
function withoutOne(sound: Uint8Array): Uint8Array {
	const { records } = readRecords(sound);
	const target = records[8]!;
	const block = decodeBlock(target.content)!;
	const [run, ...others] = block.runs;
	const kept = run!.frames.filter((_, i) => i !== 10);
	const content = encodeBlock({ ...block, runs: [{ ...run!, frames: kept }, ...others] });
	const record = encodeRecord(target.kind, content);
	return concat(sound.subarray(0, target.from), record, sound.subarray(target.to));
}

describe('a clip', () => {
	it('holds every frame of its time as it was signed, and what was said and pinned then', async () => {
		const clip = (await openClipFile(bytesAsSource(await cutFrom(made.parts))))!;
		const { recording } = clip.reader;
		// Ticks do not begin at the same time as what was wished.
		const [from, to] = [4_320, 9_100];
		expect(clip.head.clip).toMatchObject({ fromMs: from, toMs: to, id: made.meta.id });
		expect(recording.durationMs).toBe(to - from);
		const there = (await frames(await opened(made.parts))).filter(
			({ atMs }) => atMs >= from && atMs < to
		);
		const here = await frames(clip.reader);
		const named = (all: RecordedFrame[]) => all.map(({ frame }) => toHex(frame.bytes)).sort();
		expect(named(here)).toEqual(named(there));
		expect(here.length).toBeGreaterThan(3 * 200);
		expect(here[0]!.playMs).toBeLessThan(40);
		expect(recording.seats.map(({ name }) => name)).toEqual(['Real 1', 'Real 2', 'Real 3']);
		expect(recording.chapters.map(({ playMs }) => playMs)).toEqual([5_000 - from]);
		expect(recording.texts.map(({ playMs }) => playMs)).toEqual([6_000 - from]);
	});

	it('proves who said it, and that nothing was cut or altered, to a program that has the file alone', async () => {
		const file = await cutFrom(made.parts);
		const checked = await check(file);
		expect(checked).toMatchObject({ faults: [], gaps: [], texts: 1 });
		expect(checked.host).toBe(made.speakers[0]!.peer);
		expect(checked.voices.map(({ peer }) => peer)).toEqual(made.speakers.map(({ peer }) => peer));
		for (const { voiceTicks } of checked.voices) expect(voiceTicks).toBeGreaterThan(200);
		const folder = mkdtempSync(join(tmpdir(), 'grapevine-clip-'));
		onTestFinished(() => rmSync(folder, { recursive: true }));
		writeFileSync(join(folder, 'it.grapeclip'), file);
		const { code, text } = await verify(join(folder, 'it.grapeclip'));
		expect(code).toBe(0);
		expect(text).toContain('Said by “Real 2”');
		expect(text).toContain('Nothing was cut inside the clip: ');
		expect(text).toContain(`It is a clip of recording ${made.meta.id} “Made for a test”`);
		expect(text).toContain('from 00:00:04.320 to 00:00:09.100 of it');
	});

	it('says what is missing inside it, and whose', async () => {
		const parts = { ...made.parts, sound: withoutOne(made.parts.sound) };
		const { faults, gaps } = await check(await cutFrom(parts));
		expect(faults).toEqual([]);
		expect(gaps).toMatchObject([{ lengthMs: 20 }]);
		expect(gaps[0]!.atMs).toBeGreaterThan(CUT.fromMs);
		expect(gaps[0]!.atMs).toBeLessThan(CUT.toMs);
	});

	it('is refused, with the place, whichever byte of it is changed', async () => {
		const file = await cutFrom(made.parts);
		const dice = new Dice(7);
		const places = [0, 14, 20, 300, file.length - 1];
		while (places.length < 20) places.push(Math.floor(dice.next() * file.length));
		for (const at of places) {
			const changed = file.slice();
			changed[at]! ^= 1 << Math.floor(dice.next() * 8);
			const { faults } = await check(changed);
			const near = faults.filter(({ from, to }) => from <= at && at < to);
			expect(near.length, `byte ${at}`).toBeGreaterThan(0);
		}
	});

	it('says who cut it, where that is not the host', async () => {
		const checked = await check(await cutFrom(made.parts, CUT, 2));
		expect(checked.faults).toEqual([]);
		expect(checked.maker).toBe(made.speakers[2]!.peer);
		expect(checked.host).toBe(made.speakers[0]!.peer);
	});

	it('goes over a pause, in which nothing of it lies', async () => {
		const at = (ms: number) => ({ type: 'mark', atMs: ms, lastMs: ms }) as const;
		const paused = await makeTape({
			...{ seconds: 20, speakers: 1, talks: (_, tick) => tick < 300 || tick >= 500 },
			extra: [
				{ ...at(6_000), mark: 'paused' },
				{ ...at(10_000), mark: 'on' }
			]
		});
		const { keys } = paused.speakers[0]!;
		const reader = await opened(paused.parts);
		const file = await clipFile({ reader, cut: { fromMs: 5_000, toMs: 8_000 }, keys, nowMs: 0 });
		const clip = (await openClipFile(bytesAsSource(file!)))!;
		expect(clip.reader.recording.durationMs).toBe(3_000);
		const times = (await frames(clip.reader)).map(({ playMs }) => playMs);
		expect(times[0]).toBe(0);
		expect(times.at(-1)).toBeGreaterThan(2_950);
		expect(Math.max(...times.map((time, i) => time - (times[i - 1] ?? 0)))).toBeLessThan(120);
	});

	it('is ninety seconds long at most, and half a second at least', () => {
		expect(cutWithin({ fromMs: 1_000, toMs: 200_000 }, 600_000)).toEqual({
			fromMs: 1_000,
			toMs: 91_000
		});
		expect(cutWithin({ fromMs: 5_000, toMs: 2_000 }, 600_000)).toEqual({
			fromMs: 5_000,
			toMs: 5_500
		});
		expect(cutWithin({ fromMs: 9_999, toMs: 99_999 }, 10_000)).toEqual({
			fromMs: 9_500,
			toMs: 10_000
		});
	});
});
