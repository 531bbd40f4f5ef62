/** Every screen in every state there is, by name: drawn in the pictures, and held to what holds for all of them. */
import type { NetworkReport } from '#lib/app/state/network-report.ts';
import type { EventId, PeerId, StreamId } from '#lib/p2p/wire/ids.ts';
import ClipScreen from '#lib/ui/clips/ClipScreen.svelte';
import HomeScreen from '#lib/ui/home/HomeScreen.svelte';
import PeopleScreen from '#lib/ui/people/PeopleScreen.svelte';
import RecordingsScreen from '#lib/ui/recording/RecordingsScreen.svelte';
import ReplayScreen from '#lib/ui/replay/ReplayScreen.svelte';
import BadKey from '#lib/ui/room/BadKey.svelte';
import SharedScreen from '#lib/ui/sharing/SharedScreen.svelte';
import OpenScreen from '#lib/ui/install/OpenScreen.svelte';
import RoomDoor from '#lib/ui/room/RoomDoor.svelte';
import RoomScreen from '#lib/ui/room/RoomScreen.svelte';
import { flushSync, type Component } from 'svelte';
import { HOME_SCENES, PEOPLE_SCENES } from './commons-scenes.ts';
import { fakeTold } from './fake-commons.ts';
import { fakeRecording } from './fake-shelf.ts';
import { fakeGrapevine, type FakeGrapevine } from './fake-grapevine.ts';
import { fakePeer, fakeSession, type FakeSession } from './fake-session.ts';
import { fakeInstall } from './fake-install.ts';
import HomeWithNotes from './HomeWithNotes.svelte';
import { HERE, HERE_SCENES } from './here-scenes.ts';
import { asDiagnostics, NETWORK_SCENES } from './network-scenes.ts';
import { fakeClip, fakeReplay } from './replay-scenes.ts';
import { ROOM_SCENES } from './room-scenes.ts';
import { SHARING_SCENES } from './sharing-scenes.ts';
import { fakeLink } from './fake-sharing.ts';

export interface Scene {
	readonly app: FakeGrapevine;
	readonly screen: Component<Record<string, unknown>>;
	readonly props: Record<string, unknown>;
	/** What happens once it is drawn; returns how to end that. */
	readonly begin: () => () => void;
	/** What is drawn a moment later than the rest, as a selector. */
	readonly awaited?: string;
}

const ignore = (): void => undefined;
const quiet = (): (() => void) => ignore;
const any = (screen: unknown): Scene['screen'] => screen as Scene['screen'];

/** The scenes that are of no list. */
const OTHERS: Readonly<Record<string, () => Scene>> = {
	recordings() {
		const scene = plain(any(RecordingsScreen));
		const told = [fakeTold('Yves'), fakeTold('Nora', { state: 'waiting' })];
		const recording = fakeRecording(2).id;
		scene.app.commons.setTold(told.map((one) => ({ ...one, recording })));
		return scene;
	},
	replay() {
		const scene = plain(any(ReplayScreen), { id: fakeReplay().id });
		Object.assign(scene.app.grapevine, { replay: () => Promise.resolve(fakeReplay()) });
		return scene;
	},
	/** Somebody has chosen a file. */
	clip() {
		const scene = plain(any(ClipScreen));
		Object.assign(scene.app.grapevine, { openClip: () => Promise.resolve(fakeClip()) });
		return { ...scene, begin: chooseFile };
	},
	/** We came by a link, and are in another room. */
	'other-room'() {
		const app = fakeGrapevine(fakeSession(ROOM_SCENES.listening()));
		app.enter();
		const props = { room: 'b2'.repeat(20), access: null };
		return { app, screen: any(RoomDoor), props, begin: quiet, awaited: HERE };
	},
	/** At home, with no network, or with a newer build of the app. */
	offline: () => plain(any(HomeWithNotes), { install: fakeInstall({ online: false }) }),
	'update-ready': () => plain(any(HomeWithNotes), { install: fakeInstall({ offered: true }) }),
	'opened-nothing': () =>
		plain(any(OpenScreen), { address: new URL('https://rooms.example/open'), onopen: ignore }),
	'bad-key': () => plain(any(BadKey), { problem: { ok: false, reason: 'checksum' } }),
	/** At home, somebody who has muted, hidden and blocked people. */
	settled() {
		const scene = plain(any(HomeScreen), { onenter: ignore, onshared: ignore });
		const { quiet: list } = scene.app.grapevine;
		void list.put({ peer: fakePeer('Chidi'), name: 'Chidi', how: 'muted' });
		void list.put({ peer: fakePeer('Béla'), name: 'Béla', how: 'hidden' });
		scene.app.block({ peer: fakePeer('Zoe'), name: 'Zoe' });
		return scene;
	},
	reacting() {
		const room = fakeSession(ROOM_SCENES.full());
		return roomScene(room, () => applaud(room));
	},
	/** Everybody on stage speaks, and the crowd reacts. */
	singing() {
		const room = fakeSession(ROOM_SCENES.full());
		return roomScene(room, () => sing(room));
	},
	chatting() {
		const room = fakeSession(ROOM_SCENES.moderating());
		return roomScene(room, () => chat(room));
	},
	captioned() {
		const room = fakeSession(ROOM_SCENES.listening());
		room.setView({ captions: true });
		return roomScene(room, () => speak(room));
	}
};

