/** Sound on this page: what the person chose of it, and the engine's end of the page that plays, each made when it is needed. */
import { once } from '#lib/io/once.ts';
import type { Store } from '#lib/io/ports.ts';
import type { EngineHost } from '../engine/engine-host.ts';
import { openSoundTest, startHost } from '../later.ts';
import type { Preferences } from '../preferences.ts';
import { loadVolumes } from './volumes.ts';
import { createSoundDesk, type SoundDesk } from './sound-desk.ts';

export interface OpenedSound {
	readonly sound: SoundDesk;
	/** Started by the first who asks. */
	readonly host: () => Promise<EngineHost>;
}

export async function openSound(store: Store, preferences: Preferences): Promise<OpenedSound> {
	const sound = createSoundDesk({
		first: preferences.settings.sound,
		volumes: await loadVolumes(store),
		save: (choice) => preferences.save({ sound: choice }),
		openTest: async (desk) => openSoundTest(desk, await host())
	});
	const host = once(async () => {
		const started = await startHost();
		if (started.speaker !== null) sound.attach(started.speaker);
		return started;
	});
	return { sound, host };
}
