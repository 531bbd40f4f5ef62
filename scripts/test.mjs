/**
 * `npm test`: sets up what is missing (packages, a Chromium, texts, the build) and runs every suite. Words after
 * `--` go to vitest, so `npm test -- --project node` is the quick part. The last line is "N passed, N failed".
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureChromium } from './chromium.mjs';
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
compileMessages();
ensureBuild();

const folder = mkdtempSync(join(tmpdir(), 'grapevine-test-'));
const resultFile = join(folder, 'result.json');
const code = await runToEnd(ownNode, vitestWords(), { ...process.env, CHROMIUM: chromium });
const result = read(resultFile);
rmSync(folder, { recursive: true, force: true });

say(summary(result));
// A run that broke down before, between or after its tests has failed, whatever they say.
process.exitCode = code !== 0 || result.failed > 0 || result.passed === 0 ? code || 1 : 0;

function vitestWords() {
	const words = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)];
	return [...words, '--reporter=default', '--reporter=json', `--outputFile.json=${resultFile}`];
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

function summary({ passed, failed, skipped }) {
	return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
