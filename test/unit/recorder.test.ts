import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
	createRecorder,
	SPACE_FULL_BYTES,
	SPACE_LOW_BYTES,
	type Recorder
} from '#lib/app/engine/recorder.ts';
import { LAST_BYTES } from '#lib/app/engine/reserve.ts';
import { createFsDisk } from '#lib/io/disk/fs-disk.ts';
import { openFolder } from '#lib/io/disk/recording-files.ts';
import type { RecordingReader } from '#lib/io/disk/recording-reader.ts';
import type { Disk } from '#lib/io/ports.ts';
import { createProver, type Prover } from '#lib/p2p/peer/prover.ts';
import type { Taping } from '#lib/p2p/peer/taping.ts';
import { fromHex, toHex, type RecordingId, type StreamId } from '#lib/p2p/wire/ids.ts';
import type { Consent } from '#lib/p2p/wire/recording.ts';
import type { Answer } from '#lib/p2p/room/recording.ts';
import { encodeVoice } from '#lib/p2p/wire/packet.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
import { createMemoryStore } from '../lib/memory-store.ts';
import { narrow } from '../lib/narrow-disk.ts';
import { asFrame } from '../lib/tape-maker.ts';
import { second, third, threeOnStage } from '../lib/stage.ts';
import { eventBy, host, room } from './room-people.ts';

const START_MS = 1_790_000_000_000;
const BLOCK_MS = 750;
/** Lamport time of what is said after all that stands in a stage's log. */
const LATER = 1_000;

const folders: string[] = [];

