/** A long recording on its page in the app: how soon it is open, sought in and saved, beside what the browser itself needs for the same. */
import type { Page } from 'playwright';
import type { Part } from '#lib/p2p/archive/container.ts';
import { encodeMeta } from '#lib/p2p/archive/meta.ts';
import { makeTape } from '../lib/tape-maker.ts';
import { median, voiceLike } from '../lib/sound.ts';
import type { Bench } from './bench.ts';
import { info, spread, type Row, type Table } from './report.ts';

const MINUTES = 60;
const SHORT_MINUTES = 5;
const SPEAKERS = 6;
const OPEN_MAX_MS = 1_000;
const SEEK_MAX_MS = 200;
const EXPORT_LEAST = 20;
const OPENINGS = 5;
const SEEKS = 12;
const VOICE_S = 20;
/** An hour on a slow machine. */
const EXPORT_MAX_MS = 900_000;

/** Everybody talks half of the time, over each other: three voices at any moment. */
const babble = (speaker: number, tick: number): boolean => (tick / 50 + speaker * 7) % 14 < 7;

export async function replay({ effort, seedUrl, listening }: Bench): Promise<Table> {
	const minutes = effort.rounds > 1 ? MINUTES : SHORT_MINUTES;
	const { page, close } = await listening.page();
	try {
		await page.addInitScript(prepare);
		await page.goto(new URL('recordings', seedUrl).href);
		const packets = (await page.evaluate(encode, [...voiceLike(VOICE_S)])).map(
			(base64) => new Uint8Array(Buffer.from(base64, 'base64'))
		);
		const { parts, meta } = await makeTape({
			...{ seconds: 60 * minutes, speakers: SPEAKERS, talks: babble, signed: false },
			opus: (speaker, tick) => packets[(tick + 97 * speaker) % packets.length] ?? new Uint8Array(1)
		});
		// Its thirty days are over.
		const kept = encodeMeta({ ...meta, keptAtMs: meta.startedAtMs });
		await putOnDisk(page, meta.id, { ...parts, meta: kept });
		return { ...aboutOf(minutes), rows: await rowsOf(page, minutes) };
	} finally {
		await close();
	}
}

const aboutOf = (minutes: number): Omit<Table, 'rows'> => ({
	title: `A recording of ${minutes} minutes on its page`,
	notes: [
		`${SPEAKERS} speakers, three of whom are heard at any time. Open: from the press in the list to a page that can be played.`,
		'Seek: until the sound of that moment is there; the first of each opening by itself. Save: everybody in one Ogg file. Each after the other.',
		'Baseline: the browser opens, seeks in and decodes that very Ogg file by itself.'
	]
});

async function rowsOf(page: Page, minutes: number): Promise<Row[]> {
	const opened: number[] = [];
	const first: number[] = [];
	const atS = Array.from(
		{ length: SEEKS },
		(_, i) => ((i * 7) % SEEKS) * ((minutes * 60) / SEEKS) + 3
	);
	for (let i = 0; i < OPENINGS; i++) {
		opened.push(await openIt(page));
		first.push(await page.evaluate(seekTo, (atS[i] ?? 0) + 1));
	}
	const sought: number[] = [];
	for (const at of atS) sought.push(await page.evaluate(seekTo, at));
	const savedMs = await save(page);
	const own = await page.evaluate(asBrowserDoes, atS);
	const times = (ms: number): number => (60_000 * minutes) / ms;
	return [
		target(`open ${minutes} minutes`, opened, `${own.openMs.toFixed(0)} ms`, OPEN_MAX_MS),
		target('seek at once, while the player still begins', first, 'none', SEEK_MAX_MS),
		target('seek', sought, spread(own.seeksMs, 'ms'), SEEK_MAX_MS),
		{
			what: 'save everybody in one file',
			ours: `${times(savedMs).toFixed(0)} times as fast as it was said`,
			baseline: `${own.decodes.toFixed(0)} times, to decode it alone`,
			target: `>= ${EXPORT_LEAST}`,
			met: times(savedMs) >= EXPORT_LEAST
		},
		info('what came of it', `${(own.bytes / 1e6).toFixed(1)} MB, ${own.lengthS.toFixed(1)} s`)
	];
}

const target = (what: string, ms: readonly number[], baseline: string, most: number): Row => ({
	...{ what, baseline, ours: spread(ms, 'ms'), target: `<= ${most} ms` },
	met: median(ms) <= most
});

/** From the list to the page, and back. */
async function openIt(page: Page): Promise<number> {
	const back = page.getByRole('link', { name: 'All recordings' });
	if ((await back.count()) > 0) await back.click();
	await page.locator('a[href*="recordings/"]').first().waitFor();
	return page.evaluate(openFirst);
}

async function save(page: Page): Promise<number> {
	const startMs = performance.now();
	await page.getByRole('button', { name: 'Everybody in one file' }).click();
	await page.getByText('Saved:').waitFor({ timeout: EXPORT_MAX_MS });
	return performance.now() - startMs;
}

/** Files are collected where they would be offered as downloads, and players are remembered. */
function prepare(): void {
	const own = window as unknown as Record<string, unknown>;
	own['showSaveFilePicker'] = undefined;
	const make = URL.createObjectURL.bind(URL);
	URL.createObjectURL = (what) => {
		if (what instanceof Blob) own['lastFile'] = what;
		return make(what);
	};
	HTMLAnchorElement.prototype.click = function click(this: HTMLAnchorElement) {
		if (!this.hasAttribute('download'))
			this.dispatchEvent(new MouseEvent('click', { bubbles: true }));
	};
	const Player = window.Audio;
	window.Audio = function audio() {
		const player = new Player();
		own['lastPlayer'] = player;
		return player;
	} as unknown as typeof Audio;
}

