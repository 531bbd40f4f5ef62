/** Checks a report as a program: `npm run verify -- <file>`. Exit code 0: every signature holds; 1: refused; 2: no such file. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import { REPORT_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { fileProblem } from './failure.ts';
import { checkReport, type CheckedVoice } from './report-check.ts';
import { decodeVoice } from './report-sound.ts';
import { faultWords, reportWords } from './report-words.ts';
import { waveFile } from './wave-file.ts';

const EXIT_REFUSED = 1;
const EXIT_USAGE = 2;

const HELP = `Says what a report saved in Grapevine proves, and what it does not.

Usage: npm run verify -- <file> [--sound <folder>]

  --sound <folder>   writes what was said as one WAVE file for each speaker
  --help             print this

Needs no network. Ends with 0 where every signature in the report holds, and with 1 where it is refused.
`;

process.exitCode = await run(process.argv.slice(2));

async function run(words: readonly string[]): Promise<number> {
	const asked = read(words);
	if (asked === null) {
		process.stderr.write(HELP);
		return EXIT_USAGE;
	}
	if (asked.file === null) {
		process.stdout.write(HELP);
		return 0;
	}
	const bytes = await load(asked.file);
	if (bytes === null) return EXIT_USAGE;
	// A pair of keys of its own, which signs nothing: others' signatures are what is checked.
	const keys = await createKeys(newKeySeed());
	const verdict = await checkReport(bytes, (...what) => keys.verify(...what));
	if (!verdict.ok) {
		process.stdout.write(`${faultWords(verdict.fault, verdict.about)}\n`);
		return EXIT_REFUSED;
	}
	process.stdout.write(reportWords(verdict.checked));
	if (asked.sound !== null) await writeSound(asked.sound, verdict.checked.voices);
	return 0;
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

/** A file too large to be a report is not read. */
async function load(file: string): Promise<Uint8Array | null> {
	try {
		const { size } = await stat(file);
		return size > REPORT_BYTES_MAX ? new Uint8Array(0) : new Uint8Array(await readFile(file));
	} catch (error) {
		process.stderr.write(`${file}: ${fileProblem(error)}.\n`);
		return null;
	}
}

async function writeSound(folder: string, voices: readonly CheckedVoice[]): Promise<void> {
	await mkdir(folder, { recursive: true });
	for (const voice of voices) {
		const samples = await decodeVoice(voice);
		const path = join(folder, `${voice.peer.slice(-8)}-${voice.stream}.wav`);
		if (samples !== null) await writeFile(path, waveFile(samples));
		const seconds = ((samples?.length ?? 0) / 48_000).toFixed(1);
		const said = samples === null ? 'is longer than any report holds' : `${seconds} s`;
		process.stdout.write(`${path}: ${said}\n`);
	}
}
