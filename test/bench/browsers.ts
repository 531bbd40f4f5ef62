/** Chromium for the bench: with a voice in its microphone or without one, every page with taps. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright';
import { waveFile } from '../../src/seed/wave-file.ts';
import { CHROMIUM_FLAGS, CROWDED_FLAGS, FOR_THIS_VISIT, PROGRAM, WHOLE } from '../e2e/browsers.ts';
import { installTap } from './tap.ts';

export interface BenchBrowser {
	/** A page in a fresh profile, with taps. Closing it forgets the profile. */
	page(): Promise<BenchPage>;
	/** The browser's own process; all others are its children. */
	readonly pid: number;
	closePages(): Promise<void>;
	close(): Promise<void>;
}

export interface BenchPage {
	readonly page: Page;
	readonly close: () => Promise<void>;
}

/**
 * `voice` is what its microphones hear, over and over; null leaves Chromium's own beep. `crowded`: as whole rooms are
 * tested, where pages and peers want more than the machine has, and what is measured is not what a page costs.
 */
export async function openBrowser(
	voice: Float32Array | null,
	how: 'crowded' | null = null
): Promise<BenchBrowser> {
	const folder = mkdtempSync(join(tmpdir(), 'grapevine-bench-'));
	const file = join(folder, 'microphone.wav');
	if (voice !== null) writeFileSync(file, waveFile(voice));
	const microphone = voice === null ? [] : [`--use-file-for-fake-audio-capture=${file}`];
	const flags = how === 'crowded' ? CROWDED_FLAGS : CHROMIUM_FLAGS;
	const server = await chromium.launchServer({
		executablePath: how === 'crowded' ? PROGRAM : WHOLE,
		args: [...flags, '--autoplay-policy=no-user-gesture-required', ...microphone]
	});
	const browser = await chromium.connect(server.wsEndpoint());
	return {
		page: () => openPage(browser, how === 'crowded' ? FOR_THIS_VISIT : {}),
		pid: server.process().pid ?? 0,
		async closePages() {
			await Promise.all(browser.contexts().map((context) => context.close()));
		},
		async close() {
			await server.close();
			rmSync(folder, { recursive: true, force: true });
		}
	};
}

/** The taps are code of ours in somebody else's page, which its content policy would forbid. */
async function openPage(browser: Browser, more: BrowserContextOptions): Promise<BenchPage> {
	const context = await browser.newContext({ bypassCSP: true, ...more });
	const page = await context.newPage();
	await page.addInitScript(installTap);
	return { page, close: () => context.close() };
}
