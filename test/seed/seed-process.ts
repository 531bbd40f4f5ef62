/** A real seed in a process of its own, as a person starts it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import { fetchSeedInfo, type SeedInfo } from '#lib/io/net/seed-info.ts';

const MAIN = fileURLToPath(new URL('../../src/seed/main.ts', import.meta.url));
const READY = /Open (\S+)/;

export interface RunningSeed {
	readonly url: string;
	readonly port: number;
	readonly child: ChildProcess;
	/** What it printed so far. */
	out(): string;
	err(): string;
	/** Resolves once it has printed a line that matches, on either stream. */
	said(pattern: RegExp): Promise<void>;
	info(): Promise<SeedInfo>;
	/** Sends a signal and waits for the end. */
	end(signal?: NodeJS.Signals): Promise<Ended>;
}

export interface Ended {
	readonly code: number | null;
	readonly out: string;
	readonly err: string;
}

const running = new Set<ChildProcess>();
const folders = new Set<string>();

afterEach(() => {
	for (const child of running) child.kill('SIGKILL');
	for (const folder of folders) rmSync(folder, { recursive: true, force: true });
	running.clear();
	folders.clear();
});

export function newFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), 'grapevine-seed-'));
	folders.add(folder);
	return folder;
}

/** Runs a seed that is expected to end by itself. */
export async function runSeed(...words: string[]): Promise<Ended> {
	const { child, out, err } = launchSeed(...words);
	const [code] = (await once(child, 'close')) as [number | null];
	return { code, out: out(), err: err() };
}

/** Starts a seed on a free port with an identity of its own, and waits until it can be opened. */
export async function startSeed(...words: string[]): Promise<RunningSeed> {
	const place = words.includes('--data') ? [] : ['--data', newFolder()];
	const port = words.includes('--port') ? [] : ['--port', '0'];
	const { child, out, err } = launchSeed(...port, ...place, ...words);
	const said = (pattern: RegExp) => untilSaid(child, () => out() + err(), pattern);
	await said(READY);
	const url = READY.exec(out())?.[1] ?? '';
	return {
		url,
		port: Number(new URL(url).port),
		child,
		out,
		err,
		said,
		async info() {
			const answer = await fetchSeedInfo(url);
			if (!answer.ok) throw new Error(answer.reason);
			return answer.info;
		},
		async end(signal = 'SIGINT') {
			const closed = once(child, 'close') as Promise<[number | null]>;
			child.kill(signal);
			const [code] = await closed;
			return { code, out: out(), err: err() };
		}
	};
}

/** Starts a seed and waits for nothing. */
export function launchSeed(...words: string[]) {
	const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
	running.add(child);
	child.once('close', () => running.delete(child));
	const text = { out: '', err: '' };
	child.stdout.on('data', (chunk: Buffer) => (text.out += chunk.toString()));
	child.stderr.on('data', (chunk: Buffer) => (text.err += chunk.toString()));
	return { child, out: () => text.out, err: () => text.err };
}

function untilSaid(child: ChildProcess, text: () => string, pattern: RegExp): Promise<void> {
	return new Promise((resolve, reject) => {
		const check = (): void => {
			if (!pattern.test(text())) return;
			stop();
			resolve();
		};
		const onClose = (): void => {
			stop();
			reject(new Error(`The seed ended without saying ${String(pattern)}:\n${text()}`));
		};
		const stop = (): void => {
			child.stdout?.off('data', check);
			child.stderr?.off('data', check);
			child.off('close', onClose);
		};
		child.stdout?.on('data', check);
		child.stderr?.on('data', check);
		child.on('close', onClose);
		check();
	});
}
