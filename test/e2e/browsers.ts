/** Real Chromium with a microphone that hears what we write into a file, and an ear at what a page plays. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright';
import { waveFile } from '../../src/seed/wave-file.ts';
import { RATE } from '../lib/sound.ts';
import { installEar } from './ear.ts';

export const WHOLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/**
 * Whole rooms run in the headless shell where there is one: the same engine, and a fifth less work for two cores. It
 * trusts no origin but by https, and has no notifications.
 */
export const PROGRAM = process.env['CHROMIUM_SHELL'] ?? WHOLE;

/** The machine has two cores: what takes a second alone takes many with five pages. */
const ACTION_MAX_MS = 30_000;

export const CHROMIUM_FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--use-fake-device-for-media-stream',
	'--use-fake-ui-for-media-stream'
];

/**
 * What V8 sweeps beside a thread waits for a processor where many pages fill two cores. Meanwhile the thread asks itself
 * without a pause whether that is done, and an audio thread takes a core for it, up to two seconds long, in every page at
 * once. Swept by the thread itself, nothing is waited for.
 */
const SWEEP_ALONE = '--js-flags=--single-threaded-gc';
export const CROWDED_FLAGS = [...CHROMIUM_FLAGS, SWEEP_ALONE];

/** What a page keeps for its next visit costs as much as its whole start, 1.9 of 3.8 s of a core. */
export const FOR_THIS_VISIT = { serviceWorkers: 'block' } as const;
/** Small and still: two cores have up to six pages to draw, and what is tried here is not how they move. */
const SMALL = { viewport: { width: 390, height: 700 }, reducedMotion: 'reduce' } as const;

export interface Browsers {
	/** A browser of its own whose microphone plays `samples` over and over; or `once`, from when it is opened. */
	withMicrophone(samples: Float32Array, once?: 'once'): Promise<BrowserContext>;
	/** The same, with its profile in that folder. */
	onDisk(folder: string, samples: Float32Array): Promise<BrowserContext>;
	/** A fresh profile in the shared browser; its microphone is Chromium's own beep. */
	silent(): Promise<BrowserContext>;
	page(context: BrowserContext): Promise<Page>;
	close(): Promise<void>;
}

export interface Elsewhere {
	/** Words that run what follows them somewhere else, as in another network namespace. */
	readonly command: readonly string[];
	/** Where the app comes from; a browser gives the microphone to https and localhost only, and to this. */
	readonly trusted: string;
}

/**
 * `keeping`: pages keep the app for when there is no network; `whole`: that, and with all that a browser has around its
 * engine. Elsewhere it is whole.
 */
export function openBrowsers(how: Elsewhere | 'whole' | 'keeping' | null = null): Browsers {
	const folder = mkdtempSync(join(tmpdir(), 'grapevine-e2e-'));
	const browsers: { close(): Promise<void> }[] = [];
	const look = how === null ? { ...SMALL, ...FOR_THIS_VISIT } : SMALL;
	let shared: Promise<Browser> | null = null;
	let files = 0;

	async function launch(...more: string[]): Promise<Browser> {
		const executablePath = how === null || how === 'keeping' ? PROGRAM : WHOLE;
		const browser = await chromium.launch(
			how === null || typeof how === 'string'
				? { executablePath, args: [...CROWDED_FLAGS, ...more] }
				: launchElsewhere(executablePath, how, more)
		);
		browsers.push(browser);
		return browser;
	}

	/** A browser is started by one word: a script that says the others. */
	function launchElsewhere(program: string, there: Elsewhere, more: readonly string[]) {
		const script = join(folder, `chromium-${++files}.sh`);
		const words = [...there.command, program].map((word) => `'${word}'`).join(' ');
		writeFileSync(script, `#!/bin/sh\nexec ${words} "$@"\n`);
		chmodSync(script, 0o700);
		const trust = `--unsafely-treat-insecure-origin-as-secure=${there.trusted}`;
		return { executablePath: script, args: [...CROWDED_FLAGS, trust, ...more] };
	}

	function microphone(samples: Float32Array): string {
		const file = join(folder, `microphone-${++files}.wav`);
		writeFileSync(file, waveFile(samples));
		return file;
	}

	return {
		async withMicrophone(samples, once) {
			const file = microphone(samples);
			const how = once === undefined ? file : `${file}%noloop`;
			const browser = await launch(`--use-file-for-fake-audio-capture=${how}`);
			return browser.newContext(look);
		},
		async onDisk(disk, samples) {
			const context = await chromium.launchPersistentContext(join(disk, 'profile'), {
				executablePath: PROGRAM,
				args: [...CROWDED_FLAGS, `--use-file-for-fake-audio-capture=${microphone(samples)}`],
				...look
			});
			browsers.push(context);
			return context;
		},
		async silent() {
			shared ??= launch();
			return (await shared).newContext(look);
		},
		async page(context) {
			const page = await context.newPage();
			page.setDefaultTimeout(ACTION_MAX_MS);
			await page.addInitScript(installEar);
			return page;
		},
		async close() {
			await Promise.all(browsers.map((browser) => browser.close()));
			rmSync(folder, { recursive: true, force: true });
		}
	};
}

/**
 * Tone bursts, 120 ms in every 240. A steady tone is what noise suppression is there to remove, and it goes by how quiet the
 * quietest quarter of the time is: of bursts that left only 30 % silent, 10 dB were gone after half a minute.
 */
export function bursts(hz: number): Float32Array {
	const period = Math.round(0.24 * RATE);
	return Float32Array.from({ length: 10 * period }, (_, i) => {
		const within = (i % period) / RATE;
		const edge = Math.min(1, within / 0.01, Math.max(0, (0.12 - within) / 0.01));
		return 0.3 * edge * Math.sin((2 * Math.PI * hz * i) / RATE);
	});
}
