/** Nobody hears a relay die: a page and a Node peer in the middle of the tree are killed while a melody plays. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, type BenchBrowser } from '../bench/browsers.ts';
import {
	comeAsPage,
	comeAsProcess,
	gapOf,
	HOST_FANOUT,
	killScene,
	MELODY_ROUNDS,
	type Middle
} from '../bench/kill-scene.ts';
import { openRoom, speakUp, type Room } from '../bench/room.ts';
import { melody } from './melody.ts';
import { startSeedForFile, type SharedSeed } from './seed.ts';

/** "p95 at most 120 ms"; a machine that runs all tests at once may take a frame or two more. */
const GAP_MAX_MS = 160;
/** A silence that anybody notices, wherever it comes from. */
const SILENCE_MAX_MS = 80;
/** The sound goes on meanwhile, from a backup; how long it takes is for the bench to tell. */
const PARENT_MAX_MS = 5_000;
/** A machine that is busy elsewhere has its stumbles, but what is more than this was never heard well. */
const STUMBLE_MAX_MS = 500;

let seed: SharedSeed;
let speaking: BenchBrowser;
let listening: BenchBrowser;
let room: Room;

beforeAll(async () => {
	seed = await startSeedForFile();
	[speaking, listening] = await Promise.all([
		openBrowser(melody(MELODY_ROUNDS), 'crowded'),
		openBrowser(null, 'crowded')
	]);
	room = await openRoom(seed.url, speaking, HOST_FANOUT);
	await speakUp(room);
});

afterAll(async () => {
	await Promise.all([speaking.close(), listening.close()]);
	await seed.end();
});

// A machine that stumbles in the very second of a death says nothing about deaths: one more is looked at.
describe('who hangs below somebody that is killed', { retry: 1 }, () => {
	it.each([
		['a page', () => comeAsPage(room, listening)],
		['a Node peer', () => comeAsProcess(seed.url, room)]
	] as const)('hears on where it was %s', async (_, come: () => Promise<Middle>) => {
		const scene = killScene(seed.url, room, listening, come);
		await scene.fill();
		const death = await scene.die();
		await scene.close();
		const story = JSON.stringify(death);
		expect(death.stretchBeforeMs, story).toBeLessThan(STUMBLE_MAX_MS);
		expect(gapOf(death), story).toBeLessThan(GAP_MAX_MS);
		expect(death.silenceAroundMs, story).toBeLessThan(SILENCE_MAX_MS);
		for (const orphan of death.nodes) {
			expect(orphan.parentMs, story).toBeLessThan(PARENT_MAX_MS);
		}
	});
});
