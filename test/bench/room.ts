/** Our own side of the bench: the built app, served by a real seed, driven by the names its screens keep. */
import type { BenchBrowser, BenchPage } from './browsers.ts';
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
} from '../e2e/drive.ts';

export interface Guest extends BenchPage {
	readonly person: Person;
}

export interface Room {
	readonly key: string;
	readonly host: Guest;
	/** Where a link into the room leads. */
	readonly link: string;
	close(): Promise<void>;
}

/** A room whose host is muted yet; `fanout` is how many children the host carries. */
export async function openRoom(
	seedUrl: string,
	browser: BenchBrowser,
	fanout: number
): Promise<Room> {
	const opened = await browser.page();
	const person = await enterApp(opened.page, `${seedUrl}?fanout=${fanout}`, 'Hanna');
	const key = await startRoom(person, 'Bench');
	return {
		key,
		host: { ...opened, person },
		link: `${seedUrl}r/${key}`,
		close: () => opened.close()
	};
}

/** From now on there is something to hear. */
export function speakUp(room: Room): Promise<void> {
	return unmute(room.host.person);
}

/** Until `speakUp`. */
export function fallSilent({ host }: Room): Promise<void> {
	return host.page.getByRole('button', { name: 'Mute', exact: true }).click();
}

/** Comes by the link and waits until sound would reach it. */
export async function comeListen(
	room: Room,
	browser: BenchBrowser,
	fanout: number
): Promise<Guest> {
	const opened = await browser.page();
	await opened.page.goto(`${room.link}?fanout=${fanout}`);
	const person = { name: 'Listener', page: opened.page };
	await listen(person);
	await eventually(
		'the listener is attached',
		() => diagnosticsOf(person),
		({ parent }) => parent != null
	);
	return { ...opened, person };
}

/** Comes, is invited to the stage, and waits until the host is heard there. */
export async function comeOnStage(
	seedUrl: string,
	room: Room,
	browser: BenchBrowser
): Promise<Guest> {
	const opened = await browser.page();
	const person = await enterApp(opened.page, seedUrl, 'Sam');
	await joinRoom(person, room.key);
	await bringOnStage(room.host.person, person);
	await untilHeard(person);
	return { ...opened, person };
}

function untilHeard(person: Person): Promise<unknown> {
	return eventually(
		`${person.name} hears the host`,
		() => diagnosticsOf(person),
		({ speakers }) => (speakers?.[0]?.played ?? 0) > 0
	);
}
