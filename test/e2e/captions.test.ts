/**
 * Real speech in a speaker's microphone, read by a listener three hops away, and saved by the speaker; and nothing of it
 * asks anybody off this machine.
 */
import { readFileSync } from 'node:fs';
import { createResampler } from '#lib/p2p/voice/resampler.ts';
import { encodeLogEntry } from '#lib/p2p/archive/log-entry.ts';
import { concat } from '#lib/p2p/wire/ids.ts';
import type { BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RATE } from '../lib/sound.ts';
import { samplesOfWave, SENTENCES, wordErrorRate } from '../lib/speech.ts';
import { diagnosticsOf, enterApp, eventually, unmute, type Person } from './drive.ts';
import { joinHeadless, type Headless } from './headless.ts';
import { openScene, type Scene } from './scene.ts';
import { tapedBy } from './taped.ts';

const WRONG_MAX = 0.15;
const HOPS = 3;
/** Models load and warm up beside two browsers on two cores. */
const LOAD_MS = 60_000;
/** The sentences take 15 s, and their last words come after them. */
const SPEECH_MS = 60_000;

const folder = new URL('../fixtures/speech/', import.meta.url);
/** Two of them are enough here; test/browser has all. */
const spoken = SENTENCES.slice(1);
const said = spoken.map((name) => readFileSync(new URL(`${name}.txt`, folder), 'utf8')).join(' ');

let scene: Scene;
let hanna: Person;
let zoe: Person;
let relays: Headless[];
const addresses: string[] = [];

