/** The relay helper as a person runs it: a program beside the room that carries a listener. */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnosticsOf, eventually, listen, startRoom, unmute, type Person } from './drive.ts';
import { hears, openScene, type Scene } from './scene.ts';
import { endRelays, runRelay } from '../seed/relay-process.ts';

const HOST_HZ = 523;

let scene: Scene;
let host: Person;
let key: string;

beforeAll(async () => {
	scene = await openScene();
	host = await scene.speaker('Hanna', HOST_HZ, 1);
	key = await startRoom(host, 'Lent');
	await unmute(host);
});

afterAll(async () => {
	endRelays();
	await scene.close();
});

describe('the relay helper', () => {
	it('joins by link, carries a listener, hands it over and ends at Ctrl-C', async () => {
		const { child, said } = runRelay(new URL(`/r/${key}`, scene.seed.url).href, '--fanout', '2');
		await said(/Lent: joined/);
		const page = await scene.browsers.page(await scene.browsers.silent());
		const zoe = { name: 'Zoe', page };
		await page.goto(new URL(`/r/${key}?fanout=1`, scene.seed.url).href);
		await listen(zoe);
		await hears(zoe, HOST_HZ);
		const before = await diagnosticsOf(zoe);
		expect(before.depth).toBe(2);
		child.kill('SIGINT');
		const [code] = (await once(child, 'exit')) as [number | null];
		expect(code).toBe(0);
		await eventually(
			'Zoe hangs below the host',
			() => diagnosticsOf(zoe),
			({ parent }) => parent != null && parent !== before.parent
		);
		await hears(zoe, HOST_HZ);
	});

	it('says in one line what is wrong with its words', async () => {
		for (const [words, line] of [
			[[], /Give one room key or link/],
			[['G123'], /no room key/],
			[[key, '--fanout', '0'], /out of range/],
			[[key, '--seed', 'http://127.0.0.1:9'], /No seed answers/],
			[[key, '--colour', 'red'], /colour/]
		] as const) {
			const { child, said } = runRelay(...words);
			const exited = once(child, 'exit') as Promise<[number | null]>;
			await said(line);
			const [code] = await exited;
			expect(code, words.join(' ')).toBe(String(line).includes('No seed') ? 1 : 2);
		}
	});
});
