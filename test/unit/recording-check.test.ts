import { describe, expect, it } from 'vitest';
import { contentOf, originalOf } from '#lib/app/replay/original.ts';
import { bytesAsSource } from '#lib/io/disk/byte-sources.ts';
import { openParts } from '#lib/io/disk/recording-reader.ts';
import { decodeBlock, encodeBlock } from '#lib/p2p/archive/block.ts';
import { FILE_HEAD_BYTES_MAX, readFileHead, type Part } from '#lib/p2p/archive/container.ts';
import { PIECE_BYTES } from '#lib/p2p/archive/limits.ts';
import { encodeRecord, readRecords } from '#lib/p2p/archive/record.ts';
import { concat } from '#lib/p2p/wire/ids.ts';
import { encodeVoice } from '#lib/p2p/wire/packet.ts';
import { checkRecording, type CheckedRecording } from '#lib/io/disk/recording-check.ts';
import { recordingWords } from '../../src/seed/recording-words.ts';
import { asFrame, makeTape, STARTED_MS, type MadeTape } from '../lib/tape-maker.ts';
import { Dice } from '../sim/dice.ts';

const SECONDS = 20;
/** Thousands of signatures are checked for each place, on whatever machine. */
const FLIPS_MS = 30_000;
const pin = { kind: 'pin', text: 'Questions', link: '' } as const;

const made = await makeTape({
	seconds: SECONDS,
	speakers: 3,
	tell: async (sign) => [
		{ type: 'event', atMs: 4_000, envelope: (await sign(0, pin)).bytes },
		{ type: 'text', atMs: 5_000, signed: (await sign(1, { ...pin, text: 'Said' })).bytes }
	]
});
const original = await signedBy(made, made.parts);

async function signedBy(
	{ speakers }: MadeTape,
	parts: Readonly<Record<Part, Uint8Array>>
): Promise<Uint8Array> {
	const sources = {
		meta: bytesAsSource(parts.meta),
		log: bytesAsSource(parts.log),
		index: bytesAsSource(parts.index),
		sound: bytesAsSource(parts.sound)
	};
	const { recording } = (await openParts(sources))!;
	const { keys } = speakers[0]!;
	const pieces: Uint8Array[] = [];
	const content = contentOf(recording, sources);
	const sign = (message: Uint8Array): Promise<Uint8Array> => keys.sign(message);
	for await (const piece of originalOf({ recording, content, sign, nowMs: STARTED_MS })) {
		pieces.push(piece);
	}
	return concat(...pieces);
}

const check = (file: Uint8Array): Promise<CheckedRecording> => {
	const { keys } = made.speakers[0]!;
	return checkRecording(bytesAsSource(file), (...what) => keys.verify(...what));
};

