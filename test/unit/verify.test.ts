/** How `npm run verify` ends: what cannot be read or written is told by its name, and is not called refused. */
import { existsSync, lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { signedReport } from '#lib/app/engine/report-desk.ts';
import { CLIP_ENDING } from '#lib/p2p/archive/clip-head.ts';
import { FILE_ENDING } from '#lib/p2p/archive/container.ts';
import { openReport } from '#lib/p2p/wire/report.ts';
import { verify } from '../e2e/verify.ts';
import { reportedRoom } from '../lib/reported-room.ts';

/** Silence, as the encoder of Opus would have it: wide band, 20 ms, mono. */
const opus = (seq: number): Uint8Array => Uint8Array.of(0x48, seq & 255, 3);
/** Every byte written to it finds the disk full. */
const FULL_DISK = '/dev/full';

function newFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), 'grapevine-verify-'));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	return folder;
}

/** A report with two seconds of sound in it, and the name its sound is given. */
async function setup() {
	const folder = newFolder();
	const scene = await reportedRoom(opus);
	await scene.say(100);
	const evidence = scene.listener.evidence(scene.speaker.peer, scene.nowMs);
	const by = { keys: scene.me.keys, room: scene.room };
	const bytes = await signedReport(evidence, { words: 'Loud', everybody: false }, by);
	const file = join(folder, 'it.gvreport');
	writeFileSync(file, bytes);
	const { stream } = openReport(bytes)!.report.sound[0]!;
	const wave = `${scene.speaker.peer.slice(-8)}-${stream}.wav`;
	return { folder, file, wave };
}

/** From here to the end of the test, a program that is run meets a broken disk at its second read of a file. */
function breakSecondRead(): void {
	const code = `
		import { open } from 'node:fs/promises';
		const file = await open(process.execPath);
		const proto = Object.getPrototypeOf(file);
		const { read } = proto;
		let reads = 0;
		proto.read = async function (...words) {
			if (++reads < 2) return read.apply(this, words);
			throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
		};
		await file.close();`;
	vi.stubEnv('NODE_OPTIONS', `--import=data:text/javascript,${encodeURIComponent(code)}`);
	onTestFinished(() => void vi.unstubAllEnvs());
}

describe('the sound of a report', () => {
	it('is written where it is asked for', async () => {
		const { folder, file, wave } = await setup();
		const sound = join(folder, 'made', 'on', 'demand');
		const { code, err } = await verify(file, '--sound', sound);
		expect({ code, err }).toEqual({ code: 0, err: '' });
		expect(lstatSync(join(sound, wave)).size).toBe(44 + 2 * 100 * 960);
	});

	it('that has a file in its way says so; the report is not refused', async () => {
		const { file } = await setup();
		const { code, text, err } = await verify(file, '--sound', file);
		expect({ code, err }).toEqual({ code: 2, err: `${file}: a file is in the way.\n` });
		expect(text).toContain('Every signature in this report holds');
	});

	it('leaves what lies there already, where it cannot be opened', async () => {
		const { folder, file, wave } = await setup();
		symlinkSync('.', join(folder, wave));
		const { code, err } = await verify(file, '--sound', folder);
		expect({ code, err }).toEqual({ code: 2, err: `${join(folder, wave)}: it is a folder.\n` });
		expect(lstatSync(join(folder, wave)).isSymbolicLink()).toBe(true);
	});

	it.skipIf(!existsSync(FULL_DISK))('does not stay by halves on a full disk', async () => {
		const { folder, file, wave } = await setup();
		symlinkSync(FULL_DISK, join(folder, wave));
		const { code, err } = await verify(file, '--sound', folder);
		expect({ code, err }).toEqual({ code: 2, err: `${join(folder, wave)}: the disk is full.\n` });
		expect(lstatSync(join(folder, wave), { throwIfNoEntry: false })).toBeUndefined();
	});
});

describe('a file', () => {
	it.each([
		['recording', FILE_ENDING],
		['clip', CLIP_ENDING]
	])('of a %s that cannot be read any further is not refused', async (_, ending) => {
		const file = join(newFolder(), `it${ending}`);
		writeFileSync(file, 'Anything.');
		expect((await verify(file)).code).toBe(1);
		breakSecondRead();
		const { code, text, err } = await verify(file);
		expect({ code, text, err }).toEqual({
			...{ code: 2, text: '' },
			err: `${file}: EIO: i/o error, read.\n`
		});
	});
});
