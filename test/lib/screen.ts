/** Draws a screen in the test's browser, inside the frame of the app, over a fake of everything below. */
import type { Component } from 'svelte';
import { expect, onTestFinished, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import ClipScreen from '#lib/ui/clips/ClipScreen.svelte';
import HomeScreen from '#lib/ui/home/HomeScreen.svelte';
import PeopleScreen from '#lib/ui/people/PeopleScreen.svelte';
import RecordingsScreen from '#lib/ui/recording/RecordingsScreen.svelte';
import ReplayScreen from '#lib/ui/replay/ReplayScreen.svelte';
import type { ShareLink } from '#lib/p2p/archive/share-link.ts';
import SharedScreen from '#lib/ui/sharing/SharedScreen.svelte';
import type { RecordingId } from '#lib/p2p/wire/ids.ts';
import RoomDoor from '#lib/ui/room/RoomDoor.svelte';
import { fakeGrapevine, type FakeGrapevine } from './fake-grapevine.ts';
import { FAKE_ROOM, fakeSession, type FakeSession } from './fake-session.ts';
import { asDiagnostics, NETWORK_SCENES, type NetworkSceneName } from './network-scenes.ts';
import { ROOM_SCENES, type RoomScene } from './room-scenes.ts';
import { sceneOf, type Change } from './scenes.ts';
import WithApp from './WithApp.svelte';

// SvelteKit's own module starts its router, which has no page to route here.
vi.mock('$app/paths', () => import('../pictures/paths.ts'));

export type Screen = Awaited<ReturnType<typeof renderAny>>;

export interface RoomOnScreen {
	readonly screen: Screen;
	readonly room: FakeSession;
	readonly app: FakeGrapevine;
}

/** The room in one of its scenes, entered through the door as from a link. */
export async function showRoom(scene: RoomScene): Promise<RoomOnScreen> {
	const room = fakeSession(ROOM_SCENES[scene]());
	return showDoor(fakeGrapevine(room));
}

/** The room with its network around it. */
export async function showNetwork(scene: NetworkSceneName): Promise<RoomOnScreen> {
	const { state, network } = NETWORK_SCENES[scene]();
	return showDoor(fakeGrapevine(fakeSession(state, network && asDiagnostics(network))));
}

/** The door of a room, whatever the app behind it does. */
export async function showDoor(app: FakeGrapevine, room = FAKE_ROOM): Promise<RoomOnScreen> {
	const screen = await renderAny(app, RoomDoor, { room, access: null });
	return { screen, room: app.room, app };
}

export interface HomeOnScreen {
	readonly screen: Screen;
	readonly app: FakeGrapevine;
	/** Room keys that the screen asked to go to. */
	readonly entered: string[];
	/** What stands behind the `#` of links to recordings that it asked to go to. */
	readonly shared: string[];
}

export async function showHome(app: FakeGrapevine = fakeGrapevine()): Promise<HomeOnScreen> {
	const entered: string[] = [];
	const onenter = (key: string): number => entered.push(key);
	const shared: string[] = [];
	const onshared = (link: string): number => shared.push(link);
	const screen = await renderAny(app, HomeScreen, { onenter, onshared });
	return { screen, app, entered, shared };
}

export interface PeopleOnScreen {
	readonly screen: Screen;
	readonly app: FakeGrapevine;
}

/** The page of people, led to by a card or not. */
export async function showPeople(
	app: FakeGrapevine = fakeGrapevine(),
	card = ''
): Promise<PeopleOnScreen> {
	return { screen: await renderAny(app, PeopleScreen, { card }), app };
}

/** The page of a link to a shared recording. */
export async function showShared(
	link: ShareLink,
	app: FakeGrapevine = fakeGrapevine()
): Promise<PeopleOnScreen> {
	return { screen: await renderAny(app, SharedScreen, { link }), app };
}

/** The page of recordings. */
export async function showRecordings(
	app: FakeGrapevine = fakeGrapevine()
): Promise<PeopleOnScreen> {
	return { screen: await renderAny(app, RecordingsScreen, {}), app };
}

/** The page of one recording. */
export async function showReplay(id: RecordingId, app: FakeGrapevine): Promise<PeopleOnScreen> {
	return { screen: await renderAny(app, ReplayScreen, { id }), app };
}

export interface SceneOnScreen {
	readonly screen: Screen;
	/** Draws it in another language. */
	readonly speak: (locale: 'en' | 'fr') => Promise<void>;
}

/** Any scene there is, as in the pictures. */
export function showScene(name: string): Promise<SceneOnScreen> {
	return drawScene(name, (value) => value);
}

/** The same with everything in it that comes of others changed by `change`. */
export async function drawScene(name: string, change: Change): Promise<SceneOnScreen> {
	const { app, screen, props, begin, awaited } = sceneOf(name, change);
	const drawn = await renderAny(app, screen, props);
	onTestFinished(begin());
	if (awaited !== undefined) await expect.poll(() => isSeen(awaited)).toBe(true);
	return { screen: drawn, speak: (locale) => drawn.rerender({ locale }) };
}

const isSeen = (selector: string): boolean =>
	document.querySelector(selector)?.checkVisibility({ visibilityProperty: true }) === true;

/** The page that opens clips. */
export async function showClips(app: FakeGrapevine): Promise<PeopleOnScreen> {
	return { screen: await renderAny(app, ClipScreen, {}), app };
}

function renderAny<Props extends Record<string, unknown>>(
	app: FakeGrapevine,
	screen: Component<Props>,
	props: Props
) {
	// The generic component meets a generic function: the pairing above is what the compiler checks.
	const whole = WithApp as unknown as Component<Record<string, unknown>>;
	return render(whole, { props: { grapevine: app.grapevine, screen, props } });
}