describe('the signed original of a recording', () => {
	it('proves who said what, and that it is whole', async () => {
		expect(original.length).toBeGreaterThan(PIECE_BYTES);
		const checked = await check(original);
		expect(checked.faults).toEqual([]);
		expect(checked).toMatchObject({ host: made.speakers[0]!.peer, texts: 1 });
		expect(checked.voices.map(({ peer }) => peer)).toEqual(made.speakers.map(({ peer }) => peer));
		// Five seconds each in turn; the first comes twice. What was said last may have no proof.
		const ticks = checked.voices.map(({ voiceTicks }) => voiceTicks);
		for (const [i, seconds] of [10, 5, 5].entries()) {
			expect(ticks[i]).toBeGreaterThan(seconds * 50 - 5);
			expect(ticks[i]).toBeLessThan(seconds * 50 + 50);
		}
		expect(recordingWords(checked)).toContain('Every signature in this recording holds');
		for (const { name } of made.speakers) expect(recordingWords(checked)).toContain(name);
	});

	it(
		'says where, whichever byte is changed',
		async () => {
			const dice = new Dice(11);
			const { contentAt } = readFileHead(original.subarray(0, FILE_HEAD_BYTES_MAX))!;
			const places = [0, 19, 21, contentAt - 1, contentAt, contentAt + 23, contentAt + 24];
			places.push(original.length - 1, original.length - 33, original.length - 97);
			while (places.length < 36) places.push(Math.floor(dice.next() * original.length));
			for (const at of places) {
				const changed = original.slice();
				changed[at]! ^= 1 << Math.floor(dice.next() * 8);
				const checked = await check(changed);
				const { faults } = checked;
				const near = faults.filter(({ from, to }) => from <= at && at < to);
				const narrowest = Math.min(...near.map(({ from, to }) => to - from));
				// A block of sound has a few thousand bytes.
				expect(narrowest, `byte ${at}`).toBeLessThan(8_000);
				expect(recordingWords(checked)).toMatch(/^REFUSED/);
			}
		},
		FLIPS_MS
	);

	it('says where it was cut off, or where something was put behind it', async () => {
		const end = original.length;
		for (const file of [original.subarray(0, end - 40), concat(original, Uint8Array.of(1))]) {
			const { faults } = await check(file);
			expect(faults[0]).toMatchObject({ fault: 'length', from: Math.min(file.length, end) });
		}
		const { faults } = await check(original.subarray(0, end / 2));
		expect(faults.map(({ fault }) => fault)).toContain('piece');
	});

	it('names the speaker whose words the host has changed, though the host signs it anew', async () => {
		const records = readRecords(made.parts.sound).records;
		const target = records[8]!;
		const block = decodeBlock(target.content)!;
		const [run, ...others] = block.runs;
		const [first, ...rest] = run!.frames;
		if (first?.kind !== 'voice') throw new Error('The first frame there is no voice.');
		const opus = first.opus.slice().fill(9, 4);
		const carried = run!.proofs.some(({ seq }) => seq === first.seq);
		expect(carried).toBe(false);
		const forged = asFrame(encodeVoice(first.stream, first.seq, first.level, opus));
		// What its speaker signed of that frame stands in the proof of another: the forger keeps it.
		const content = encodeBlock({ ...block, runs: [{ ...run!, frames: rest }, ...others] });
		const own = encodeBlock({
			...block,
			runs: [{ ...run!, frames: [forged, ...rest] }, ...others]
		});
		expect(own.length).toBeGreaterThan(content.length);
		const sound = concat(
			made.parts.sound.subarray(0, target.from),
			encodeRecord(target.kind, own),
			made.parts.sound.subarray(target.to)
		);
		const { faults } = await check(await signedBy(made, { ...made.parts, sound }));
		expect(faults).toHaveLength(1);
		const speaker = made.speakers.find(({ stream }) => stream === run!.stream)!;
		expect(faults[0]).toMatchObject({ fault: 'forged-sound' });
		expect(faults[0]!.what).toContain(speaker.peer);
	});

	it('is refused where somebody else signs it, or its head is of another room', async () => {
		const stranger = { ...made, speakers: [...made.speakers].reverse() };
		const { faults } = await check(await signedBy(stranger, made.parts));
		expect(faults.map(({ fault }) => fault)).toEqual(['manifest']);
		expect((await check(Uint8Array.of(1, 2, 3))).faults[0]).toMatchObject({
			fault: 'no-recording'
		});
	});

	it('points out who is heard though they had said no, and names who never answered', async () => {
		const answered = await makeTape({
			...{ seconds: 6, speakers: 4, talks: () => true },
			tell: async (sign) => {
				const answer = async (who: number, yes: boolean, atMs: number) => ({
					...{ type: 'event' as const, atMs },
					envelope: (await sign(who, { kind: 'consent', answer: yes ? 'sound' : 'none' })).bytes
				});
				return [
					await answer(1, true, 0),
					await answer(1, false, 2_000),
					await answer(2, false, 0),
					await answer(2, true, 4_000)
				];
			}
		});
		const { faults, unanswered } = await check(await signedBy(answered, answered.parts));
		expect(faults.map(({ fault }) => fault)).toEqual(['declined', 'declined']);
		const [first, second] = [answered.speakers[1]!.peer, answered.speakers[2]!.peer];
		// Of the one who said no in the end all of it, and of the other what came before the yes.
		expect(faults.find(({ what }) => what.includes(first))!.what).toMatch(/^[56]\.\d s/);
		expect(faults.find(({ what }) => what.includes(second))!.what).toMatch(/^[12]\.\d s/);
		expect(unanswered).toEqual([answered.speakers[3]!.peer]);
		// Half a minute of three who never answered is not refused for that.
		const words = recordingWords(await check(original));
		expect(words).toContain(`That ${made.speakers[1]!.peer} agreed to be recorded`);
	});
});
