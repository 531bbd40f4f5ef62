/** What this person chose of sound, in force on the whole page: devices, and how loud everything is. */
import { listSoundDevices, watchSoundDevices, type SoundDevices } from '#lib/io/audio/devices.ts';
import type { MicrophoneWish } from '#lib/io/audio/microphone.ts';
import { canChooseSpeaker, type Speaker } from '#lib/io/audio/speaker.ts';
import { createListeners } from '../listeners.ts';
import type { SoundChoice } from './sound-choice.ts';
import type { SoundTest } from './sound-test.ts';

export type SoundNews =
	/** Another device hears or plays now than the one that was chosen; by its name, which may be empty. */
	{ readonly type: 'microphone-instead' | 'speaker-instead'; readonly label: string };

export interface SoundDesk {
	readonly choice: SoundChoice;
	/** Whether this browser lets us say which loudspeaker plays. */
	readonly canChooseSpeaker: boolean;
	/** Holds at once; rejects where the browser refuses to keep it for the next time. */
	change(changes: Partial<SoundChoice>): Promise<void>;
	/** Called after each change. Returns how to stop. */
	onChange(listener: () => void): () => void;
	/** What happened to devices without our doing. Returns how to stop. */
	onNews(listener: (news: SoundNews) => void): () => void;
	devices(): Promise<SoundDevices>;
	/** Called when a device was plugged in or out. Returns how to stop. */
	watchDevices(listener: () => void): () => void;
	/** Microphone and loudspeaker, to be tried out; to be closed. Rejects where they cannot even be loaded. */
	test(): Promise<SoundTest>;
}

export interface SoundDeskParts {
	readonly first: SoundChoice;
	readonly save: (choice: SoundChoice) => Promise<void>;
	readonly openTest: (desk: SoundDesk) => Promise<SoundTest>;
}

export interface PageSound extends SoundDesk {
	/** The page has its sound output. */
	attach(speaker: Speaker): void;
}

/** How a microphone is to be opened for what was chosen. */
export function microphoneWish({ microphone, processing, music }: SoundChoice): MicrophoneWish {
	return {
		deviceId: microphone?.id ?? null,
		processing: processing && !music,
		stereo: music
	};
}

export function createSoundDesk({ first, save, openTest }: SoundDeskParts): PageSound {
	let choice = first;
	let speaker: Speaker | null = null;
	const changes = createListeners<undefined>();
	const news = createListeners<SoundNews>();

	/** A loudspeaker that is not there leaves the choice as it is: it may come back. */
	function playThere(): void {
		const wished = choice.speaker;
		speaker
			?.choose(wished?.id ?? null)
			.then((there) => {
				if (there || wished === null || choice.speaker !== wished) return;
				news.tell({ type: 'speaker-instead', label: wished.label });
				return speaker?.choose(null);
			})
			.catch((error: unknown) => console.warn(error));
	}

	/** Browsers go on into a loudspeaker that is gone, or stop: neither says so. */
	async function lookForSpeaker(): Promise<void> {
		const wished = choice.speaker;
		if (wished === null || speaker === null) return;
		const { speakers } = await listSoundDevices();
		const isThere = speakers.some(({ id }) => id === wished.id);
		if (isThere === wasThere) return;
		wasThere = isThere;
		if (isThere) {
			playThere();
			return;
		}
		news.tell({ type: 'speaker-instead', label: wished.label });
		await speaker.choose(null);
	}
	let wasThere = true;

	const desk: PageSound = {
		get choice() {
			return choice;
		},
		canChooseSpeaker: canChooseSpeaker(),
		change(some) {
			const before = choice;
			choice = { ...choice, ...some };
			if (choice.speaker?.id !== before.speaker?.id) {
				wasThere = true;
				playThere();
			}
			changes.tell(undefined);
			return save(choice);
		},
		onChange: (listener) => changes.add(listener),
		onNews: (listener) => news.add(listener),
		devices: listSoundDevices,
		watchDevices: watchSoundDevices,
		test: () => openTest(desk),
		attach(opened) {
			speaker = opened;
			if (choice.speaker !== null) playThere();
			watchSoundDevices(() => {
				lookForSpeaker().catch((error: unknown) => console.warn(error));
			});
		}
	};
	return desk;
}
