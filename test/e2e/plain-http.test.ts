/** A seed without a certificate, opened from another computer: the app cannot start there, and says why. */
import { chromium } from 'playwright';
import { expect, it, onTestFinished } from 'vitest';
import { CHROMIUM_FLAGS, PROGRAM } from './browsers.ts';
import { startSeedForFile } from './seed.ts';

/** To a browser a name is another computer, wherever it leads. */
const NAME = 'seed.example';

it('the app says that it needs https where browsers lend it nothing', async () => {
	const seed = await startSeedForFile();
	onTestFinished(() => seed.end());
	const resolves = `--host-resolver-rules=MAP ${NAME} 127.0.0.1`;
	const browser = await chromium.launch({
		executablePath: PROGRAM,
		args: [...CHROMIUM_FLAGS, resolves]
	});
	onTestFinished(() => browser.close());
	const page = await browser.newPage();
	const { port } = new URL(seed.url);
	await page.goto(`http://${NAME}:${port}/`);
	await page.getByText('Grapevine could not start').waitFor();
	expect(await page.getByText(/only to https, or to localhost/).count()).toBe(1);
	expect(await page.getByText(/Private windows/).count()).toBe(0);
});
