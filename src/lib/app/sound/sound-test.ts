/** Microphone and loudspeaker, tried out before anybody else hears: a level, a tone, and three seconds of oneself. */
import { mayUseMicrophone } from '#lib/io/audio/devices.ts';
import { openMicrophone, type Microphone } from '#lib/io/audio/microphone.ts';
import type { Speaker } from '#lib/io/audio/speaker.ts';
import { playSamples, playTestTone } from '#lib/io/audio/test-sounds.ts';
import type { CapturedFrame } from '#lib/io/audio/worklet-names.ts';
import { FRAME_SAMPLES } from '#lib/p2p/playout/units.ts';
import { loudnessOf } from '#lib/p2p/voice/loudness.ts';
import type { MicrophoneProblem } from '../session.ts';
import { microphoneWish, type SoundDesk } from './sound-desk.ts';

/** As long as a sentence. */
export const TRIED_FRAMES = 150;
/** What a meter shows as nothing. */
const QUIETEST_DBFS = -60;

export interface SoundTest {
	/** Whether opening the microphone would ask the person nothing. */
	mayListen(): Promise<boolean>;
	/** Opens the microphone that is chosen now, in place of one that is open; `onLost`: it went away. */
	listen(onLost: () => void): Promise<true | MicrophoneProblem>;
	/** How loud it is now, 0 to 1; 0 while nothing is open. */
	level(): number;
	/** Resolves when the tone is over. */
	tone(): Promise<void>;
	/** Takes down three seconds, then plays them. `onPlay`: it plays now. Rejects where the microphone goes away before. */
	hearMyself(onPlay: () => void): Promise<void>;
	close(): void;
}

interface Test {
	readonly desk: SoundDesk;
	readonly speaker: Speaker;
	microphone: Microphone | null;
	/** Grows with each microphone that is wished, and when all is over. */
	era: number;
	level: number;
	/** What is being taken down. */
	taking: Taking | null;
}

interface Taking {
	readonly add: (frame: CapturedFrame) => void;
	/** There will be no more. */
	readonly cut: () => void;
}

export function createSoundTest(desk: SoundDesk, speaker: Speaker): SoundTest {
	const test: Test = { desk, speaker, microphone: null, era: 0, level: 0, taking: null };
	return {
		mayListen: mayUseMicrophone,
		listen: (onLost) => listen(test, onLost),
		level: () => test.level,
		tone: () => playTestTone(speaker.context),
		hearMyself: (onPlay) => hearMyself(test, onPlay),
		close() {
			test.era++;
			letGo(test);
		}
	};
}

function letGo(test: Test): void {
	test.microphone?.close();
	test.microphone = null;
	test.level = 0;
	test.taking?.cut();
	test.taking = null;
}

async function listen(test: Test, onLost: () => void): Promise<true | MicrophoneProblem> {
	const era = ++test.era;
	letGo(test);
	const { context } = test.speaker;
	const wish = microphoneWish(test.desk.choice);
	const outcome = await openMicrophone(context, wish, () => {
		if (era !== test.era) return;
		letGo(test);
		onLost();
	});
	if (!outcome.ok) return outcome.reason;
	if (era !== test.era) {
		outcome.microphone.close();
		return 'taken-away';
	}
	test.microphone = outcome.microphone;
	outcome.microphone.port.onmessage = ({ data }: MessageEvent<CapturedFrame>) => {
		test.level = shareOf(loudnessOf(data.samples));
		test.taking?.add(data);
	};
	return true;
}

/** Loudness as a meter draws it: even steps in decibels. */
const shareOf = (dbfs: number): number =>
	Math.max(0, Math.min(1, (dbfs - QUIETEST_DBFS) / -QUIETEST_DBFS));

async function hearMyself(test: Test, onPlay: () => void): Promise<void> {
	const frames = await nextFrames(test, TRIED_FRAMES);
	onPlay();
	const left = new Float32Array(frames.length * FRAME_SAMPLES);
	const right = left.slice();
	frames.forEach(({ samples, right: other }, i) => {
		left.set(samples, i * FRAME_SAMPLES);
		right.set(other ?? samples, i * FRAME_SAMPLES);
	});
	await playSamples(test.speaker.context, [left, right]);
}

function nextFrames(test: Test, count: number): Promise<CapturedFrame[]> {
	const frames: CapturedFrame[] = [];
	return new Promise((resolve, reject) => {
		const add = (frame: CapturedFrame): void => {
			frames.push(frame);
			if (frames.length < count) return;
			test.taking = null;
			resolve(frames);
		};
		test.taking?.cut();
		test.taking = { add, cut: () => reject(new Error('The microphone was given back.')) };
	});
}
