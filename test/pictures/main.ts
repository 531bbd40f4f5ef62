/** Draws one scene, named in the address: `?scene=listening&locale=fr`. */
import type { NetworkReport } from '#lib/app/state/network-report.ts';
import { mount, type Component } from 'svelte';
import BadKey from '#lib/ui/room/BadKey.svelte';
import HomeScreen from '#lib/ui/home/HomeScreen.svelte';
import PeopleScreen from '#lib/ui/people/PeopleScreen.svelte';
import RecordingsScreen from '#lib/ui/recording/RecordingsScreen.svelte';
import RoomScreen from '#lib/ui/room/RoomScreen.svelte';
import {
	HOME_SCENES,
	PEOPLE_SCENES,
	type HomeScene,
	type PeopleScene
} from '../lib/commons-scenes.ts';
import { fakeGrapevine } from '../lib/fake-grapevine.ts';
import type { PeerId, StreamId } from '#lib/p2p/wire/ids.ts';
import { fakePeer, fakeSession, type FakeSession } from '../lib/fake-session.ts';
import { asDiagnostics, NETWORK_SCENES, type NetworkSceneName } from '../lib/network-scenes.ts';
import { ROOM_SCENES, type RoomScene } from '../lib/room-scenes.ts';
import WithApp from '../lib/WithApp.svelte';

const query = new URLSearchParams(location.search);
const scene = query.get('scene') ?? 'home';
const locale = query.get('locale') === 'fr' ? 'fr' : 'en';
const { grapevine, commons } = fakeGrapevine();

if (isHomeScene(scene)) {
	draw(HomeScreen, { onenter: ignore });
	HOME_SCENES[scene](commons);
} else if (isPeopleScene(scene)) {
	draw(PeopleScreen, { card: '' });
	PEOPLE_SCENES[scene](commons);
} else if (scene === 'recordings') draw(RecordingsScreen, {});
else if (scene === 'bad-key') draw(BadKey, { problem: { ok: false, reason: 'checksum' } });
else if (scene === 'reacting') {
	const room = fakeSession(ROOM_SCENES.full());
	applaud(room);
	draw(RoomScreen, { session: room.session, onrejoin: ignore });
} else if (scene === 'captioned') {
	const room = fakeSession(ROOM_SCENES.listening());
	room.setView({ captions: true });
	draw(RoomScreen, { session: room.session, onrejoin: ignore });
	speak(room);
} else if (isRoomScene(scene)) {
	draw(RoomScreen, { session: fakeSession(ROOM_SCENES[scene]()).session, onrejoin: ignore });
} else if (isNetworkScene(scene)) {
	const { state, network } = NETWORK_SCENES[scene]();
	const room = fakeSession(state, network && asDiagnostics(network));
	if (network !== null) goOn(network, room);
	draw(RoomScreen, { session: room.session, onrejoin: ignore });
} else throw new Error(`There is no scene called ${scene}.`);

function draw<Props extends Record<string, unknown>>(screen: Component<Props>, props: Props): void {
	const whole = WithApp as unknown as Component<Record<string, unknown>>;
	mount(whole, { target: document.body, props: { grapevine, screen, props, locale } });
}

function isRoomScene(name: string): name is RoomScene {
	return name in ROOM_SCENES;
}

/** Two on stage react, and the crowd with them. */
function applaud(room: FakeSession): void {
	const by = (name: string): { peer: PeerId; name: string } => ({ peer: fakePeer(name), name });
	setInterval(() => {
		room.tellReactions(
			{ by: by('Ana'), code: 1, count: 1 },
			{ by: by('Emre'), code: 5, count: 1 },
			{ by: null, code: 0, count: 17 },
			{ by: null, code: 2, count: 3 }
		);
	}, 600);
}

/** Two have said something, and a third is in the middle of it. */
function speak(room: FakeSession): void {
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
}

function isHomeScene(name: string): name is HomeScene {
	return name in HOME_SCENES;
}

function isPeopleScene(name: string): name is PeopleScene {
	return name in PEOPLE_SCENES;
}

/** Somebody talks: figures that are rates need a second report. */
function goOn(first: NetworkReport, room: FakeSession): void {
	let { bytes, speakers } = first;
	setInterval(() => {
		bytes = { ...bytes, up: bytes.up + 17_900, down: bytes.down + 5_950 };
		speakers = speakers.map((speaker, i) => ({
			...speaker,
			played: speaker.played + (speaker.muted ? 0 : 49),
			concealed: speaker.concealed + (i === 0 ? 1 : 0)
		}));
		room.tellNetwork(asDiagnostics({ ...first, bytes, speakers }));
	}, 1_100);
}

function isNetworkScene(name: string): name is NetworkSceneName {
	return name in NETWORK_SCENES;
}

function ignore(): void {
	// Pictures go nowhere.
}
