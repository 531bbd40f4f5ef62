/**
 * `npm test`: sets up what is missing (packages, a Chromium, texts, the build) and runs every suite. Words after
 * `--` go to vitest, so `npm test -- --project node` is the quick part. What failed is named once more at the end,
 * where it is looked for in half an hour of words. The last line is "N passed, N failed".
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureChromium, ensureShell } from './chromium.mjs';
import {
	compileMessages,
	ensureBuild,
	ensurePackages,
	ownNode,
	root,
	runToEnd,
	say
} from './setup.mjs';

ensurePackages();
const chromium = await ensureChromium();
const shell = ensureShell(chromium);
compileMessages();
ensureBuild();

/** Vitest keeps its browser, with a page that goes on, until it ends: what is timed should not share the machine with it. */
const PARTS = [
	['!e2e', '!unhurried'],
	['e2e', 'unhurried']
];
/** From here on it is a signal that ended it. */
const SIGNALLED = 128;

const asked = process.argv.slice(2);
const runs =
	asked.length > 0 ? [asked] : PARTS.map((names) => names.map((name) => `--project=${name}`));
const folder = mkdtempSync(join(tmpdir(), 'grapevine-test-'));
const results = [];
for (const words of runs) {
	results.push(await run(words, join(folder, `${results.length}.json`)));
	if (results.at(-1).code >= SIGNALLED) break;
}
rmSync(folder, { recursive: true, force: true });

const sum = (what) => results.reduce((all, one) => all + one[what], 0);
for (const { failures } of results) for (const failure of failures) say(failure);
const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
say(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
// A run that broke down before, between or after its tests has failed, whatever they say.
const broke = results.find(({ code, passed: some }) => code !== 0 || some === 0);
process.exitCode = broke === undefined && failed === 0 ? 0 : broke?.code || 1;

async function run(words, file) {
	const vitest = join(root, 'node_modules/vitest/vitest.mjs');
	const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts/what-failed.mjs')}`];
	const env = { ...process.env, CHROMIUM: chromium, CHROMIUM_SHELL: shell, WHAT_FAILED: file };
	const code = await runToEnd(ownNode, [vitest, 'run', ...words, ...reporters], env);
	return { code, ...read(file) };
}

function read(file) {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch {
		return { passed: 0, failed: 0, skipped: 0, failures: [] };
	}
}
