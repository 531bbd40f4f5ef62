/**
 * Finds a Chromium for the tests, or brings one: $CHROMIUM, the usual places, Playwright's own, a download by
 * Playwright, Debian's package.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root, fail, ownNode, runQuietly, say } from './setup.mjs';

const SHELLS = ['chromium-headless-shell', 'chrome-headless-shell'];
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

/**
 * The path of Chromium's headless shell: the same engine without a browser's windows around it, which costs whole
 * rooms a fifth less of a small machine. Where there is none to be had, `chromium` itself.
 */
export function ensureShell(chromium) {
	const wish = process.env['CHROMIUM_SHELL'];
	if (wish) {
		return existsSync(wish)
			? wish
			: fail(`CHROMIUM_SHELL names ${wish}, and there is no such file.`);
	}
	if (process.env['CHROMIUM']) return chromium;
	return onPath(SHELLS) ?? installShellByApt(chromium) ?? chromium;
}

function installed() {
	return (PLACES[process.platform] ?? []).find((path) => existsSync(path)) ?? onPath(NAMES);
}

function onPath(names) {
	return (process.env['PATH'] ?? '')
		.split(delimiter)
		.flatMap((folder) => names.map((name) => join(folder, name)))
		.find((path) => existsSync(path));
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
	return installPackage('chromium') ? installed() : undefined;
}

/** Debian's, beside Debian's Chromium: of the same version. Nobody's password is asked for what is only faster. */
function installShellByApt(chromium) {
	if (chromium !== '/usr/bin/chromium' || process.getuid?.() !== 0) return undefined;
	return installPackage('chromium-headless-shell') ? onPath(SHELLS) : undefined;
}

function installPackage(name) {
	if (!runQuietly('apt-get', ['--version']).ok) return false;
	const apt = process.getuid?.() === 0 ? ['apt-get'] : ['sudo', '-n', 'apt-get'];
	say(`Installing the package ${name} by apt-get ...`);
	runQuietly(apt[0], [...apt.slice(1), 'update']);
	return runQuietly(apt[0], [...apt.slice(1), 'install', '-y', '--no-install-recommends', name]).ok;
}
