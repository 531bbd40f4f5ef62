/**
 * A Chromium that treats a hidden tab as people's browsers do. Whoever drives a browser the usual way has it believe that
 * every page is looked at, and starts it with words that keep hidden pages awake: this one is started by hand, driven the
 * usual way only until its page is where it should be, and let go then.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { chromium } from 'playwright';
import { waveFile } from '../../src/seed/wave-file.ts';
import { CHROMIUM_FLAGS } from '../e2e/browsers.ts';
import type { BenchBrowser } from './browsers.ts';
import { openWire, type Wire } from './devtools-wire.ts';
import { installTap } from './tap.ts';
import { endsWithUs } from './ends-with-us.ts';

export interface BackgroundingBrowser extends BenchBrowser {
	/** From now on nobody drives its page, and it can be hidden. */
	letGo(): Promise<FreePage>;
}

export interface FreePage {
	/** What `run` gives in the page, where it must stand by itself; what goes in and out is JSON. */
	ask<Given, Answer>(
		run: (given: Given) => Answer | Promise<Answer>,
		given: Given
	): Promise<Answer>;
	/** Puts another tab before it. Throws where it is seen all the same. */
	hide(): Promise<void>;
}

/** `voice` is what its microphone hears, over and over; null leaves Chromium's own beep. It has one page. */
export async function openBackgrounding(voice: Float32Array | null): Promise<BackgroundingBrowser> {
	const folder = mkdtempSync(join(tmpdir(), 'grapevine-bench-'));
	const file = join(folder, 'microphone.wav');
	if (voice !== null) writeFileSync(file, waveFile(voice));
	const words = [
		...CHROMIUM_FLAGS,
		'--headless=new',
		'--remote-debugging-port=0',
		`--user-data-dir=${join(folder, 'profile')}`,
		...(voice === null ? [] : [`--use-file-for-fake-audio-capture=${file}`]),
		'about:blank'
	];
	const program = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
	const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
	const endBrowser = endsWithUs(child);
	const address = await addressIn(child.stderr);
	const browser = await chromium.connectOverCDP(address);
	let wire: Wire | null = null;
	return {
		pid: child.pid ?? 0,
		async page() {
			// Contexts of its own would end with whoever drives it.
			const [context] = browser.contexts();
			const page = context?.pages()[0] ?? (await context?.newPage());
			if (context === undefined || page === undefined) throw new Error('Chromium has no page.');
			const line = await context.newCDPSession(page);
			await line.send('Page.setBypassCSP', { enabled: true });
			await page.addInitScript(installTap);
			return { page, close: () => page.close() };
		},
		async letGo() {
			await browser.close();
			wire = await openWire(address);
			return freePageOf(wire);
		},
		closePages: () => Promise.resolve(),
		async close() {
			wire?.close();
			await endBrowser();
			rmSync(folder, { recursive: true, force: true });
		}
	};
}

/** Chromium says where it can be driven, and goes on saying things: what nobody takes would hold it up. */
async function addressIn(said: Readable): Promise<string> {
	const told = new Promise<string>((resolve, reject) => {
		const lines = createInterface(said);
		lines.on('line', (line) => {
			const address = /^DevTools listening on (ws:\S+)/.exec(line)?.[1];
			if (address !== undefined) resolve(address);
		});
		lines.once('close', () => {
			reject(new Error('Chromium ended without an address.'));
		});
	});
	return told;
}

async function freePageOf(wire: Wire): Promise<FreePage> {
	const { targetInfos } = await wire.send<Targets>('Target.getTargets');
	const target = targetInfos.find(({ type }) => type === 'page');
	if (target === undefined) throw new Error('The page did not outlive its driver.');
	const how = { targetId: target.targetId, flatten: true };
	const { sessionId } = await wire.send<{ sessionId: string }>('Target.attachToTarget', how);
	const ask: FreePage['ask'] = async <Given, Answer>(
		run: (given: Given) => Answer | Promise<Answer>,
		given: Given
	) => {
		const words = {
			expression: `(${run.toString()})(${JSON.stringify(given)})`,
			awaitPromise: true,
			returnByValue: true
		};
		const said = await wire.send<Evaluated<Answer>>('Runtime.evaluate', words, sessionId);
		if (said.exceptionDetails === undefined) return said.result.value;
		throw new Error(`In the page: ${JSON.stringify(said.exceptionDetails)}`);
	};
	return {
		ask,
		async hide() {
			await wire.send('Target.createTarget', { url: 'about:blank' });
			// It is told so, a moment later.
			const state = await ask(
				(waitMs) =>
					new Promise<string>((resolve) => {
						const answer = (): void => {
							resolve(document.visibilityState);
						};
						if (document.visibilityState === 'hidden') answer();
						document.addEventListener('visibilitychange', answer, { once: true });
						setTimeout(answer, waitMs);
					}),
				HIDDEN_WITHIN_MS
			);
			if (state !== 'hidden') throw new Error(`The tab behind another one is ${state}.`);
		}
	};
}

const HIDDEN_WITHIN_MS = 5_000;

interface Targets {
	readonly targetInfos: readonly { readonly targetId: string; readonly type: string }[];
}

interface Evaluated<Answer> {
	readonly result: { readonly value: Answer };
	readonly exceptionDetails?: object;
}
