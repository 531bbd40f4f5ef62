/**
 * `npm test`: sets up what is missing (packages, a Chromium, texts, the build) and runs every suite. Words after
 * `--` go to vitest, so `npm test -- --project node` is the quick part. The last line is "N passed, N failed".
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
const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
say(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
// A run that broke down before, between or after its tests has failed, whatever they say.
const broke = results.find(({ code, passed: some }) => code !== 0 || some === 0);
process.exitCode = broke === undefined && failed === 0 ? 0 : broke?.code || 1;

async function run(words, file) {
	const vitest = join(root, 'node_modules/vitest/vitest.mjs');
	const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
	const env = { ...process.env, CHROMIUM: chromium, CHROMIUM_SHELL: shell };
	const code = await runToEnd(ownNode, [vitest, 'run', ...words, ...reporters], env);
	return { code, ...read(file) };
}

function read(file) {
	try {
		const report = JSON.parse(readFileSync(file, 'utf8'));
		// A file that could not even be loaded has no tests to count: it counts as one failure.
		const broken = report.testResults.filter(
			(suite) => suite.status === 'failed' && suite.assertionResults.length === 0
		).length;
		return {
			passed: report.numPassedTests,
			failed: report.numFailedTests + broken,
			skipped: report.numPendingTests + report.numTodoTests
		};
	} catch {
		return { passed: 0, failed: 0, skipped: 0 };
	}
}
