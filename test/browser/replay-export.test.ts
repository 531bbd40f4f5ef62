/** What is made of a recording, read by the browser's own demuxer and decoder: who is heard, when, and what the file says of itself. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExportWish } from '#lib/app/replay/export.ts';
import { openJobs, startReplayWorker, Stopped, type Jobs } from '#lib/app/replay/jobs.ts';
import { concat } from '#lib/p2p/wire/ids.ts';
import { STARTED_MS, type MadeTape } from '../lib/tape-maker.ts';
import {
	heard,
	heardBy,
	stereoPackets,
	TONE_SECONDS,
	tonePackets,
	TONES,
	tonesAt,
	toneTape
} from '../lib/tone-tape.ts';

const RATE = 48_000;

let tape: MadeTape;
let jobs: Jobs;

beforeAll(async () => {
	const made = await toneTape();
	({ tape } = made);
	const { id, room } = tape.meta;
	const keySeed = new Uint8Array(32).fill(1);
	jobs = openJobs(
		startReplayWorker(),
		{ id, room, keys: [], keySeed, clip: null },
		() => STARTED_MS
	);
	return async () => {
		jobs.close();
		await made.remove();
	};
});

const tags = {
	title: 'Tones',
	artist: '',
	madeAtMs: STARTED_MS,
	chapters: [{ atMs: 3_000, title: 'Second' }]
};

async function made(wish: ExportWish): Promise<Uint8Array> {
	const pieces: Uint8Array[] = [];
	const onBytes = (bytes: Uint8Array): Promise<void> => {
		pieces.push(bytes);
		return Promise.resolve();
	};
	await jobs.start(wish, { onBytes }).done;
	return concat(...pieces);
}

const asText = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes);

describe('a recording as a file', () => {
	it('has everybody in the mix, in their time, with title and chapters', async () => {
		const file = await made({ kind: 'mix', tags });
		const samples = await heard(file);
		expect(samples.length / RATE).toBeCloseTo(TONE_SECONDS, 1);
		const found = [0.7, 2.3, 3.7, 5.3, 6.7, 7.5, 8.5].map((atS) => tonesAt(samples, atS));
		expect(found).toEqual([[440], [440], [660], [660], [990], [990], [440, 990]]);
		for (const words of ['TITLE=Tones', 'CHAPTER001=00:00:03.000', 'CHAPTER001NAME=Second']) {
			expect(asText(file)).toContain(words);
		}
	});

	it('has a track for each, of the same length, with the packets as they were signed', async () => {
		const found: number[][][] = [];
		for (const { peer } of tape.speakers) {
			const file = await made({ kind: 'track', peer, tags });
			const samples = await heard(file);
			expect(samples.length / RATE).toBeCloseTo(TONE_SECONDS, 1);
			found.push([1.5, 4.5, 7.3, 8.5].map((atS) => tonesAt(samples, atS)));
		}
		expect(found).toEqual([
			[[440], [], [], [440]],
			[[], [660], [], []],
			[[], [], [990], [990]]
		]);
		const { peer } = tape.speakers[1]!;
		const bytes = await made({ kind: 'track', peer, tags });
		const packets = await tonePackets(TONES[1], 50);
		for (const packet of packets.slice(5, 40)) expect(asText(bytes)).toContain(asText(packet));
	});

	it('can be played from any moment', async () => {
		const samples = await heard(await made({ kind: 'play', fromTick: 200 }));
		expect(samples.length / RATE).toBeCloseTo(TONE_SECONDS - 4, 1);
		expect([0.7, 2.7, 4.5].map((atS) => tonesAt(samples, atS))).toEqual([[660], [990], [440, 990]]);
	});

	it('stops where nobody wants it any more', async () => {
		const job = jobs.start({ kind: 'mix', tags }, { onBytes: () => Promise.resolve() });
		job.stop();
		await expect(job.done).rejects.toBeInstanceOf(Stopped);
		expect((await made({ kind: 'original' })).length).toBeGreaterThan(10_000);
	});
});

describe('a recording in which somebody played music', () => {
	it('is stereo: in its mix, and in the track of who played; voices are in the middle', async () => {
		const { tape: music, remove } = await toneTape(undefined, await stereoPackets(660, 440, 50));
		const { id, room } = music.meta;
		const keySeed = new Uint8Array(32).fill(1);
		const own = openJobs(
			startReplayWorker(),
			{ id, room, keys: [], keySeed, clip: null },
			() => STARTED_MS
		);
		const of = async (wish: ExportWish): Promise<Float32Array[]> => {
			const pieces: Uint8Array[] = [];
			await own.start(wish, { onBytes: (bytes) => Promise.resolve(void pieces.push(bytes)) }).done;
			return heardBy(concat(...pieces));
		};
		const voice = await of({ kind: 'track', peer: music.speakers[0]!.peer, tags });
		expect(voice).toHaveLength(1);
		for (const ears of [
			await of({ kind: 'mix', tags }),
			await of({ kind: 'play', fromTick: 0 }),
			await of({ kind: 'track', peer: music.speakers[1]!.peer, tags })
		]) {
			expect(ears.map((ear) => tonesAt(ear, 4.5))).toEqual([[660], [440]]);
		}
		const [left, right] = await of({ kind: 'mix', tags });
		expect([left, right].map((ear) => tonesAt(ear!, 8.5))).toEqual([
			[440, 990],
			[440, 990]
		]);
		own.close();
		await remove();
	});
});
