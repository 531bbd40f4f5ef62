/** A room without a mouse, by keys alone and by touch alone: found, asked for the floor in, spoken in, and left. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, type Person } from './drive.ts';
import { SILENT_DBFS, tonesAt } from './ear.ts';
import { hears, openScene, type Scene } from './scene.ts';

const [HANNA_HZ, SAM_HZ] = [523, 811];
const SETUP_MS = 60_000;
/** As a stranger might name a room: it is to be read, not run. */
const TITLE = '<img src="data:," onerror="globalThis.injected = 1">';
/** More places than that to stop at no page here has. */
const STOPS_MAX = 60;

/** The room of somebody on stage as a screen reader is given it: places, headings, and what each button does. */
const TOLD = [
	'banner:',
	'link "Grapevine":',
	'navigation:',
	'main:',
	`heading ${JSON.stringify(TITLE)} [level=1]`,
	'region "On stage 2 of 11":',
	'heading "On stage 2 of 11" [level=2]',
	'list:',
	'listitem:',
	'text: Hanna Host microphone on',
	'button "More about Hanna"',
	'listitem: Guest',
	'You microphone on',
	'heading "0 listening" [level=2]',
	'alert',
	'group "Room controls":',
	...['Mute', 'Leave the stage', 'React', 'Chat', 'Share', 'Leave'].map(
		(name) => `button "${name}"`
	)
];
const IN_ORDER = new RegExp(TOLD.map((one) => RegExp.escape(one)).join('[^]*?'));
/** Of one hand, with no mouse and no keys. */
const PHONE = {
	viewport: { width: 390, height: 844 },
	hasTouch: true,
	isMobile: true,
	reducedMotion: 'reduce'
} as const;

let scene: Scene;
let hanna: Person;
let sam: Person;
let roomKey: string;

beforeAll(async () => {
	scene = await openScene();
	[hanna, sam] = await Promise.all([
		scene.speaker('Hanna', HANNA_HZ, 4),
		scene.speaker('Sam', SAM_HZ)
	]);
}, SETUP_MS);

afterAll(() => scene.close());

/** Goes on from place to place until it stands on what has that name. */
async function tabTo({ page }: Person, name: string): Promise<void> {
	for (let i = 0; i < STOPS_MAX; i++) {
		await page.keyboard.press('Tab');
		const at = await page.evaluate(() => {
			const here = document.activeElement;
			const label = here instanceof HTMLInputElement ? here.labels?.[0]?.textContent : null;
			return here?.getAttribute('aria-label') ?? label ?? here?.textContent ?? '';
		});
		if (at.trim() === name) return;
	}
	throw new Error(`Tab leads to no “${name}”.`);
}

async function press(who: Person, name: string): Promise<void> {
	await who.page.getByRole('button', { name, exact: true }).waitFor();
	await tabTo(who, name);
	await who.page.keyboard.press('Enter');
}

/** Puts markup into the page as no screen of ours does: what the seed says of scripts still stands against it. */
function runsInlineScript({ page }: Person): Promise<boolean> {
	return page.evaluate(
		(markup) =>
			new Promise<boolean>((resolve) => {
				const place = document.createElement('div');
				document.addEventListener('securitypolicyviolation', () => {
					resolve('injected' in globalThis);
				});
				place.innerHTML = markup;
				document.body.append(place);
			}),
		TITLE
	);
}

it('everything from opening a room to leaving it is done by keyboard alone', async () => {
	await press(hanna, 'Start a room');
	await hanna.page.getByRole('textbox', { name: 'Room title' }).waitFor();
	await hanna.page.keyboard.type(TITLE);
	await hanna.page.keyboard.press('Enter');
	await hanna.page.getByRole('button', { name: 'Unmute' }).waitFor();
	await hanna.page.keyboard.press('m');
	await hanna.page.getByRole('button', { name: 'Mute', exact: true }).waitFor();
	roomKey = (await hanna.page.evaluate(() => window.grapevine.roomKey)) ?? '';

	await tabTo(sam, 'Room key or link');
	await sam.page.keyboard.type(roomKey);
	await sam.page.keyboard.press('Enter');
	await sam.page.getByRole('button', { name: 'Ask to speak' }).waitFor();
	await sam.page.keyboard.press('h');
	await hears(sam, HANNA_HZ);

	await sam.page.getByRole('heading', { name: TITLE }).waitFor();
	expect(await runsInlineScript(sam)).toBe(false);

	await press(hanna, 'Invite Sam to speak');
	await press(sam, 'Accept');
	await sam.page.getByRole('button', { name: 'Unmute' }).waitFor();
	// It stands at the button to unmute, which Space would press: as after a press beside it, it stands nowhere.
	await sam.page.evaluate(() => {
		if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
	});
	await sam.page.keyboard.down(' ');
	await hears(hanna, SAM_HZ);
	await sam.page.keyboard.up(' ');
	await sam.page.getByRole('button', { name: 'Unmute' }).waitFor();
	const [level] = await eventually(
		'Hanna hears Sam no more',
		() => tonesAt(hanna.page, [SAM_HZ]),
		([now = 0]) => now < SILENT_DBFS
	);
	expect(level).toBeLessThan(SILENT_DBFS);

	await press(sam, 'Leave');
	await sam.page.getByRole('button', { name: 'Join again' }).waitFor();
});

it('a newcomer comes by the link with one tap at most, speaks and leaves, by touch alone', async () => {
	const context = await sam.page.context().browser()?.newContext(PHONE);
	if (context === undefined) throw new Error('The browser is gone.');
	const page = await scene.browsers.page(context);
	const tess = { name: 'Tess', page };
	const tap = (name: string): Promise<void> =>
		page.getByRole('button', { name, exact: true }).tap();

	await page.goto(`${scene.seed.url}r/${roomKey}`);
	await page.getByRole('button', { name: 'Leave', exact: true }).waitFor();
	// Only where the browser plays nothing unasked.
	const listen = page.getByRole('button', { name: 'Listen' });
	if (await listen.isVisible()) await listen.tap();
	await hears(tess, HANNA_HZ);
	await tap('Ask to speak');
	// Her row moves there as the hand goes up.
	const hands = hanna.page.getByRole('list', { name: 'Wants to speak' });
	await hands.getByRole('button', { name: /^Invite Guest .+ to speak$/ }).click();
	await tap('Accept');
	await tap('Unmute');
	await hears(hanna, SAM_HZ);
	expect(await page.locator('body').ariaSnapshot()).toMatch(IN_ORDER);
	await tap('Leave');
	await page.getByRole('button', { name: 'Join again' }).waitFor();
});