export const SCENES: readonly string[] = [
	...Object.keys(HOME_SCENES),
	...Object.keys(PEOPLE_SCENES),
	...Object.keys(OTHERS),
	...Object.keys(HERE_SCENES),
	...Object.keys(SHARING_SCENES),
	...Object.keys(ROOM_SCENES)
];

/** Makes of what others have filled in something else of the same kind. */
export type Change = <T>(value: T) => T;

export function sceneOf(name: string, change: Change = (value) => value): Scene {
	const other = OTHERS[name];
	if (other !== undefined) return other();
	if (isIn(HOME_SCENES, name)) {
		return commonsScene(any(HomeScreen), { onenter: ignore, onshared: ignore }, (commons) => {
			HOME_SCENES[name](changed(commons, change));
		});
	}
	if (isIn(PEOPLE_SCENES, name)) {
		return commonsScene(any(PeopleScreen), { card: '' }, (commons) => {
			PEOPLE_SCENES[name](changed(commons, change));
		});
	}
	if (isIn(ROOM_SCENES, name)) return roomScene(fakeSession(change(ROOM_SCENES[name]())));
	if (isIn(HERE_SCENES, name)) return hereScene(fakeSession(change(HERE_SCENES[name]())));
	if (isIn(SHARING_SCENES, name)) {
		const { link, fill } = SHARING_SCENES[name];
		const scene = link
			? plain(any(SharedScreen), { link: fakeLink(1) })
			: plain(any(RecordingsScreen));
		fill(scene.app.sharing);
		Object.assign(scene.app.grapevine, { openClip: () => Promise.resolve(fakeClip()) });
		return scene;
	}
	if (isIn(NETWORK_SCENES, name)) {
		const { state, network } = NETWORK_SCENES[name]();
		const room = fakeSession(change(state), network && asDiagnostics(network));
		return roomScene(room, network === null ? quiet : () => goOn(network, room));
	}
	throw new Error(`There is no scene called ${name}.`);
}

function isIn<T extends object>(scenes: T, name: string): name is string & keyof T {
	return name in scenes;
}

/** What is filled in passes by `change`. */
function changed(commons: FakeGrapevine['commons'], change: Change): FakeGrapevine['commons'] {
	return {
		...commons,
		setLobby: (view) => commons.setLobby(change(view)),
		setPeople: (list) => commons.setPeople(change(list)),
		setAnnounced: (list) => commons.setAnnounced(change(list)),
		setLetters: (letters) => commons.setLetters(change(letters)),
		alert: (alert) => commons.alert(change(alert))
	};
}

function plain(screen: Scene['screen'], props: Scene['props'] = {}): Scene {
	return { app: fakeGrapevine(), screen, props, begin: quiet };
}

function commonsScene(
	screen: Scene['screen'],
	props: Scene['props'],
	fill: (commons: FakeGrapevine['commons']) => void
): Scene {
	const app = fakeGrapevine();
	const begin = (): (() => void) => {
		fill(app.commons);
		return ignore;
	};
	return { app, screen, props, begin };
}