/** The sentences one after the other, after a moment in which the microphone opens. */
function speech(): Float32Array {
	const pause = new Float32Array(1.5 * RATE);
	const parts = spoken.flatMap((name) => {
		const { samples, rate } = samplesOfWave(readFileSync(new URL(`${name}.wav`, folder)));
		return [pause, createResampler(rate, RATE)(samples)];
	});
	const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

async function startRecordedRoom(): Promise<string> {
	const { page } = hanna;
	await page.getByRole('button', { name: 'Start a room' }).click();
	await page.getByRole('textbox', { name: 'Room title' }).fill('Readings');
	await page.getByRole('switch', { name: 'Record it from the beginning' }).check();
	await page.getByRole('button', { name: 'Open room' }).click();
	await page.getByRole('button', { name: 'Unmute' }).waitFor();
	return (await page.evaluate(() => window.grapevine.roomKey))!;
}

function note(context: BrowserContext): void {
	context.on('request', (request) => addresses.push(request.url()));
	context.on('page', (page) => page.on('websocket', (socket) => addresses.push(socket.url())));
}

beforeAll(async () => {
	scene = await openScene('keeping');
	const { seed, browsers } = scene;
	const [mine, hers] = [await browsers.withMicrophone(speech(), 'once'), await browsers.silent()];
	for (const context of [mine, hers]) note(context);
	hanna = await enterApp(await browsers.page(mine), `${seed.url}?fanout=1`, 'Hanna');
	const key = await startRecordedRoom();
	relays = [];
	// One more than three hops take: on a busy machine one may lose its place for a while.
	for (const name of ['Ruth', 'Sven', 'Tomas']) {
		const relay = await joinHeadless(seed.url, key, name, { fanout: 1 });
		relays.push(relay);
		await eventually(
			`${name} is in the room`,
			() => Promise.resolve(relay.view()?.phase),
			(phase) => phase === 'joined'
		);
	}
	const page = await browsers.page(hers);
	await page.goto(new URL(`/r/${key}?fanout=0`, seed.url).href);
	zoe = { name: 'Zoe', page };
	await page.getByRole('button', { name: 'Leave', exact: true }).waitFor();
});

afterAll(async () => {
	await Promise.all(relays.map(({ peer }) => peer.stop()));
	await scene.close();
});

const openCaptions = ({ page }: Person): Promise<void> =>
	page.getByRole('button', { name: 'Captions' }).click();

const saidTo = ({ page }: Person): Promise<string> =>
	page
		.getByRole('region', { name: 'What was said' })
		.locator('li span')
		.allTextContents()
		.then((lines) => lines.join(' '));

interface Seen {
	readonly text: string;
	readonly partial: boolean;
	/** Hops to the speaker when it came. */
	readonly depth: number | null;
}

/** Every caption that is on the screen at any time. */
function watchCaptions({ page }: Person): Promise<void> {
	return page.evaluate(() => {
		const seen: Seen[] = [];
		Object.assign(window, { seen });
		const look = (): void => {
			for (const line of document.querySelectorAll('[aria-label="Captions"] p')) {
				const text = line.querySelector('span')?.textContent ?? '';
				const partial = line.classList.contains('partial');
				if (seen.some((one) => one.text === text && one.partial === partial)) continue;
				seen.push({ text, partial, depth: window.grapevine.diagnostics().depth ?? null });
			}
		};
		new MutationObserver(look).observe(document.body, {
			subtree: true,
			childList: true,
			characterData: true,
			attributes: true
		});
	});
}

const seenBy = ({ page }: Person): Promise<Seen[]> =>
	page.evaluate(() => (window as unknown as { seen: [] }).seen);

/** The recording becomes one of a room without captions. */
async function forgetWords(page: Page): Promise<void> {
	const { recording } = await tapedBy(page);
	const log = recording.log.filter(({ type }) => type !== 'text').map(encodeLogEntry);
	await page.evaluate(writeLog, { folder: recording.meta.id, bytes: [...concat(...log)] });
}

/** In the page. */
async function writeLog({ folder, bytes }: { folder: string; bytes: number[] }): Promise<void> {
	const root = await navigator.storage.getDirectory();
	const recordings = await root.getDirectoryHandle('recordings');
	const file = await (await recordings.getDirectoryHandle(folder)).getFileHandle('log');
	const stream = await file.createWritable();
	await stream.write(Uint8Array.from(bytes));
	await stream.close();
}

describe('captions', () => {
	it('are asked of the speaker first, who is told what is loaded', async () => {
		const { page } = hanna;
		await page.getByRole('button', { name: 'Desk' }).click();
		await page.getByRole('switch', { name: 'Captions for everybody' }).check();
		await page.keyboard.press('Escape');
		await page.getByText('Your voice does not leave this device for it').waitFor();
		expect(addresses.some((address) => address.endsWith('.onnx'))).toBe(false);
		await page.getByRole('button', { name: 'Load 25 MB' }).click();
		await openCaptions(hanna);
		await page.getByText('On, for English.').waitFor({ timeout: LOAD_MS });
		await page.keyboard.press('Escape');
	});

	it('are read three hops away, at most 15 % wrong, while and after they are said', async () => {
		await eventually(
			'Zoe is three hops away',
			() => diagnosticsOf(zoe),
			({ depth }) => (depth ?? 0) >= HOPS
		);
		await watchCaptions(zoe);
		await unmute(hanna);
		await eventually(
			'a last word is there',
			() => seenBy(zoe),
			(seen) => seen.some(({ text, partial }) => !partial && /respectable/.test(text)),
			SPEECH_MS
		);
		const seen = await seenBy(zoe);
		const finals = seen.filter(({ partial }) => !partial).map(({ text }) => text);
		expect(wordErrorRate(said, finals.join(' ')), finals.join(' ')).toBeLessThanOrEqual(WRONG_MAX);
		// Where a relay was starved she sits with one further up for a moment: it counts where she was when they came.
		const afar = seen.filter(({ depth }) => (depth ?? 0) >= HOPS);
		// How many partial ones a device makes is a matter of its pace; final ones follow them.
		expect(afar.map(({ partial }) => (partial ? 'partial' : 'final')).join(' ')).toMatch(
			/partial final/
		);
		await openCaptions(zoe);
		expect(wordErrorRate(said, await saidTo(zoe))).toBeLessThanOrEqual(WRONG_MAX);
		await zoe.page.getByText('Those who are on stage can save this.').waitFor();
	});

	it('are saved by who spoke, with name and times', async () => {
		const { page } = hanna;
		await openCaptions(hanna);
		const [download] = await Promise.all([
			page.waitForEvent('download'),
			page.getByRole('button', { name: 'WebVTT' }).click()
		]);
		const file = readFileSync(await download.path(), 'utf8');
		expect(download.suggestedFilename()).toBe('Readings - transcript.vtt');
		expect(file).toMatch(/^WEBVTT\n\nNOTE\nReadings\n\n00:00:00.000 --> 00:00:0\d/);
		const words = [...file.matchAll(/^<v Hanna>(.*)$/gm)].map(([, text]) => text).join(' ');
		expect(wordErrorRate(said, words)).toBeLessThanOrEqual(WRONG_MAX);
		const begins = [...file.matchAll(/^00:00:(\d\d\.\d{3}) -->/gm)].map(([, at]) => Number(at));
		// The second sentence begins 6.8 s after the first.
		expect(begins).toHaveLength(2);
		expect(begins[1]).toBeGreaterThan(6);
		expect(begins[1]).toBeLessThan(7.6);
	});

	it('are on the recording’s page word for word as they were in the room', async () => {
		const { page } = hanna;
		const inRoom = await page
			.getByRole('region', { name: 'What was said' })
			.locator('li span')
			.allTextContents();
		await page.keyboard.press('Escape');
		await page.getByRole('button', { name: 'Desk' }).click();
		await page.getByRole('button', { name: 'Stop…' }).click();
		await page.getByRole('button', { name: 'Stop for good' }).click();
		await page.keyboard.press('Escape');
		const other = await page.context().newPage();
		await other.goto(new URL('recordings', scene.seed.url).href);
		await other.getByRole('link', { name: 'Listen and save' }).click();
		const words = other.getByRole('region', { name: 'What was said' });
		await words.getByRole('listitem').first().waitFor();
		const onPage = await words.getByRole('listitem').allTextContents();
		expect(onPage).toHaveLength(inRoom.length);
		for (const [i, text] of inRoom.entries()) expect(onPage[i]).toContain(text.trim());
		await other.close();
		await openCaptions(hanna);
	});

	it('need nothing from anywhere once they were loaded', async () => {
		const { page } = hanna;
		await page.context().route('**/captions/**', (route) => route.abort());
		await page.getByRole('switch', { name: 'Show my words as text' }).uncheck();
		await page.getByText('Off: what you say is not shown as text.').waitFor();
		await page.getByRole('switch', { name: 'Show my words as text' }).check();
		await page.getByText('On, for English.').waitFor({ timeout: LOAD_MS });
		// What is no part of a pack is part of the app, which is kept.
		const shell = await (await fetch(new URL('/service-worker.js', scene.seed.url))).text();
		expect(shell).toMatch(/ort-wasm-simd-threaded[\w.-]+\.mjs/);
		expect(shell).toMatch(/caption\.worker/);
		expect(shell).not.toContain('.onnx');
	});

	it('are made of a recording without any, in an app that is opened anew with no network', async () => {
		const { page } = hanna;
		await forgetWords(page);
		await page.context().setOffline(true);
		await page.goto(new URL('recordings', scene.seed.url).href);
		await page.getByText('You are offline').waitFor();
		await page.getByRole('link', { name: 'Listen and save' }).click();
		await page.getByLabel('They speak').selectOption({ label: 'English' });
		await page.getByRole('button', { name: 'Put it into words' }).click();
		await page.getByText('All of it was put into words').waitFor({ timeout: LOAD_MS });
		const lines = page.getByRole('region', { name: 'What was said' }).getByRole('listitem');
		const words = (await lines.allInnerTexts())
			.map((line) => line.replace(/^[\d:]+ · Hanna/, ''))
			.join(' ');
		expect(wordErrorRate(said, words), words).toBeLessThanOrEqual(WRONG_MAX);
		await page.context().setOffline(false);
	});

	it('have asked nobody off this machine', () => {
		expect(addresses.length).toBeGreaterThan(20);
		const hosts = addresses
			.filter((address) => !/^(data|blob):/.test(address))
			.map((address) => new URL(address).hostname);
		expect([...new Set(hosts)]).toEqual(['127.0.0.1']);
	});
});
