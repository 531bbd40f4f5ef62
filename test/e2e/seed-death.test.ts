/** The seed is killed in the middle of a room, and the room goes on: sound, hands, invitations, the stage. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	bringOnStage,
	diagnosticsOf,
	eventually,
	joinRoom,
	listen,
	playedBy,
	startRoom,
	unmute,
	type Person
} from './drive.ts';
import { HEARD_DBFS } from './ear.ts';
import { joinHeadless, type Headless } from './headless.ts';
import { hears, openScene, type Scene } from './scene.ts';
import { goertzelDb } from '../lib/sound.ts';

const HOST_HZ = 523;
const LISTENER_HZ = 811;
const SETUP_MS = 120_000;

let scene: Scene;
let host: Person;
let lena: Person;
let node: Headless;

/** All three are each other's neighbours, and the seed is gone. */
beforeAll(async () => {
	// With the seed goes the place the app came from, and these pages keep nothing: what they need on stage they have.
	scene = await openScene();
	host = await scene.speaker('Hanna', HOST_HZ);
	const key = await startRoom(host, 'Without a seed');
	await unmute(host);
	lena = await scene.speaker('Lena', LISTENER_HZ);
	await joinRoom(lena, key);
	await listen(lena);
	node = await joinHeadless(scene.seed.url, key, 'Nora', 4);
	await hears(lena, HOST_HZ);
	await eventually(
		'Nora is in the room',
		() => Promise.resolve(node.view()?.phase),
		(phase) => phase === 'joined'
	);
	for (const person of [host, lena]) await hasBothNeighbours(person);
	await scene.seed.kill();
}, SETUP_MS);

afterAll(async () => {
	await node.peer.stop();
	await scene.close();
});

const hasBothNeighbours = (who: Person): Promise<unknown> =>
	eventually(
		`${who.name} has two neighbours`,
		() => diagnosticsOf(who),
		({ neighbours }) => neighbours.length === 2
	);

describe('a room whose seed was killed', () => {
	it('goes on with its sound', async () => {
		const before = playedBy(await diagnosticsOf(lena));
		await eventually(
			'another second of sound',
			() => diagnosticsOf(lena),
			(now) => playedBy(now) > before + 50
		);
		await hears(lena, HOST_HZ);
	});

	it('shows a raised hand to the host', async () => {
		await lena.page.getByRole('button', { name: 'Ask to speak' }).click();
		await host.page.getByRole('button', { name: 'Invite Lena to speak', exact: true }).waitFor();
		await eventually(
			"Nora sees Lena's hand",
			() => Promise.resolve(node.view()?.listeners.find(({ name }) => name === 'Lena')),
			(listener) => listener?.handUp === true
		);
	});

	it('brings a listener on stage, whose voice all hear', async () => {
		await bringOnStage(host, lena);
		await unmute(lena);
		await hears(host, LISTENER_HZ);
		await hears(lena, HOST_HZ);
		await eventually(
			'Nora hears Lena',
			async () => ({
				level: goertzelDb(await node.lastSound(), LISTENER_HZ),
				// What it knows is worth more than the level alone where this fails.
				nora: node.peer.engine.diagnostics()
			}),
			({ level }) => level > HEARD_DBFS
		);
		expect((await diagnosticsOf(host)).mesh).toEqual([(await diagnosticsOf(lena)).me]);
	});

	it('brings a Node peer on stage, linked with both speakers', async () => {
		const name = 'Invite Nora to speak';
		await host.page.getByRole('button', { name, exact: true }).click();
		const view = await eventually(
			'Nora is invited',
			() => Promise.resolve(node.view()),
			(now) => now?.me.invitation != null
		);
		const invitation = view?.me.invitation;
		if (invitation) node.peer.wish({ type: 'accept', invitation: invitation.id });
		for (const person of [host, lena]) {
			await eventually(
				`${person.name} is linked with two speakers`,
				() => diagnosticsOf(person),
				({ mesh }) => mesh?.length === 2
			);
		}
	});
});
