/**
 * From one network to another in the middle of a sentence, and half a minute without any: a speaker's page and a listener's
 * have one network namespace, a Node listener another, whose address is taken away and replaced. Where this system allows
 * no namespaces, nothing is tried.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bursts, openBrowsers, type Browsers } from './browsers.ts';
import type { Diagnostics } from '#lib/app/window-grapevine.ts';
import {
	bringOnStage,
	diagnosticsOf,
	enterApp,
	eventually,
	joinRoom,
	listen,
	startRoom,
	unmute,
	type Person
} from './drive.ts';
import { HEARD_DBFS, SILENT_DBFS, tonesAt } from './ear.ts';
import { openNamespaces, type Namespaces } from './namespaces.ts';
import type { MovingFacts } from './moving-process.ts';
import { startSeedForFile, type SharedSeed } from './seed.ts';

const PROGRAM = fileURLToPath(new URL('moving-process.ts', import.meta.url));
const HOST_HZ = 523;
const SAM_HZ = 811;
const SETUP_MS = 120_000;
/** Between two networks there is a moment with none. */
const WITHOUT_MS = 1_000;
/** Through a tunnel. All links are dead by then, and the seat is kept a little longer. */
const TUNNEL_MS = 30_000;
/** Seats are freed later than this, and people give up later. */
const BACK_MAX_MS = 30_000;
const BROKEN = 'The connection broke. Finding another way in…';
const MENDED = 'You are connected again.';

const [SAM, NORA] = [0, 1];
let reason = '';
const spaces = openNamespaces(2, (why) => (reason = why));
if (spaces === null) console.warn(`No network changes are tried: ${reason}`);

describe.skipIf(spaces === null)('who changes the network', () => {
	let seed: SharedSeed;
	let here: Browsers;
	let there: Browsers;
	let host: Person;
	let sam: Person;
	let ada: Person;
	let nora: ChildProcess;
	const started: ChildProcess[] = [];

	beforeAll(async () => {
		const space = spaces as Namespaces;
		seed = await startSeedForFile('--host', space.seedAddress);
		const trusted = new URL(seed.url).origin;
		here = openBrowsers({ command: [], trusted });
		there = openBrowsers({ command: space.command(SAM), trusted });
		host = await speaker(here, 'Hanna', HOST_HZ);
		const key = await startRoom(host, 'On the move');
		sam = await speaker(there, 'Sam', SAM_HZ);
		await joinRoom(sam, key);
		await bringOnStage(host, sam);
		ada = await enterApp(await there.page(await there.silent()), seed.url, 'Ada');
		await joinRoom(ada, key);
		await listen(ada);
		await unmute(host);
		await unmute(sam);
		const [file = '', ...words] = space.command(NORA, process.execPath, PROGRAM, seed.url, key);
		nora = spawn(file, words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
		started.push(nora);
		await hears(host, SAM_HZ);
		await hears(sam, HOST_HZ);
		await noraHears();
	}, SETUP_MS);

	afterAll(async () => {
		try {
			for (const one of started) one.kill('SIGKILL');
			await Promise.all([here.close(), there.close()]);
			await seed.end();
		} finally {
			// Left behind it would be in the way of the next one.
			spaces?.close();
		}
	});

	async function speaker(browsers: Browsers, name: string, hz: number): Promise<Person> {
		return enterApp(await browsers.page(await browsers.withMicrophone(bursts(hz))), seed.url, name);
	}

	const hears = (who: Person, hz: number): Promise<unknown> =>
		eventually(
			`${who.name} hears ${hz} Hz`,
			() => tonesAt(who.page, [hz]),
			([level]) => (level ?? -Infinity) > HEARD_DBFS,
			BACK_MAX_MS
		);
	const hearsNot = (who: Person, hz: number): Promise<unknown> =>
		eventually(
			`${who.name} hears ${hz} Hz no more`,
			() => tonesAt(who.page, [hz]),
			([level]) => (level ?? 0) < SILENT_DBFS
		);

	async function factsOfNora(): Promise<MovingFacts> {
		const answer = once(nora, 'message');
		nora.send('facts');
		const [facts] = (await answer) as [MovingFacts];
		return facts;
	}

	/** So many speakers, from now on. */
	async function noraHears(speakers = 2): Promise<void> {
		const before = await factsOfNora();
		await eventually(
			`Nora hears ${speakers} speakers`,
			factsOfNora,
			({ frames }) =>
				frames.filter((count, i) => count > (before.frames[i] ?? 0)).length === speakers,
			BACK_MAX_MS
		);
	}

	/** Where it is seen, not only read out. */
	const isTold = ({ page }: Person, words: string): Promise<void> =>
		page
			.locator('.note')
			.filter({ hasText: words })
			.waitFor({ timeout: TUNNEL_MS + BACK_MAX_MS });

	async function samIsOnStageAs(before: Diagnostics): Promise<void> {
		const after = await diagnosticsOf(host);
		expect(after.speakers?.map(({ stream, muted }) => ({ stream, muted }))).toEqual(
			before.speakers?.map(({ stream, muted }) => ({ stream, muted }))
		);
		expect((await diagnosticsOf(sam)).role).toBe('speaker');
		await sam.page.getByRole('button', { name: 'Mute', exact: true }).waitFor();
	}

	it('as a speaker keeps the seat and the open microphone, hears and is heard again', async () => {
		const before = await diagnosticsOf(host);
		await (spaces as Namespaces).move(SAM, WITHOUT_MS);
		await hearsNot(sam, HOST_HZ);
		await hears(sam, HOST_HZ);
		await hears(host, SAM_HZ);
		await samIsOnStageAs(before);
		await noraHears();
	});

	it('for a network half a minute away hears and is heard again, on stage as below, and is told so', async () => {
		const before = await diagnosticsOf(host);
		await Promise.all([
			(spaces as Namespaces).move(SAM, TUNNEL_MS),
			...[sam, ada].map(async (who) => {
				await hearsNot(who, HOST_HZ);
				await isTold(who, BROKEN);
				await isTold(who, MENDED);
				await hears(who, HOST_HZ);
			}),
			// Meanwhile she has only the host to hear.
			noraMoves()
		]);
		await hears(ada, SAM_HZ);
		await hears(host, SAM_HZ);
		await samIsOnStageAs(before);
		await noraHears();
	});

	/** A listener that changes the network as well hears whoever is there again. */
	async function noraMoves(): Promise<void> {
		await hearsNot(host, SAM_HZ);
		await (spaces as Namespaces).move(NORA, WITHOUT_MS);
		await noraHears(1);
		const { phase } = await factsOfNora();
		expect(phase).toBe('joined');
	}
});
