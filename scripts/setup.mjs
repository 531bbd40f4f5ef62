/**
 * What every command needs before it can start: packages, the project's own Node, a built app. Runs under any
 * Node from 20 up and imports no package, because at first there are none.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const NODE_OLDEST_MAJOR = 20;
/** How much of a failed command's output is worth showing: an npm or vite error with its cause. */
const OUTPUT_LINES_SHOWN = 40;
/** How soon the end of our parent is noticed. */
const PARENT_LOOK_MS = 500;
/** What the built app is made of. The seed's own code needs no build. */
const APP_SOURCES = [
	'src',
	'static',
	'messages',
	'package-lock.json',
	'svelte.config.js',
	'vite.config.ts',
	'project.inlang/settings.json'
];
const NOT_APP_SOURCES = ['src/seed', 'src/lib/paraglide'];

/** The project's own Node 24: what runs everything but these scripts. */
export const ownNode =
	process.platform === 'win32'
		? join(root, 'node_modules/node/bin/node.exe')
		: join(root, 'node_modules/node/bin/node');

export function say(line) {
	process.stdout.write(`${line}\n`);
}

/** Ends the program with one line that says what is wrong and what to do. */
export function fail(line) {
	process.stderr.write(`${line}\n`);
	process.exit(1);
}

/** Installs the packages where they are missing or older than the lock file. */
export function ensurePackages() {
	checkNode();
	if (packagesAreFresh()) return;
	say('Installing packages (a minute or two) ...');
	const startedMs = Date.now();
	// npm says itself which npm runs us; a plain `node scripts/start.mjs` takes the one on the PATH.
	const npm = process.env.npm_execpath;
	// Where NODE_ENV is production, npm would leave out what builds and runs the app: Node, Vite.
	const words = ['ci', '--include=dev', '--no-audit', '--no-fund'];
	const result =
		npm !== undefined && /\.[cm]?js$/.test(npm)
			? runQuietly(process.execPath, [npm, ...words])
			: runQuietly(process.platform === 'win32' ? 'npm.cmd' : 'npm', words);
	if (!result.ok) {
		process.stderr.write(result.output);
		fail(
			'Installing packages failed (see above). Check the network, then run the same command again.'
		);
	}
	if (!existsSync(ownNode)) {
		fail(
			'npm did not run the install script of the package `node`. Run `npm config delete ignore-scripts`, then `npm ci`.'
		);
	}
	say(`Packages are there (${secondsSince(startedMs)} s).`);
}

/** Builds the app where the build is missing or older than what it is made of. */
export function ensureBuild() {
	layCaptionPacks();
	const built = join(root, 'build/200.html');
	if (existsSync(built) && statSync(built).mtimeMs >= newestMs(APP_SOURCES)) return;
	compileMessages();
	say('Building the app ...');
	const startedMs = Date.now();
	const result = runQuietly(ownNode, [join(root, 'node_modules/vite/bin/vite.js'), 'build']);
	if (!result.ok) {
		process.stderr.write(result.output);
		fail('The app could not be built (see above).');
	}
	const compressed = runQuietly(ownNode, [join(root, 'scripts/compress-app.mjs')]);
	if (!compressed.ok) {
		process.stderr.write(compressed.output);
		fail('The built app could not be compressed (see above).');
	}
	say(`The app is built (${secondsSince(startedMs)} s).`);
}

/** What captions load; a moment where it is there already. */
function layCaptionPacks() {
	const result = runQuietly(ownNode, [join(root, 'scripts/caption-packs.mjs')]);
	if (result.ok) return;
	process.stderr.write(result.output);
	fail('What captions load could not be laid out (see above).');
}

/** Turns the interface texts into code; type checks and tests import it. */
export function compileMessages() {
	const result = runQuietly(ownNode, [join(root, 'scripts/compile-messages.mjs')]);
	if (result.ok) return;
	process.stderr.write(result.output);
	fail('messages/*.json could not be compiled (see above).');
}

/**
 * Runs a program of ours to its end: our terminal is its terminal, our signals are its signals. Resolves
 * with its exit code, 128 + n where signal n ended it.
 */
export function runToEnd(program, words, env = process.env) {
	const child = spawn(program, words, { cwd: root, stdio: 'inherit', env });
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
		process.on(signal, () => child.kill(signal));
	}
	endWithNpm(child);
	return new Promise((resolve) => {
		child.on('error', (error) => fail(`${program} could not be started: ${error.message}`));
		child.on('exit', (code, signal) => resolve(code ?? 128 + (signalNumbers[signal] ?? 0)));
	});
}

/**
 * npm that is told to end (SIGTERM) ends its shell, and the shell tells nobody: what it started would run on,
 * with the port taken. So who was started by npm ends once its parent is gone.
 */
function endWithNpm(child) {
	const parent = process.ppid;
	if (process.env.npm_lifecycle_event === undefined) return;
	const look = setInterval(() => {
		if (process.ppid !== parent) child.kill('SIGTERM');
	}, PARENT_LOOK_MS);
	child.on('exit', () => clearInterval(look));
}

/** Runs a command, keeping its output until it is wanted. */
export function runQuietly(program, words) {
	const result = spawnSync(program, words, {
		cwd: root,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'pipe'],
		shell: program.endsWith('.cmd'),
		maxBuffer: 64 * 1024 * 1024
	});
	const text = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`;
	const lines = text.trimEnd().split('\n').slice(-OUTPUT_LINES_SHOWN);
	return { ok: result.status === 0, output: `${lines.join('\n')}\n` };
}

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

function checkNode() {
	const major = Number(process.versions.node.split('.')[0]);
	if (major >= NODE_OLDEST_MAJOR) return;
	fail(
		`Node ${process.versions.node} is too old: Grapevine needs Node ${NODE_OLDEST_MAJOR} or newer, https://nodejs.org has it.`
	);
}

function packagesAreFresh() {
	const installed = join(root, 'node_modules/.package-lock.json');
	if (!existsSync(installed) || !existsSync(ownNode)) return false;
	return statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

function newestMs(paths) {
	return Math.max(0, ...paths.map((path) => newestUnderMs(path)));
}

function newestUnderMs(path) {
	if (NOT_APP_SOURCES.includes(path)) return 0;
	const full = join(root, path);
	if (!existsSync(full)) return 0;
	const status = statSync(full);
	if (!status.isDirectory()) return status.mtimeMs;
	return newestMs(readdirSync(full).map((name) => `${path}/${name}`));
}

function secondsSince(startedMs) {
	return Math.round((Date.now() - startedMs) / 1000);
}