afterEach(async () => {
	await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

/** What the second speaker has said to being recorded. */
const answered = (consent: Consent, lamport: number): Answer => ({
	...{ peer: second.peer, consent, lamport }
});

/** A room's host and a speaker, and a disk: time moves by hand, and waits for the disk. */
async function studio() {
	const folder = await mkdtemp(join(tmpdir(), 'grapevine-'));
	folders.push(folder);
	const clock = createFakeClock(START_MS);
	const stage = threeOnStage();
	const scene = {
		folder,
		clock,
		left: null as number | null,
		stops: 0,
		errors: [] as unknown[],
		taping: {
			...{ state: 'on', kept: false, title: 'Evening talk', keys: [], locked: false, ended: false },
			people: [host, second].map(({ peer, name }) => ({ peer, name, agreed: 'sound' })),
			...{ decidedAt: 0, answers: [answered('sound', 0)] },
			streams: new Set([stage.one, stage.two]),
			events: stage.room.events
		} as Taping
	};
	const provers = new Map<StreamId, Prover>();
	let seq = 100;
	/** `life`: nothing rings any more once it is over, as after a crash. */
	const start = (disk: Disk = diskOf(), life = { over: false }): Recorder =>
		createRecorder({
			clock: {
				nowMs: () => clock.nowMs(),
				wake: (atMs, ring) => clock.wake(atMs, () => (life.over ? undefined : ring()))
			},
			disk,
			store: createMemoryStore(),
			room,
			hostKey: host.key,
			newId: () => '0123456789abcdef0123456789abcdef' as RecordingId,
			taping: () => scene.taping,
			onStopped: () => scene.stops++,
			note: (error) => scene.errors.push(error)
		});
	const diskOf = (): Disk => {
		const disk = createFsDisk(folder);
		const space = async () => ({ ...(await disk.space()), left: scene.left ?? 2 ** 40 });
		return { ...disk, space };
	};
	/** Both speak for that long. */
	const talk = async (recorder: Recorder, forMs: number): Promise<void> => {
		for (let ms = 0; ms < forMs; ms += 20) {
			seq++;
			clock.advance(20);
			for (const stream of [stage.one, stage.two]) {
				const prover = provers.get(stream) ?? createProver();
				provers.set(stream, prover);
				const bytes = encodeVoice(stream, seq, 30, Uint8Array.of(0x48, seq & 255, 3));
				const told = { stream, seq, bytes, last: false, atMs: clock.nowMs() };
				const offered = prover.offer(told);
				const ready =
					offered.type === 'ready'
						? offered.bytes
						: prover.proved(offered.ticket, new Uint8Array(64));
				recorder.hear({ type: 'record', frame: asFrame(ready!), atMs: clock.nowMs() });
			}
			await recorder.idle();
		}
	};
	/** Nothing is said for that long. */
	const rest = async (recorder: Recorder, forMs: number): Promise<void> => {
		for (let ms = 0; ms < forMs; ms += 20) {
			clock.advance(20);
			await recorder.idle();
		}
	};
	const read = async (): Promise<RecordingReader> => {
		const reader = await openFolder(createFsDisk(folder), '0123456789abcdef0123456789abcdef');
		if (reader === null) throw new Error('There is no recording.');
		return reader;
	};
	return { ...stage, scene, start, talk, rest, read };
}

async function framesOf(reader: RecordingReader, stream: StreamId): Promise<number[]> {
	const seqs: number[] = [];
	for await (const some of reader.frames(0, new Set([stream]))) {
		seqs.push(...some.map(({ frame }) => frame.seq));
	}
	return seqs;
}

/** Every byte of every file, as hex. */
async function wholeOf(folder: string): Promise<string> {
	const disk = createFsDisk(folder);
	const [id] = await disk.folders();
	const files = await disk.files(id!);
	const parts = await Promise.all(files.map(({ name, size }) => disk.read(id!, name, 0, size)));
	return parts.map(toHex).join('\n');
}

describe('a recorder', () => {
	it('has on the disk what was said up to less than a second ago', async () => {
		const { start, talk, read, one, two } = await studio();
		const recorder = start();
		await talk(recorder, 5_000);
		const reader = await read();
		for (const stream of [one, two]) {
			const seqs = await framesOf(reader, stream);
			expect(seqs[0]).toBe(101);
			expect(seqs.length).toBeGreaterThan(250 - 50);
			expect(seqs).toEqual(seqs.map((_, i) => 101 + i));
		}
		// Also those that came before the files were open.
		const times: number[] = [];
		for await (const some of reader.frames(0, new Set([two]))) {
			times.push(...some.map(({ playMs }) => playMs));
		}
		expect(times).toEqual(times.map((_, i) => 20 * i));
		expect(reader.recording.meta).toMatchObject({ title: 'Evening talk', endedAtMs: null });
		expect(recorder.status).toMatchObject({ state: 'on', problem: null });
		await recorder.stop();
	});

	it('goes on as one after it was killed, whatever was left half written', async () => {
		const { scene, start, talk, read, two } = await studio();
		const life = { over: false };
		await talk(start(undefined, life), 4_000);
		life.over = true;
		// Nothing of it is heard any more, and the last record was torn.
		const disk = createFsDisk(scene.folder);
		const sound = await disk.open('0123456789abcdef0123456789abcdef', 'sound.0001');
		await sound.append(Uint8Array.of(0x47, 0x56, 48, 0, 200, 1, 2, 3));
		await sound.close();
		const before = (await framesOf(await read(), two)).length;
		scene.clock.advance(60_000);
		scene.taping = { ...scene.taping };
		const next = start();
		await talk(next, 4_000);
		scene.taping = { ...scene.taping, state: 'off' };
		scene.clock.advance(BLOCK_MS);
		await expect.poll(async () => (await read()).recording.meta.endedAtMs).not.toBeNull();
		const { recording, ...reader } = await read();
		expect(recording.spans.map(({ after }) => after)).toEqual([null, 'cut-off']);
		expect(recording.durationMs).toBeGreaterThan(6_500);
		expect(recording.durationMs).toBeLessThan(9_000);
		expect((await framesOf({ recording, ...reader }, two)).length).toBeGreaterThan(before + 150);
		expect(await createFsDisk(scene.folder).folders()).toHaveLength(1);
		expect(scene.errors).toEqual([]);
	});

	it('loses nobody by a crash, while the host learns anew who agreed, or hears an old answer first', async () => {
		const { scene, start, talk, read, one, two, room: told } = await studio();
		told.tell(second, { kind: 'consent', answer: 'none' });
		const early = told.events.at(-1)!.lamport;
		told.tell(second, { kind: 'consent', answer: 'sound' });
		told.tell(host, { kind: 'recording', state: 'on', kept: false });
		const { lamport } = told.events.at(-1)!;
		const answers = [answered('sound', lamport - 1)];
		const all = { ...scene.taping, events: told.events, answers, decidedAt: lamport };
		scene.taping = all;
		const life = { over: false };
		await talk(start(undefined, life), 3_000);
		life.over = true;
		const before = (await framesOf(await read(), two)).length;
		expect(before).toBeGreaterThan(100);
		const next = start();
		const people = all.people.filter(({ peer }) => peer === host.peer);
		const learning = { ...all, people, streams: new Set([one]), events: told.events.slice(0, 2) };
		scene.taping = { ...learning, answers: [], decidedAt: 1 };
		await talk(next, 1_500);
		scene.taping = { ...learning, answers: [answered('none', early)], decidedAt: 1, state: 'off' };
		await talk(next, 1_500);
		scene.taping = all;
		await talk(next, 3_000);
		await next.stop();
		const reader = await read();
		expect((await framesOf(reader, two)).length).toBeGreaterThan(before + 250);
		expect(reader.recording.meta.people.map(({ peer }) => peer)).toEqual([host.peer, second.peer]);
		expect(reader.recording.meta.endedAtMs).toBeNull();
		expect(await createFsDisk(scene.folder).folders()).toHaveLength(1);
	});

	it('keeps its head where it crashes while somebody is taken out', async () => {
		const { scene, start, talk, read, one } = await studio();
		const disk = createFsDisk(scene.folder);
		let broken = false;
		const breaking: Disk = {
			...disk,
			async open(folder, name) {
				const file = await disk.open(folder, name);
				const append = file.append.bind(file);
				return Object.assign(file, {
					append: (bytes: Uint8Array) =>
						broken && name === 'meta' ? Promise.reject(new Error('No power.')) : append(bytes)
				});
			}
		};
		const recorder = start(breaking);
		await talk(recorder, 3_000);
		const people = scene.taping.people.filter(({ peer }) => peer === host.peer);
		const answers = [answered('none', LATER)];
		scene.taping = { ...scene.taping, streams: new Set([one]), people, answers };
		broken = true;
		await talk(recorder, 1_500);
		expect(recorder.status.problem).toBe('failed');
		expect((await read()).recording.durationMs).toBeGreaterThan(2_000);
	});

	it('leaves pauses out of what is listened to, and goes on with the first word after one', async () => {
		const { scene, start, talk, rest, read, one } = await studio();
		const recorder = start();
		await talk(recorder, 3_000);
		scene.taping = { ...scene.taping, state: 'paused' };
		// The core gives out nothing meanwhile.
		await rest(recorder, 3_000);
		expect(recorder.status.state).toBe('paused');
		scene.taping = { ...scene.taping, state: 'on' };
		await talk(recorder, 3_000);
		await recorder.stop();
		const reader = await read();
		const seqs = await framesOf(reader, one);
		expect(seqs).toEqual(seqs.map((_, i) => 101 + i));
		expect(seqs.length).toBeGreaterThan(290);
		expect(reader.recording.spans).toHaveLength(2);
		expect(reader.recording.durationMs).toBeGreaterThan(5_900);
		expect(reader.recording.durationMs).toBeLessThan(6_900);
	});

	it('takes out whoever has changed their mind, of what was recorded before as well', async () => {
		const { scene, start, talk, read, one, two, room: told } = await studio();
		const recorder = start();
		await talk(recorder, 3_000);
		const wasThere = await framesOf(await read(), two);
		expect(wasThere.length).toBeGreaterThan(100);
		const people = scene.taping.people.filter(({ peer }) => peer === host.peer);
		const events = told.events.filter(
			({ author, body }) => author === host.peer && !('to' in body && body.to === second.peer)
		);
		const answers = [answered('none', LATER)];
		scene.taping = { ...scene.taping, streams: new Set([one]), people, events, answers };
		await talk(recorder, 1_500);
		await recorder.stop();
		const reader = await read();
		expect((await framesOf(reader, one)).length).toBeGreaterThan(180);
		expect(reader.recording.meta.people.map(({ peer }) => peer)).toEqual([host.peer]);
		const whole = await wholeOf(scene.folder);
		for (const trace of [fromHex(two), second.key, new TextEncoder().encode(second.name)]) {
			expect(whole.indexOf(toHex(trace)), toHex(trace)).toBe(-1);
		}
		expect(whole.includes(toHex(host.key))).toBe(true);
	});

	it('holds the final words of those who agree to that, at the time they were said', async () => {
		const { scene, start, talk, read, one, two } = await studio();
		// Who agrees to captions alone has no sound in it.
		const people = scene.taping.people.map((one) => ({
			...one,
			agreed: one.peer === second.peer ? ('captions' as const) : one.agreed
		}));
		scene.taping = { ...scene.taping, people, streams: new Set([one]) };
		const recorder = start();
		await talk(recorder, 3_000);
		const say = (by: typeof second, text: string, final = true): Uint8Array => {
			const words = { stream: two, start: 1, ticks: 10, final, language: 'en', text };
			const { bytes } = eventBy(by, { sequence: 0, lamport: 9 }, { kind: 'caption', ...words });
			const news = { ...words, by: { peer: by.peer, name: by.name }, saidAtMs: START_MS + 2_000 };
			recorder.text(by.peer, bytes, news);
			return bytes;
		};
		const said = say(second, 'Good evening.');
		say(second, 'Good eve', false);
		say(third, 'Nobody asked me.');
		await talk(recorder, 1_500);
		await recorder.stop();
		const { texts, meta } = (await read()).recording;
		expect(texts.map(({ signed }) => signed)).toEqual([said]);
		expect(meta.startedAtMs + texts[0]!.atMs).toBe(START_MS + 2_000);
	});

	it('says early that space is short, and stops with everything so far', async () => {
		const { scene, start, talk, read } = await studio();
		scene.left = SPACE_LOW_BYTES - 1;
		const recorder = start();
		await talk(recorder, 2_000);
		expect(recorder.status).toMatchObject({ low: true, problem: null, state: 'on' });
		scene.left = SPACE_FULL_BYTES - 1;
		await talk(recorder, 11_000);
		expect(recorder.status).toMatchObject({ problem: 'full', state: 'off' });
		expect(scene.stops).toBe(1);
		const { recording } = await read();
		expect(recording.meta.endedAtMs).not.toBeNull();
		expect(recording.durationMs).toBeGreaterThan(9_000);
	});

	it('warns when a disk that does not tell refuses something, goes on, and ends whole at the next', async () => {
		const { scene, start, talk, read } = await studio();
		const room = { bytes: LAST_BYTES + 600_000 };
		const recorder = start(narrow(createFsDisk(scene.folder), room));
		await talk(recorder, 3_000);
		expect(recorder.status).toMatchObject({ low: false, leftBytes: null });
		await talk(recorder, 3_000);
		expect(recorder.status).toMatchObject({ low: true, problem: null, state: 'on' });
		expect(room.bytes).toBeGreaterThan(400_000);
		room.bytes = 0;
		await talk(recorder, 2_000);
		expect(recorder.status).toMatchObject({ problem: 'full', state: 'off', id: null });
		expect([scene.stops, scene.errors]).toEqual([1, []]);
		const { recording } = await read();
		expect(recording.meta.endedAtMs).not.toBeNull();
		expect(recording.durationMs).toBeGreaterThan(6_000);
		expect(await createFsDisk(scene.folder).folders()).toEqual([recording.meta.id]);
	});

	it('goes on saying why it stopped while it is off, until it records again', async () => {
		const { scene, start, talk } = await studio();
		scene.left = SPACE_FULL_BYTES - 1;
		const recorder = start();
		await talk(recorder, 2_000);
		expect(scene.stops).toBe(1);
		scene.taping = { ...scene.taping, state: 'off' };
		await talk(recorder, 3_000);
		expect(recorder.status).toMatchObject({ problem: 'full', state: 'off' });
		scene.left = null;
		scene.taping = { ...scene.taping, state: 'on' };
		await talk(recorder, 2_000);
		expect(recorder.status).toMatchObject({ problem: null, state: 'on' });
	});

	it('waits for the page before it, which may still hold the files', async () => {
		const { scene, start, talk, read, one } = await studio();
		const disk = createFsDisk(scene.folder);
		const held = await disk.open('0123456789abcdef0123456789abcdef', 'index');
		const recorder = start(disk);
		await talk(recorder, 3_000);
		expect(recorder.status).toMatchObject({ id: null, problem: null });
		await held.close();
		await talk(recorder, 3_000);
		await recorder.stop();
		expect(await framesOf(await read(), one)).toHaveLength(300);
		expect(scene.stops).toBe(0);
	});

	it('stops, and says so, where the disk fails', async () => {
		const { scene, start, talk } = await studio();
		const disk = createFsDisk(scene.folder);
		const recorder = start({ ...disk, open: () => Promise.reject(new Error('No disk.')) });
		await talk(recorder, 12_000);
		expect(recorder.status).toMatchObject({ problem: 'failed', state: 'off' });
		expect(scene.stops).toBe(1);
	});

	it('is a matter of the host alone', async () => {
		const { scene, start } = await studio();
		const recorder = start();
		scene.taping = { ...scene.taping, state: 'off' };
		scene.clock.advance(5 * BLOCK_MS);
		await recorder.idle();
		expect(await createFsDisk(scene.folder).folders()).toEqual([]);
		expect(recorder.status).toMatchObject({ id: null, state: 'off' });
	});
});
