/** Draws one scene, named in the address: `?scene=listening&locale=fr`. */
import { mount, type Component } from 'svelte';
import BadKey from '#lib/ui/room/BadKey.svelte';
import HomeScreen from '#lib/ui/home/HomeScreen.svelte';
import RoomScreen from '#lib/ui/room/RoomScreen.svelte';
import { fakeGrapevine } from '../lib/fake-grapevine.ts';
import { fakeSession } from '../lib/fake-session.ts';
import { ROOM_SCENES, type RoomScene } from '../lib/room-scenes.ts';
import WithApp from '../lib/WithApp.svelte';

const query = new URLSearchParams(location.search);
const scene = query.get('scene') ?? 'home';
const locale = query.get('locale') === 'fr' ? 'fr' : 'en';
const { grapevine } = fakeGrapevine();

if (scene === 'home') draw(HomeScreen, { onenter: ignore });
else if (scene === 'bad-key') draw(BadKey, { problem: { ok: false, reason: 'checksum' } });
else if (isRoomScene(scene)) {
	draw(RoomScreen, { session: fakeSession(ROOM_SCENES[scene]()).session, onrejoin: ignore });
} else throw new Error(`There is no scene called ${scene}.`);

function draw<Props extends Record<string, unknown>>(screen: Component<Props>, props: Props): void {
	const whole = WithApp as unknown as Component<Record<string, unknown>>;
	mount(whole, { target: document.body, props: { grapevine, screen, props, locale } });
}

function isRoomScene(name: string): name is RoomScene {
	return name in ROOM_SCENES;
}

function ignore(): void {
	// Pictures go nowhere.
}