function roomScene(room: FakeSession, begin: Scene['begin'] = quiet): Scene {
	const props = { session: room.session, onrejoin: ignore };
	return { app: fakeGrapevine(room), screen: any(RoomScreen), props, begin };
}

/** The room goes on while the page of recordings is looked at. */
function hereScene(room: FakeSession): Scene {
	const app = fakeGrapevine(room);
	app.enter();
	return { app, screen: any(RecordingsScreen), props: {}, begin: quiet, awaited: HERE };
}

function chooseFile(): () => void {
	const input = document.querySelector<HTMLInputElement>('input[type=file]');
	const chosen = new DataTransfer();
	chosen.items.add(new File(['clip'], 'garden.grapeclip'));
	if (input !== null) input.files = chosen.files;
	input?.dispatchEvent(new Event('change', { bubbles: true }));
	return ignore;
}

function every(ms: number, act: () => void): () => void {
	const timer = setInterval(act, ms);
	return () => {
		clearInterval(timer);
	};
}

/** Two on stage react, and the crowd with them. */
function applaud(room: FakeSession): () => void {
	const by = (name: string): { peer: PeerId; name: string } => ({ peer: fakePeer(name), name });
	return every(600, () => {
		room.tellReactions(
			{ by: by('Ana'), code: 1, count: 1 },
			{ by: by('Emre'), code: 5, count: 1 },
			{ by: null, code: 0, count: 17 },
			{ by: null, code: 2, count: 3 }
		);
	});
}

/** As often as an engine tells levels, each its own way up and down. */
function sing(room: FakeSession): () => void {
	const { stage } = room.state().view;
	room.setView({ stage: stage.map((seat) => ({ ...seat, muted: false, reachable: true })) });
	const stopReacting = applaud(room);
	let step = 0;
	const stopSinging = every(100, () => {
		step++;
		const levels = stage.map(({ peer }, i) => [peer, 0.5 + 0.5 * Math.sin(step / 3 + i)] as const);
		room.set({ levels: new Map(levels) });
	});
	return () => {
		stopReacting();
		stopSinging();
	};
}

/** Three have written something, a link among it; the chat is opened as people open it. */
function chat(room: FakeSession): () => void {
	const write = (at: number, name: string, text: string): void =>
		room.tellChat({
			id: at.toString(16).padStart(32, '0') as EventId,
			by: { peer: fakePeer(name), name },
			text,
			seenAtMs: Date.UTC(2026, 10, 2, 18, 4, at)
		});
	write(1, 'Ana', 'Which page are we on?');
	write(2, 'Chidi', 'Page 14: https://songs.example/evening?page=14');
	write(3, 'Me', 'Thank you!');
	flushSync();
	document.querySelector('.control .news')?.closest('button')?.click();
	return ignore;
}

/** Two have said something, and a third is in the middle of it. */
function speak(room: FakeSession): () => void {
	const say = (name: string, start: number, text: string, final = true): void =>
		room.tellCaptions({
			by: { peer: fakePeer(name), name },
			stream: '0123456789abcdef' as StreamId,
			...{ start, ticks: 100, final, language: 'en', text },
			saidAtMs: Date.UTC(2026, 10, 2, 18, 4) + 20 * start
		});
	say('Ana', 100, 'Good evening, all of you, and welcome to the garden.');
	say(
		'Dorothea',
		400,
		'We have counted forty kinds of moths since the spring, and the lamp is new.'
	);
	say('Chidi', 900, 'and where do they', false);
	return ignore;
}

/** Somebody talks: figures that are rates need a second report. */
function goOn(first: NetworkReport, room: FakeSession): () => void {
	let { bytes, engine, speakers } = first;
	return every(1_100, () => {
		bytes = { ...bytes, down: bytes.down + 5_950 };
		engine = { ...engine, sentBytes: engine.sentBytes + 17_900 };
		speakers = speakers.map((speaker, i) => ({
			...speaker,
			from: Object.fromEntries(Object.entries(speaker.from).map(([by, n]) => [by, n + 49])),
			played: speaker.played + (speaker.muted ? 0 : 49),
			concealed: speaker.concealed + (i === 0 ? 1 : 0)
		}));
		room.tellNetwork(asDiagnostics({ ...first, bytes, engine, speakers }));
	});
}
