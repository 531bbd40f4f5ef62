/**
 * Finds a Chromium for the tests, or brings one: $CHROMIUM, the usual places, Playwright's own, a download by
 * Playwright, Debian's package.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root, fail, ownNode, runQuietly, say } from './setup.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PLACES = {
	darwin: [
		'/Applications/Chromium.app/Contents/MacOS/Chromium',
		'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
	],
	win32: [
		`${process.env['ProgramFiles'] ?? 'C:\\Program Files'}\\Google\\Chrome\\Application\\chrome.exe`,
		`${process.env['LOCALAPPDATA'] ?? ''}\\Chromium\\Application\\chrome.exe`,
		`${process.env['LOCALAPPDATA'] ?? ''}\\Google\\Chrome\\Application\\chrome.exe`
	]
};

/** The path of a Chromium or Chrome that can be started. Ends the program where there is none to be had. */
export async function ensureChromium() {
	const wish = process.env['CHROMIUM'];
	if (wish) {
		return existsSync(wish) ? wish : fail(`CHROMIUM names ${wish}, and there is no such file.`);
	}
	const found = installed() ?? (await downloadedByPlaywright());
	if (found !== undefined) return found;
	return (
		(await downloadByPlaywright()) ??
		installByApt() ??
		fail(
			'No Chromium found and none could be installed. Install Chromium or Chrome, or set CHROMIUM=/path/to/it, and run `npm test` again.'
		)
	);
}

function installed() {
	const onPath = (process.env['PATH'] ?? '')
		.split(delimiter)
		.flatMap((folder) => NAMES.map((name) => join(folder, name)));
	return [...(PLACES[process.platform] ?? []), ...onPath].find((path) => existsSync(path));
}

async function downloadedByPlaywright() {
	const { chromium } = await import('playwright');
	const path = chromium.executablePath();
	return existsSync(path) ? path : undefined;
}

async function downloadByPlaywright() {
	say('Downloading a Chromium for the tests ...');
	const cli = join(root, 'node_modules/playwright/cli.js');
	return runQuietly(ownNode, [cli, 'install', 'chromium']).ok
		? downloadedByPlaywright()
		: undefined;
}

function installByApt() {
	if (!runQuietly('apt-get', ['--version']).ok) return undefined;
	const apt = process.getuid?.() === 0 ? ['apt-get'] : ['sudo', '-n', 'apt-get'];
	say('Installing the package chromium by apt-get ...');
	runQuietly(apt[0], [...apt.slice(1), 'update']);
	runQuietly(apt[0], [...apt.slice(1), 'install', '-y', '--no-install-recommends', 'chromium']);
	return installed();
}
