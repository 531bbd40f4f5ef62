/** What a whole-room test begins with: a seed of its own, browsers, people who come in, and what they hear. */
import { bursts, openBrowsers, type Browsers } from './browsers.ts';
import {
	diagnosticsOf,
	enterApp,
	eventually,
	joinRoom,
	listen,
	orTell,
	type Person
} from './drive.ts';
import { HEARD_DBFS, tonesAt } from './ear.ts';
import { startSeedForFile, type SharedSeed } from './seed.ts';

export interface Scene {
	readonly seed: SharedSeed;
	readonly browsers: Browsers;
	/** Opens the app in a browser of its own, whose microphone plays a tone in bursts. */
	speaker(name: string, hz: number, fanout?: number): Promise<Person>;
	/** Opens the app in the shared browser, and stays at home. */
	visitor(name: string): Promise<Person>;
	/** Opens the app in the shared browser and goes into the room. */
	listener(name: string, key: string, fanout?: number): Promise<Person>;
	close(): Promise<void>;
}

/** `how`: see `openBrowsers`. */
export async function openScene(how: 'whole' | 'keeping' | null = null): Promise<Scene> {
	const seed = await startSeedForFile();
	const browsers = openBrowsers(how);
	const address = (fanout?: number): string =>
		fanout === undefined ? seed.url : `${seed.url}?fanout=${fanout}`;
	const visit = async (name: string, fanout?: number): Promise<Person> =>
		enterApp(await browsers.page(await browsers.silent()), address(fanout), name);
	return {
		seed,
		browsers,
		async speaker(name, hz, fanout) {
			const context = await browsers.withMicrophone(bursts(hz));
			return enterApp(await browsers.page(context), address(fanout), name);
		},
		visitor: (name) => visit(name),
		async listener(name, key, fanout) {
			const person = await visit(name, fanout);
			await joinRoom(person, key);
			await listen(person);
			return person;
		},
		async close() {
			await browsers.close();
			await seed.end();
		}
	};
}

/** Waits until all of `hz` are in what `who` plays. Where they never are, what its app knows is told. */
export function hears(who: Person, ...hz: readonly number[]): Promise<number[]> {
	const heard = eventually(
		`${who.name} hears ${hz.join(', ')} Hz`,
		() => tonesAt(who.page, hz),
		(levels) => levels.every((level) => level > HEARD_DBFS)
	);
	return orTell(heard, () => diagnosticsOf(who));
}
