/**
 * Pictures of every screen and state, on a phone, a tablet and a desk, light and dark, into ./shots, drawn from fakes.
 * `node scripts/shots.ts [scene ...]` takes only those scenes. CHROMIUM names another browser.
 */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from 'playwright';
import type { ViteDevServer } from 'vite';
import { HOME_SCENES, PEOPLE_SCENES } from '../test/lib/commons-scenes.ts';
import { HERE, HERE_SCENES } from '../test/lib/here-scenes.ts';
import { OPENED } from '../test/lib/opened.ts';
import { SHARING_SCENES } from '../test/lib/sharing-scenes.ts';
import { ROOM_SCENES } from '../test/lib/room-scenes.ts';
import { servePictures } from '../test/pictures/serve.ts';

interface Shot {
	readonly scene: string;
	readonly width: number;
	readonly scheme: 'light' | 'dark';
	readonly locale: 'en' | 'fr';
	/** The button to press first; several, with ` > ` between them. */
	readonly press?: string;
}

const SCENES = [
	...Object.keys(HOME_SCENES),
	...Object.keys(PEOPLE_SCENES),
	'bad-key',
	'reacting',
	'recordings',
	'replay',
	'clip',
	'captioned',
	'chatting',
	'other-room',
	'offline',
	'update-ready',
	'opened-nothing',
	...Object.keys(HERE_SCENES),
	...Object.keys(SHARING_SCENES),
	...Object.keys(ROOM_SCENES)
];
const LOOKS = [
	{ width: 390, scheme: 'light' },
	{ width: 390, scheme: 'dark' },
	{ width: 820, scheme: 'light' },
	{ width: 820, scheme: 'dark' },
	{ width: 1280, scheme: 'light' },
	{ width: 1280, scheme: 'dark' }
] as const;

/** The first page has everything made ready for it, on a machine that may do other things as well. */
const WAIT_MAX_MS = 120_000;

const out = fileURLToPath(new URL('../shots', import.meta.url));
const wanted = new Set(process.argv.slice(2));

await mkdir(out, { recursive: true });
const server = await servePictures();
const browser = await chromium.launch({
	executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
	args: ['--no-sandbox', '--disable-gpu']
});
for (const shot of allShots()) await take(browser, server, shot);
await browser.close();
await server.close();

function allShots(): Shot[] {
	return LOOKS.flatMap((look): Shot[] => [
		...SCENES.map((scene) => ({ scene, ...look, locale: 'en' as const })),
		...OPENED.map(([scene, press]) => ({ scene, ...look, locale: 'en' as const, press })),
		...[
			...['home', 'lobby', 'people', 'full', 'on-stage-muted', 'moderating', 'removed'],
			...['recordings', 'replay', 'clip', 'asked-twice', 'shared-found', 'shared-fetching']
		].map((scene) => ({
			scene,
			...look,
			locale: 'fr' as const
		})),
		{ scene: 'network-troubled', ...look, locale: 'fr' as const, press: 'Réseau' }
	]).filter((shot) => wanted.size === 0 || wanted.has(shot.scene));
}

/** Panels scroll on a phone: a taller window shows all of it at once. */
function heightOf({ scene, width, press }: Shot): number {
	if (scene.startsWith('network') && press !== undefined) return width < 600 ? 1700 : 1000;
	if (press !== undefined && /Settings|Sound/.test(press)) return width < 600 ? 2400 : 1900;
	if (scene === 'recording' && press === 'Desk') return width < 600 ? 3200 : 1500;
	// So do the pages with lists.
	if (scene === 'replay') return width < 600 ? 3300 : 2000;
	const isLong = press === undefined && /^(lobby|people|clip)/.test(scene);
	if (isLong) return width < 600 ? 1900 : 1300;
	return width < 600 ? 844 : 800;
}

async function take(on: Browser, from: ViteDevServer, shot: Shot): Promise<void> {
	const page = await on.newPage({
		viewport: { width: shot.width, height: heightOf(shot) },
		colorScheme: shot.scheme,
		// What floats is seen only where it may; with the bar open there are the counts.
		reducedMotion:
			shot.scene === 'reacting' && shot.press === undefined ? 'no-preference' : 'reduce'
	});
	page.setDefaultTimeout(WAIT_MAX_MS);
	page.on('pageerror', (error) => {
		console.error(`${shot.scene}: ${error.message}`);
	});
	const base = from.resolvedUrls?.local[0] ?? '';
	await page.goto(`${base}?scene=${shot.scene}&locale=${shot.locale}`);
	await page.locator('h1').first().waitFor();
	if (/^(elsewhere|other-room)/.test(shot.scene)) await page.locator(HERE).first().waitFor();
	if (shot.press !== undefined) {
		for (const name of shot.press.split(' > ')) {
			const button = page.getByRole('button', { name, exact: true }).first();
			const opens = (await button.getAttribute('aria-haspopup')) === 'dialog';
			await button.click();
			if (opens) await page.locator('dialog[open]').last().waitFor();
		}
		if (shot.press.endsWith('Report…')) await page.getByText('Save the file').waitFor();
	}
	if (shot.scene === 'reacting') await page.waitForTimeout(1_900);
	// Rates are known from the second report on.
	if (shot.scene.startsWith('network')) await page.waitForTimeout(2_400);
	const opened = shot.press === undefined ? '' : `-${plain(shot.press)}`;
	const name = `${shot.scene}${opened}-${shot.locale}-${shot.width}-${shot.scheme}.png`;
	await page.screenshot({ path: `${out}/${name}` });
	await page.close();
}

/** A file's name for a button's: no accents, no spaces. */
function plain(name: string): string {
	const bare = name.normalize('NFD').replace(/\p{M}/gu, '');
	return bare.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}
