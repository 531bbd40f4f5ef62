/** What `npm test` says at its end: every failure, wherever it came from, and none where there was none. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

let folder = '';
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'grapevine-what-failed-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Told {
	readonly passed: number;
	readonly failed: number;
	readonly skipped: number;
	readonly failures: readonly string[];
}

/** Runs these files as `npm test` would, by name and content. */
function toldOf(files: Readonly<Record<string, string>>): Told {
	for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
	const told = join(folder, 'told.json');
	const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
	const reporter = `--reporter=${join(ROOT, 'scripts/what-failed.mjs')}`;
	// It is no worker of the one that runs us.
	const outside = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'));
	const env = { ...Object.fromEntries(outside), WHAT_FAILED: told };
	spawnSync(process.execPath, [vitest, 'run', '--globals', '--root', folder, reporter], { env });
	return JSON.parse(readFileSync(told, 'utf8')) as Told;
}

it('names what failed, in a test and outside of tests, with what it said and where', () => {
	const { failures, ...counts } = toldOf({
		'a.test.js': `
			describe('a room', () => {
				it('is heard', () => undefined);
				it('is heard again', () => { throw new Error('Nobody hears.'); });
			});`,
		'b.test.js': `
			describe('another', () => {
				beforeAll(() => { throw new Error('It does not come up.'); });
				it('is never asked', () => undefined);
			});`,
		'c.test.js': `
			it('passes, and leaves something behind', () => {
				void Promise.reject(new Error('Nobody caught it.'));
			});`,
		'd.test.js': `it('cannot be read', () => {`
	});
	expect(counts).toEqual({ passed: 2, failed: 4, skipped: 1 });
	const found = (name: string) => failures.find((one) => one.startsWith(`Failed: ${name}`));
	expect(found('a.test.js > a room > is heard again')).toMatch(/Nobody hears\.\n\t.*a\.test\.js:4/);
	expect(found('b.test.js > another')).toContain('It does not come up.');
	expect(found('d.test.js')).toBeDefined();
	expect(found('outside the tests')).toContain('Nobody caught it.');
});

it('names nothing where all passed', () => {
	const told = toldOf({ 'a.test.js': `it('is heard', () => undefined);` });
	expect(told).toEqual({ passed: 1, failed: 0, skipped: 0, failures: [] });
});
