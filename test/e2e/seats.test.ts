/** Peers of both kinds in one room: eleven seats filled by a browser and ten Node peers, the twelfth refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnosticsOf, eventually, startRoom, unmute, type Person } from './drive.ts';
import { HEARD_DBFS } from './ear.ts';
import { joinHeadless, type Headless } from './headless.ts';
import { hears, openScene, type Scene } from './scene.ts';
import { goertzelDb } from '../lib/sound.ts';

const HOST_HZ = 523;
const SETUP_MS = 120_000;
const TEST_MS = 180_000;
/** The rest is what came late over the relay and was repaired by a backup, which is the host. */
const RELAYED_SHARE_MIN = 0.8;

let scene: Scene;
let host: Person;
let key: string;
const guests: Headless[] = [];

beforeAll(async () => {
	scene = await openScene();
	// The host carries one child: whoever comes second hangs below whoever came first.
	host = await scene.speaker('Hanna', HOST_HZ, 1);
	key = await startRoom(host, 'Eleven');
	await unmute(host);
}, SETUP_MS);

afterAll(async () => {
	await Promise.all(guests.map((guest) => guest.peer.stop()));
	await scene.close();
});

async function comeIn(name: string, fanout: number): Promise<Headless> {
	const guest = await joinHeadless(scene.seed.url, key, name, fanout);
	guests.push(guest);
	await eventually(
		`${name} has joined`,
		() => Promise.resolve(guest.view()?.phase),
		(phase) => phase === 'joined'
	);
	return guest;
}

describe('Node peers beside browsers', () => {
	it(
		'hear the sound, pass it on to a browser, fill the stage, and see the twelfth refused',
		async () => {
			const relay = await comeIn('Relay', 4);
			await eventually(
				'the Node peer hears the host',
				async () => goertzelDb(await relay.lastSound(), HOST_HZ),
				(level) => level > HEARD_DBFS
			);

			const twelfth = await scene.listener('Zoe', key, 1);
			await hears(twelfth, HOST_HZ);
			const heard = await diagnosticsOf(twelfth);
			expect(heard.parent).toBe(relay.peer.peer);
			const [speaker, ...others] = heard.speakers ?? [];
			expect(others).toEqual([]);
			const byRelay = speaker?.from[relay.peer.peer] ?? 0;
			expect(byRelay).toBeGreaterThan(RELAYED_SHARE_MIN * (speaker?.received ?? Infinity));

			for (let i = 2; i <= 10; i++) await comeIn(`Guest ${i}`, 4);
			for (const name of [...guests.map((guest) => guest.name), twelfth.name]) {
				await host.page
					.getByRole('button', { name: `Invite ${name} to speak`, exact: true })
					.click();
			}
			await Promise.all(guests.map(takeSeat));
			await everybodySees(11);

			await twelfth.page.getByRole('button', { name: 'Accept' }).click();
			await twelfth.page.getByText('The stage is full').first().waitFor();
			await everybodySees(11);
			expect(await stageSize(twelfth)).toBe(11);
			expect((await diagnosticsOf(twelfth)).role).toBe('listener');
		},
		TEST_MS
	);
});

async function takeSeat(guest: Headless): Promise<void> {
	const view = await eventually(
		`${guest.name} is invited`,
		() => Promise.resolve(guest.view()),
		(now) => now?.me.invitation != null
	);
	const invitation = view?.me.invitation;
	if (invitation) guest.peer.wish({ type: 'accept', invitation: invitation.id });
}

async function everybodySees(seats: number): Promise<void> {
	for (const guest of guests) {
		await eventually(
			`${guest.name} sees ${seats} on stage`,
			() => Promise.resolve(guest.view()?.stage.length),
			(size) => size === seats
		);
	}
	await eventually(
		`the host sees ${seats} on stage`,
		() => stageSize(host),
		(size) => size === seats
	);
}

const stageSize = ({ page }: Person): Promise<number> =>
	page
		.getByRole('region', { name: /On stage/ })
		.getByRole('listitem')
		.count();
