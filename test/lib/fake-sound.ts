/** Sound without devices: what is chosen is noted, and the test says what is plugged in. */
import type { SoundDevices } from '#lib/io/audio/devices.ts';
import { FIRST_SOUND } from '#lib/app/sound/sound-choice.ts';
import type { SoundDesk } from '#lib/app/sound/sound-desk.ts';
import type { Volumes } from '#lib/app/sound/volumes.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import type { SoundTest } from '#lib/app/sound/sound-test.ts';
import type { MicrophoneProblem } from '#lib/app/session.ts';
import { createListeners } from '#lib/app/listeners.ts';

type Outcome = true | MicrophoneProblem;

export interface FakeSound {
	readonly desk: SoundDesk;
	/** Plugs in and out. */
	setDevices(devices: SoundDevices): void;
	/** What opening the microphone comes to from now on. */
	answer(outcome: Outcome): void;
	/** From now on opening waits for the test's own answers, which these give: one for each, in the order they were asked for. */
	answerLater(): readonly ((outcome: Outcome) => void)[];
	/** From now on the means to try it out load until this is called. */
	loadLater(): () => void;
	/** The microphone that is tried out goes away. */
	loseMicrophone(): void;
	/** The recorded seconds are over, or what is played. */
	goOn(): void;
}

export const FAKE_DEVICES: SoundDevices = {
	microphones: [
		{ id: 'headset', label: 'Headset of the living room' },
		{ id: 'built-in', label: 'Built-in microphone' }
	],
	speakers: [
		{ id: 'headset-out', label: 'Headset of the living room' },
		{ id: 'screen', label: 'Screen' }
	],
	named: true
};

/** Whom this person hears louder or softer, without a browser to keep it. */
function fakeVolumes(act: (call: string) => Promise<void>): Volumes {
	const gains = new Map<PeerId, number>();
	const changes = createListeners<undefined>();
	return {
		get list() {
			return [...gains].map(([peer, gain]) => ({ peer, gain }));
		},
		of: (peer) => gains.get(peer) ?? 1,
		put({ peer, gain }) {
			gains.set(peer, gain);
			changes.tell(undefined);
			return act(`volume ${peer} ${gain}`);
		},
		onChange: (listener) => changes.add(listener)
	};
}

export function fakeSound(act: (call: string) => Promise<void>): FakeSound {
	const volumes = fakeVolumes(act);
	let choice = FIRST_SOUND;
	let devices = FAKE_DEVICES;
	let outcome: Outcome = true;
	let later: ((outcome: Outcome) => void)[] | null = null;
	let lose: () => void = () => undefined;
	let next: (() => void)[] = [];
	let cut: () => void = () => undefined;
	let loaded: Promise<void> = Promise.resolve();
	const changes = createListeners<undefined>();
	const plugs = createListeners<undefined>();
	const step = (): Promise<void> => new Promise((resolve) => next.push(resolve));
	let open = false;
	const test: SoundTest = {
		mayListen: () => Promise.resolve(true),
		async listen(onLost) {
			lose = onLost;
			await act('sound listen');
			const told =
				later === null ? outcome : await new Promise<Outcome>((tell) => later?.push(tell));
			open = told === true;
			return told;
		},
		level: () => (open ? 0.6 : 0),
		async tone() {
			await act('sound tone');
			await step();
		},
		async hearMyself(onPlay) {
			await act('sound take');
			await Promise.race([
				step(),
				new Promise((_, reject) => (cut = () => reject(new Error('It went away.'))))
			]);
			onPlay();
			await step();
		},
		close: () => {
			open = false;
		}
	};
	return {
		desk: {
			get choice() {
				return choice;
			},
			canChooseSpeaker: true,
			async change(some) {
				choice = { ...choice, ...some };
				changes.tell(undefined);
				await act(`sound ${JSON.stringify(some)}`);
			},
			volumes,
			silenced: false,
			silence: () => undefined,
			onChange: (listener) => changes.add(listener),
			news: null,
			devices: () => Promise.resolve(devices),
			watchDevices: (listener) => plugs.add(listener),
			test: () => loaded.then(() => test)
		},
		setDevices(plugged) {
			devices = plugged;
			plugs.tell(undefined);
		},
		answer: (given) => {
			outcome = given;
		},
		answerLater: () => (later = []),
		loadLater() {
			let done: () => void = () => undefined;
			loaded = new Promise((resolve) => (done = resolve));
			return done;
		},
		loseMicrophone: () => {
			open = false;
			cut();
			lose();
		},
		goOn() {
			const waiting = next;
			next = [];
			for (const go of waiting) go();
		}
	};
}
