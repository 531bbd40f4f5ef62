/** What this person chose of sound, in force on the whole page: devices, and how loud everything is. */
import { listSoundDevices, watchSoundDevices, type SoundDevices } from '#lib/io/audio/devices.ts';
import type { MicrophoneWish } from '#lib/io/audio/microphone.ts';
import { canChooseSpeaker, type Speaker } from '#lib/io/audio/speaker.ts';
import { createListeners } from '../listeners.ts';
import type { ChosenDevice, SoundChoice } from './sound-choice.ts';
import type { SoundNews } from './sound-news.ts';
import type { SoundTest } from './sound-test.ts';
import type { Volumes } from './volumes.ts';

export interface SoundDesk {
	readonly choice: SoundChoice;
	/** Whether this browser lets us say which loudspeaker plays. */
	readonly canChooseSpeaker: boolean;
	/** Holds at once; rejects where the browser refuses to keep it for the next time. */
	change(changes: Partial<SoundChoice>): Promise<void>;
	/** How loud some people are heard. */
	readonly volumes: Volumes;
	/** Nothing of the room is played, until it is taken back; of this page alone, and never remembered. */
	readonly silenced: boolean;
	silence(on: boolean): void;
	/** Another loudspeaker plays than the one that was chosen; null while it is that one. */
	readonly news: SoundNews | null;
	/** Called after each change. Returns how to stop. */
	onChange(listener: () => void): () => void;
	devices(): Promise<SoundDevices>;
	/** Called when a device was plugged in or out. Returns how to stop. */
	watchDevices(listener: () => void): () => void;
	/** Microphone and loudspeaker, to be tried out; to be closed. Rejects where they cannot even be loaded. */
	test(): Promise<SoundTest>;
}

export interface SoundDeskParts {
	readonly first: SoundChoice;
	readonly volumes: Volumes;
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

export function createSoundDesk({ first, volumes, save, openTest }: SoundDeskParts): PageSound {
	let choice = first;
	let silenced = false;
	let speaker: Speaker | null = null;
	const changes = createListeners<undefined>();
	let news: SoundNews | null = null;

	const turn = (): void => speaker?.turn(silenced ? 0 : choice.volume);

	const follower = followSpeaker({
		choice: () => choice.speaker,
		speaker: () => speaker,
		onInstead(label) {
			news = label === null ? null : { type: 'speaker-instead', label };
			changes.tell(undefined);
		}
	});
	const desk: PageSound = {
		get choice() {
			return choice;
		},
		canChooseSpeaker: canChooseSpeaker(),
		change(some) {
			const before = choice;
			choice = { ...choice, ...some };
			if (choice.speaker?.id !== before.speaker?.id) follower.chosen();
			turn();
			changes.tell(undefined);
			return save(choice);
		},
		volumes,
		get silenced() {
			return silenced;
		},
		silence(on) {
			silenced = on;
			turn();
			changes.tell(undefined);
		},
		get news() {
			return news;
		},
		onChange: (listener) => changes.add(listener),
		devices: listSoundDevices,
		watchDevices: watchSoundDevices,
		test: () => openTest(desk),
		attach(opened) {
			speaker = opened;
			turn();
			if (choice.speaker !== null) follower.chosen();
			watchSoundDevices(() => follower.look());
		}
	};
	return desk;
}

interface FollowerParts {
	readonly choice: () => ChosenDevice | null;
	readonly speaker: () => Speaker | null;
	/** Another one plays than that of this name; null: none does any more. */
	readonly onInstead: (label: string | null) => void;
}

/** Keeps the sound at the loudspeaker that was chosen, as long as that is there. It may come back: the choice stays. */
function followSpeaker({ choice, speaker, onInstead }: FollowerParts) {
	let wasThere = true;
	let isTold = false;

	const tell = (label: string | null): void => {
		if (label === null && !isTold) return;
		isTold = label !== null;
		onInstead(label);
	};

	async function playThere(): Promise<void> {
		const wished = choice();
		const there = await speaker()?.choose(wished?.id ?? null);
		if (choice() !== wished) return;
		const isMissing = there === false && wished !== null;
		tell(isMissing ? wished.label : null);
		if (!isMissing) return;
		wasThere = false;
		await speaker()?.choose(null);
	}

	/** Browsers go on into a loudspeaker that is gone, or stop: neither says so. */
	async function look(): Promise<void> {
		const wished = choice();
		if (wished === null || speaker() === null) return;
		const { speakers } = await listSoundDevices();
		const isThere = speakers.some(({ id }) => id === wished.id);
		if (isThere === wasThere) return;
		wasThere = isThere;
		if (isThere) return playThere();
		tell(wished.label);
		await speaker()?.choose(null);
	}

	const report = (error: unknown): void => console.warn(error);
	return {
		chosen() {
			wasThere = true;
			playThere().catch(report);
		},
		look: () => void look().catch(report)
	};
}
