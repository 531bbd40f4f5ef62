/** The app as something installed: opens with no network at all, and changes its build politely. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowsers, type Browsers } from './browsers.ts';
import { enterApp, startRoom, type Person } from './drive.ts';
import { startSeedForFile, type SharedSeed } from './seed.ts';

const BUILT = fileURLToPath(new URL('../../build/', import.meta.url));

let seed: SharedSeed;
let front: Server;
let browsers: Browsers;
let hanna: Person;
/** What this build calls itself, and what the next one does. */
const version = /"version":"([^"]+)"/.exec(readFileSync(`${BUILT}_app/version.json`, 'utf8'))?.[1];
let renamed = '';
/** Paths that the app asked its place for. */
const asked: string[] = [];

beforeAll(async () => {
	seed = await startSeedForFile();
	front = await startFront();
	browsers = openBrowsers('keeping');
	const page = await browsers.page(await browsers.silent());
	const { port } = front.address() as AddressInfo;
	hanna = await enterApp(page, `http://127.0.0.1:${port}/`, 'Hanna');
	await page.evaluate(async () => {
		await navigator.serviceWorker.ready;
	});
});

afterAll(async () => {
	await browsers.close();
	front.closeAllConnections();
	front.close();
	await seed.end();
});

/** Before the seed: gives out its app, and from when it is asked to, another build of it. */
async function startFront(): Promise<Server> {
	const server = createServer((request, response) => {
		const path = request.url ?? '/';
		asked.push(path);
		void fetch(new URL(path, seed.url), { headers: { 'accept-encoding': 'identity' } }).then(
			async (answer) => {
				let body = Buffer.from(await answer.arrayBuffer());
				const type = answer.headers.get('content-type') ?? '';
				if (renamed !== '' && (type.includes('html') || path.includes('service-worker')))
					body = Buffer.from(body.toString().replaceAll(String(version), renamed));
				response.writeHead(answer.status, {
					'content-type': type,
					'content-security-policy': answer.headers.get('content-security-policy') ?? ''
				});
				response.end(body);
			},
			() => response.destroy()
		);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return server;
}

const offer = ({ page }: Person) => page.getByText('A new version is ready');

describe('the installed app', () => {
	it('offers a new build, not in a room, again after it, and is of that build when asked to', async () => {
		const { page } = hanna;
		await page.reload();
		await startRoom(hanna, 'Between two builds');
		renamed = 'another-build';
		await page.evaluate(async () => {
			const registration = await navigator.serviceWorker.ready;
			await registration.update();
			const { installing } = registration;
			if (installing === null) return;
			await new Promise((resolve) => installing.addEventListener('statechange', resolve));
		});
		await page.getByRole('link', { name: 'People' }).click();
		await page.getByRole('heading', { name: 'People', level: 1 }).waitFor();
		expect(await offer(hanna).isVisible()).toBe(false);
		await page.getByRole('button', { name: 'Leave' }).click();
		await offer(hanna).waitFor();
		await page.getByRole('button', { name: 'Reload' }).click();
		await page.locator('meta[name="version"][content="another-build"]').waitFor({
			state: 'attached'
		});
		await page.getByRole('heading', { name: 'People', level: 1 }).waitFor();
		const waiting = await page.evaluate(async () => {
			const registration = await navigator.serviceWorker.ready;
			return registration.waiting !== null;
		});
		expect(waiting).toBe(false);
		expect(await offer(hanna).isVisible()).toBe(false);
	});

	it('opens what another app shares, and asks no network for it', async () => {
		const { page } = hanna;
		const shared = new URLSearchParams({ text: 'Come: https://rooms.example/about' });
		await page.goto(new URL(`/open?${shared.toString()}`, page.url()).href);
		await page.getByText('This leads to nothing in Grapevine').waitFor();
		// It may hold the secret of a locked room.
		expect(asked.filter((path) => path.startsWith('/open'))).toEqual([]);
		expect(asked).toContain('/seed.json');
	});

	it('opens at home, recordings and people with no network, and says so', async () => {
		const { page } = hanna;
		front.closeAllConnections();
		front.close();
		await page.context().setOffline(true);
		for (const [path, name] of [
			['recordings', 'Recordings'],
			['people', 'People'],
			['', /Say it out loud/]
		] as const) {
			await page.goto(new URL(`/${path}`, page.url()).href);
			await page.getByRole('heading', { name, level: 1 }).waitFor();
			await page.getByText('You are offline').waitFor();
		}
	});
});
