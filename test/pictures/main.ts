/** Draws one scene, named in the address: `?scene=listening&locale=fr`. */
import { mount, type Component } from 'svelte';
import { sceneOf } from '../lib/scenes.ts';
import WithApp from '../lib/WithApp.svelte';

const query = new URLSearchParams(location.search);
const locale = query.get('locale') === 'fr' ? 'fr' : 'en';
const { app, screen, props, begin } = sceneOf(query.get('scene') ?? 'home');
const whole = WithApp as unknown as Component<Record<string, unknown>>;

mount(whole, {
	target: document.body,
	props: { grapevine: app.grapevine, screen, props, locale }
});
// What goes on in it goes on for as long as the page is looked at.
begin();
