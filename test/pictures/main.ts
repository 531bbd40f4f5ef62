/** Draws one scene, named in the address: `?scene=listening&locale=fr`. */
import { mount, type Component } from 'svelte';
import { fakeSession } from '../lib/fake-session.ts';
import { ROOM_SCENES, type RoomScene } from '../lib/room-scenes.ts';
import Scene from './Scene.svelte';

type Draw = (anchor: unknown, props: unknown) => unknown;

const query = new URLSearchParams(location.search);
const name = query.get('scene') ?? 'home';
const locale = query.get('locale') === 'fr' ? 'fr' : 'en';

mount(Scene, { target: document.body, props: { screen: await screenOf(name), locale } });

async function screenOf(scene: string): Promise<Component> {
	if (scene === 'home') {
		const { default: HomeScreen } = await import('#lib/ui/home/HomeScreen.svelte');
		return withProps(HomeScreen, { onenter: ignore });
	}
	if (scene === 'bad-key') {
		const { default: BadKey } = await import('#lib/ui/room/BadKey.svelte');
		return withProps(BadKey, { problem: { ok: false, reason: 'checksum' } });
	}
	if (!isRoomScene(scene)) throw new Error(`There is no scene called ${scene}.`);
	const { default: RoomScreen } = await import('#lib/ui/room/RoomScreen.svelte');
	const { session } = fakeSession(ROOM_SCENES[scene]());
	return withProps(RoomScreen, { session, onrejoin: ignore });
}

function isRoomScene(scene: string): scene is RoomScene {
	return scene in ROOM_SCENES;
}

/** A component that needs no properties, made of one that does. */
function withProps(component: unknown, props: Record<string, unknown>): Component {
	const draw = component as Draw;
	return ((anchor: unknown) => draw(anchor, props)) as unknown as Component;
}

function ignore(): void {
	// Pictures go nowhere.
}
