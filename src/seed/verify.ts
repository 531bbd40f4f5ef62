/**
 * Checks a report, a recording or a clip as a program: `npm run verify -- <file>`. Exit code 0: every signature holds;
 * 1: refused; 2: a wrong command, or a file that cannot be read or written.
 */
import { mkdir, open, readFile, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import type { ByteSource, Keys } from '#lib/io/ports.ts';
import { CLIP_ENDING, isClipFile } from '#lib/p2p/archive/clip-head.ts';
import { FILE_ENDING, FILE_HEAD_BYTES_MAX, isRecordingFile } from '#lib/p2p/archive/container.ts';
import { REPORT_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { checkClip } from '#lib/io/disk/clip-check.ts';
import { clipWords } from './clip-words.ts';
import { fileProblem } from './failure.ts';
import { checkRecording } from '#lib/io/disk/recording-check.ts';
import { recordingWords } from './recording-words.ts';
import { checkReport, type CheckedVoice } from './report-check.ts';
import { decodeVoice } from './report-sound.ts';
import { faultWords, reportWords } from './report-words.ts';
import { waveFile } from './wave-file.ts';

const EXIT_REFUSED = 1;
/** A wrong command, or a file that cannot be read or written: nothing is refused by that. */
const EXIT_UNDONE = 2;

const HELP = `Says what a report, the signed original of a recording or a clip, saved in Grapevine, proves, and what it does not.

Usage: npm run verify -- <file> [--sound <folder>]

  --sound <folder>   of a report: writes what was said as one WAVE file for each speaker
  --help             print this

Needs no network. Ends with 0 where every signature in the file holds, with 1 where it is refused, and with 2 where a
file cannot be read or written, or the command is wrong. Of a recording or a clip that was changed it says where.
`;

process.exitCode = await run(process.argv.slice(2));

async function run(words: readonly string[]): Promise<number> {
	const asked = read(words);
	if (asked === null) {
		process.stderr.write(HELP);
		return EXIT_UNDONE;
	}
	if (asked.file === null) {
		process.stdout.write(HELP);
		return 0;
	}
	// A pair of keys of its own, which signs nothing: others' signatures are what is checked.
	const keys = await createKeys(newKeySeed());
	const kind = await kindOf(asked.file);
	if (kind === null) return EXIT_UNDONE;
	if (kind === 'recording') return verifyRecording(asked.file, keys);
	if (kind === 'clip') return verifyClip(asked.file, keys);
	const bytes = await load(asked.file);
	if (bytes === null) return EXIT_UNDONE;
	const verdict = await checkReport(bytes, (...what) => keys.verify(...what));
	if (!verdict.ok) {
		process.stdout.write(`${faultWords(verdict.fault, verdict.about)}\n`);
		return EXIT_REFUSED;
	}
	process.stdout.write(reportWords(verdict.checked));
	const isDone = asked.sound === null || (await writeSound(asked.sound, verdict.checked.voices));
	return isDone ? 0 : EXIT_UNDONE;
}

function read(words: readonly string[]): { file: string | null; sound: string | null } | null {
	try {
		const { values, positionals } = parseArgs({
			args: [...words],
			strict: true,
			allowPositionals: true,
			options: { sound: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } }
		});
		if (values.help) return { file: null, sound: null };
		const [file, ...more] = positionals;
		return file === undefined || more.length > 0 ? null : { file, sound: values.sound ?? null };
	} catch {
		return null;
	}
}

/** By how it begins, or is named: one with a damaged head is still looked at. Null where it cannot be read. */
async function kindOf(path: string): Promise<'recording' | 'clip' | 'report' | null> {
	const head = await withFile(path, (file) => file.read(0, FILE_HEAD_BYTES_MAX));
	if (head === null) return null;
	if (isClipFile(head) || path.endsWith(CLIP_ENDING)) return 'clip';
	return isRecordingFile(head) || path.endsWith(FILE_ENDING) ? 'recording' : 'report';
}

async function verifyRecording(path: string, keys: Keys): Promise<number> {
	const checked = await withFile(path, (file) =>
		checkRecording(file, (...what) => keys.verify(...what))
	);
	if (checked === null) return EXIT_UNDONE;
	process.stdout.write(recordingWords(checked));
	return checked.faults.length === 0 ? 0 : EXIT_REFUSED;
}

async function verifyClip(path: string, keys: Keys): Promise<number> {
	const checked = await withFile(path, (file) =>
		checkClip(file, (...what) => keys.verify(...what))
	);
	if (checked === null) return EXIT_UNDONE;
	process.stdout.write(clipWords(checked));
	return checked.faults.length === 0 ? 0 : EXIT_REFUSED;
}

/** What `act` makes of a file; null where it cannot be read. */
async function withFile<T>(path: string, act: (file: ByteSource) => Promise<T>): Promise<T | null> {
	return orTold(path, async () => {
		const handle = await open(path);
		try {
			const { size } = await handle.stat();
			return await act({ size, read: (at, length) => readAt(handle, at, length) });
		} finally {
			await handle.close();
		}
	});
}

async function readAt(handle: FileHandle, at: number, length: number): Promise<Uint8Array> {
	const bytes = new Uint8Array(length);
	const { bytesRead } = await handle.read(bytes, 0, length, at);
	return bytes.subarray(0, bytesRead);
}

/** A file too large to be a report is not read. */
async function load(file: string): Promise<Uint8Array | null> {
	return orTold(file, async () => {
		const { size } = await stat(file);
		return size > REPORT_BYTES_MAX ? new Uint8Array(0) : new Uint8Array(await readFile(file));
	});
}

/** False where one could not be written. */
async function writeSound(folder: string, voices: readonly CheckedVoice[]): Promise<boolean> {
	const made = await orTold(folder, () => mkdir(folder, { recursive: true }));
	if (made === null) return false;
	for (const voice of voices) {
		const samples = await decodeVoice(voice);
		const path = join(folder, `${voice.peer.slice(-8)}-${voice.stream}.wav`);
		if (samples !== null) {
			const written = await orTold(path, () => writeWhole(path, waveFile(samples)));
			if (written === null) return false;
		}
		const seconds = ((samples?.length ?? 0) / 48_000).toFixed(1);
		const said = samples === null ? 'is longer than any report holds' : `${seconds} s`;
		process.stdout.write(`${path}: ${said}\n`);
	}
	return true;
}

/** What cannot be written to its end does not stay; what cannot even be opened is left as it lies. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
	const handle = await open(path, 'w');
	try {
		await handle.writeFile(bytes).finally(() => handle.close());
	} catch (error) {
		// Why it could not be written says more than why its beginning cannot be removed.
		await rm(path, { force: true }).catch(() => undefined);
		throw error;
	}
}

/** What `act` gives; null where the system would not let it at `path`, which is told. Any other error is a bug of ours. */
async function orTold<T>(path: string, act: () => Promise<T>): Promise<T | null> {
	try {
		return await act();
	} catch (error) {
		// Only the system's errors name what was asked of it.
		if (!(error instanceof Error && 'syscall' in error)) throw error;
		process.stderr.write(`${path}: ${fileProblem(error)}.\n`);
		return null;
	}
}