/** In the page: what the microphone's encoder would make of it. */
async function encode(samples: number[]): Promise<string[]> {
	const packets: string[] = [];
	const encoder = new AudioEncoder({
		output(chunk) {
			const bytes = new Uint8Array(chunk.byteLength);
			chunk.copyTo(bytes);
			packets.push(btoa(String.fromCharCode(...bytes)));
		},
		error: (error) => {
			throw error;
		}
	});
	encoder.configure({
		...{ codec: 'opus', sampleRate: 48_000, numberOfChannels: 1, bitrate: 29_000 },
		opus: { frameDuration: 20_000 }
	});
	for (let at = 0; at + 960 <= samples.length; at += 960) {
		encoder.encode(
			new AudioData({
				...{ format: 'f32', sampleRate: 48_000, numberOfFrames: 960, numberOfChannels: 1 },
				...{ timestamp: (at / 960) * 20_000, data: Float32Array.from(samples.slice(at, at + 960)) }
			})
		);
	}
	await encoder.flush();
	return packets;
}

const FILES: Readonly<Record<Part, string>> = {
	meta: 'meta',
	log: 'log',
	index: 'index',
	sound: 'sound.0001'
};

async function putOnDisk(
	page: Page,
	folder: string,
	parts: Readonly<Record<Part, Uint8Array>>
): Promise<void> {
	for (const [part, bytes] of Object.entries(parts)) {
		const address = `${page.url()}/bench/${part}`;
		await page.route(address, (route) => route.fulfill({ body: Buffer.from(bytes) }));
		await page.evaluate(fetchToDisk, { address, folder, name: FILES[part as Part] });
		await page.unroute(address);
	}
	// The list is read when the page is opened.
	await page.reload();
}

async function fetchToDisk(what: { address: string; folder: string; name: string }): Promise<void> {
	const root = await navigator.storage.getDirectory();
	const recordings = await root.getDirectoryHandle('recordings', { create: true });
	const folder = await recordings.getDirectoryHandle(what.folder, { create: true });
	const file = await (await folder.getFileHandle(what.name, { create: true })).createWritable();
	await file.write(await (await fetch(what.address)).blob());
	await file.close();
}

/** In the page: ms until it can be played. */
async function openFirst(): Promise<number> {
	const link = [...document.querySelectorAll('a')].find(({ href }) =>
		/recordings\/[0-9a-f]{32}$/.test(href)
	);
	if (link === undefined) throw new Error('There is no recording in the list.');
	const startMs = performance.now();
	link.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
	const isThere = (): boolean => document.querySelector('input[type=range]') !== null;
	while (!isThere()) await new Promise((resolve) => requestAnimationFrame(resolve));
	return performance.now() - startMs;
}

/** In the page: ms until the sound of that moment is there. */
async function seekTo(atS: number): Promise<number> {
	const slider = document.querySelector<HTMLInputElement>('input[type=range]');
	const player = (window as unknown as { lastPlayer: HTMLAudioElement }).lastPlayer;
	if (slider === null) throw new Error('There is no slider.');
	const startMs = performance.now();
	slider.value = String(atS * 1_000);
	slider.dispatchEvent(new Event('input', { bubbles: true }));
	const isThere = (): boolean =>
		!player.seeking && player.readyState >= 2 && Math.abs(player.currentTime - atS) < 0.2;
	await new Promise<void>((resolve) => {
		const look = (): void => {
			if (!isThere()) return;
			for (const event of SOUND_EVENTS) player.removeEventListener(event, look);
			resolve();
		};
		const SOUND_EVENTS = ['seeked', 'loadeddata', 'canplay', 'timeupdate'];
		for (const event of SOUND_EVENTS) player.addEventListener(event, look);
		look();
	});
	return performance.now() - startMs;
}

interface Own {
	readonly openMs: number;
	readonly seeksMs: readonly number[];
	/** How many times as fast as it is listened to. */
	readonly decodes: number;
	readonly bytes: number;
	readonly lengthS: number;
}

/** In the page: the browser's own player and decoder, with the file that was saved. */
async function asBrowserDoes(atS: readonly number[]): Promise<Own> {
	const { lastFile } = window as unknown as { lastFile: Blob };
	const once = (on: EventTarget, name: string): Promise<Event> =>
		new Promise((resolve) => on.addEventListener(name, resolve, { once: true }));
	const player = document.createElement('audio');
	let startMs = performance.now();
	player.src = URL.createObjectURL(lastFile);
	await once(player, 'canplay');
	const openMs = performance.now() - startMs;
	const seeksMs: number[] = [];
	for (const at of atS) {
		startMs = performance.now();
		player.currentTime = at;
		await once(player, 'seeked');
		seeksMs.push(performance.now() - startMs);
	}
	// Some minutes of it: all of it, decoded, would fill the memory.
	const part = await lastFile.slice(0, 2_000_000).arrayBuffer();
	startMs = performance.now();
	const context = new OfflineAudioContext(1, 48_000, 48_000);
	const { duration } = await context.decodeAudioData(part);
	const decodes = (1_000 * duration) / (performance.now() - startMs);
	return { openMs, seeksMs, decodes, bytes: lastFile.size, lengthS: player.duration };
}
