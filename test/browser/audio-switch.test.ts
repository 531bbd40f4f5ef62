/** Microphones that are chosen, that change, and that go away while somebody speaks; loudspeakers likewise. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
	createMicrophoneDesk,
	REPLACED_MAX,
	type MicrophoneDesk
} from '#lib/app/microphone-desk.ts';
import { createSoundDesk, type PageSound } from '#lib/app/sound/sound-desk.ts';
import { FIRST_SOUND, type SoundChoice } from '#lib/app/sound/sound-choice.ts';
import { createSoundTest } from '#lib/app/sound/sound-test.ts';
import { loadVolumes } from '#lib/app/sound/volumes.ts';
import { listSoundDevices } from '#lib/io/audio/devices.ts';
import { ANY_MICROPHONE, openMicrophone } from '#lib/io/audio/microphone.ts';
import { openSpeaker, type Speaker } from '#lib/io/audio/speaker.ts';
import type { CapturedFrame } from '#lib/io/audio/worklet-names.ts';
import { waveFile } from '../../src/seed/wave-file.ts';
import { createMemoryStore } from '../lib/memory-store.ts';
import { goertzelDb, levelDb, sine } from '../lib/sound.ts';

const TONE_HZ = 440;

let speaker: Speaker;

beforeEach(async () => {
	const outcome = await openSpeaker(() => undefined);
	if (!outcome.ok) throw new Error(outcome.detail);
	speaker = outcome.speaker;
});

afterEach(() => {
	vi.restoreAllMocks();
	speaker.close();
});

/** A microphone that hears a tone for so long and is then unplugged: its track ends by itself. */
async function untilUnplugged(seconds: number): Promise<MediaStream> {
	const file = new Blob([waveFile(sine(TONE_HZ, seconds)).slice()], { type: 'audio/wav' });
	const player = new Audio(URL.createObjectURL(file)) as HTMLAudioElement & {
		captureStream(): MediaStream;
	};
	await new Promise((resolve) => {
		player.oncanplaythrough = resolve;
	});
	const stream = player.captureStream();
	await player.play();
	return stream;
}

/** A microphone that hears a tone until it is unplugged. */
function plug(context: AudioContext): MediaStream {
	const [tone, device] = [context.createOscillator(), context.createMediaStreamDestination()];
	tone.connect(device);
	tone.start();
	return device.stream;
}

/** Stopped by its page a track ends without a word: that is said for it. */
function unplug(stream: MediaStream | undefined): void {
	for (const track of stream?.getTracks() ?? []) {
		track.stop();
		track.dispatchEvent(new Event('ended'));
	}
}

interface Heard {
	readonly desk: MicrophoneDesk;
	/** Names of microphones that hear instead of others; '(none)' where none was left. */
	readonly news: string[];
	/** The frames of whichever microphone hears now, by the number of the port. */
	readonly frames: { readonly port: number; readonly samples: Float32Array }[];
	/** Resolves when that holds. */
	readonly until: (met: () => boolean) => Promise<void>;
	readonly choose: (deviceId: string | null) => void;
}

function setup(): Heard {
	const news: string[] = [];
	const frames: { port: number; samples: Float32Array }[] = [];
	let ports = 0;
	let deviceId: string | null = null;
	let look: () => void = () => undefined;
	const tell = (one: string): void => {
		news.push(one);
		look();
	};
	const desk = createMicrophoneDesk({
		context: () => speaker.context,
		wish: () => ({ ...ANY_MICROPHONE, deviceId }),
		nowMs: () => performance.now(),
		onPort(port) {
			const number = ++ports;
			port.onmessage = ({ data }: MessageEvent<CapturedFrame>) => {
				frames.push({ port: number, samples: data.samples });
				look();
			};
		},
		onInstead: tell,
		onTakenAway: () => tell('(none)')
	});
	return {
		desk,
		news,
		frames,
		until: (met) =>
			new Promise((resolve) => {
				look = () => {
					if (met()) resolve();
				};
				look();
			}),
		choose: (id) => {
			deviceId = id;
		}
	};
}

const GONE = { id: 'f'.repeat(64), label: 'Headset' };

const soundDesk = async (first: SoundChoice): Promise<PageSound> =>
	createSoundDesk({
		first,
		volumes: await loadVolumes(createMemoryStore()),
		save: () => Promise.resolve(),
		openTest: () => Promise.reject(new Error('Not in this test.'))
	});

describe('the devices of this machine', () => {
	it('are told by name, without those that only stand for another', async () => {
		const { microphones, speakers, named } = await listSoundDevices();
		expect(microphones.map(({ label }) => label)).toEqual([
			'Fake Audio Input 1',
			'Fake Audio Input 2'
		]);
		expect(speakers).toHaveLength(2);
		expect(named).toBe(true);
	});

	it('are opened by their id, and no other is taken for one that is not there', async () => {
		const [, second] = (await listSoundDevices()).microphones;
		const wish = { ...ANY_MICROPHONE, deviceId: second?.id ?? '' };
		const opened = await openMicrophone(speaker.context, wish, () => undefined);
		if (!opened.ok) throw new Error(opened.reason);
		expect(opened.microphone.label).toBe('Fake Audio Input 2');
		opened.microphone.close();
		const gone = { ...ANY_MICROPHONE, deviceId: 'f'.repeat(64) };
		expect(await openMicrophone(speaker.context, gone, () => undefined)).toEqual({
			ok: false,
			reason: 'missing'
		});
	});

	it('play by the one that is chosen, or say that it is not there', async () => {
		const [first] = (await listSoundDevices()).speakers;
		expect(await speaker.choose(first?.id ?? '')).toBe(true);
		const { sinkId } = speaker.context as AudioContext & { sinkId: string };
		expect(sinkId).toBe(first?.id);
		expect(await speaker.choose('f'.repeat(64))).toBe(false);
		expect(await speaker.choose(null)).toBe(true);
	});

	it('a loudspeaker that is not there any more is told, and the system chooses', async () => {
		const desk = await soundDesk({ ...FIRST_SOUND, speaker: GONE });
		expect(desk.news).toBeNull();
		desk.attach(speaker);
		await expect.poll(() => desk.news).toEqual({ type: 'speaker-instead', label: 'Headset' });
		expect(desk.choice.speaker?.label).toBe('Headset');
		const [first] = (await listSoundDevices()).speakers;
		await desk.change({ speaker: first! });
		await expect.poll(() => desk.news).toBeNull();
	});
});

describe('a microphone that is unplugged in mid-sentence', () => {
	it('is replaced by what the system takes next: sound goes on, and is told of', async () => {
		const getUserMedia = vi.spyOn(navigator.mediaDevices, 'getUserMedia');
		getUserMedia.mockResolvedValueOnce(await untilUnplugged(0.6));
		const { desk, news, frames, until } = setup();
		expect(await desk.open()).toBe(true);
		desk.setOpen(true);
		await until(() => frames.some(({ samples }) => goertzelDb(samples, TONE_HZ) > -25));
		await until(() => news.length > 0);
		expect(news).toEqual(['Fake Default Audio Input']);
		await until(() => frames.some(({ port, samples }) => port === 2 && levelDb(samples) > -60));
		desk.close();
	});

	it('stays muted where it was', async () => {
		vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockResolvedValueOnce(
			await untilUnplugged(0.3)
		);
		const { desk, frames, until } = setup();
		await desk.open();
		desk.setOpen(false);
		await until(() => frames.filter(({ port }) => port === 2).length > 60);
		const second = frames.filter(({ port }) => port === 2).slice(10);
		expect(Math.max(...second.map(({ samples }) => levelDb(samples)))).toBe(-Infinity);
		desk.close();
	});

	it('is the last one: nothing is heard any more, and that is told once', async () => {
		vi.spyOn(navigator.mediaDevices, 'getUserMedia')
			.mockResolvedValueOnce(await untilUnplugged(0.3))
			.mockRejectedValue(new DOMException('none', 'NotFoundError'));
		const { desk, news, until } = setup();
		await desk.open();
		desk.setOpen(true);
		await until(() => news.length > 0);
		expect(news).toEqual(['(none)']);
		expect(await desk.open()).toBe('missing');
		desk.close();
	});

	it('is given up after some that go away one after the other', async () => {
		const plugged: MediaStream[] = [];
		vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockImplementation(() => {
			const stream = plug(speaker.context);
			plugged.push(stream);
			return Promise.resolve(stream);
		});
		const { desk, news, frames, until } = setup();
		await desk.open();
		for (let i = 0; i <= REPLACED_MAX; i++) {
			await until(() => frames.some(({ port }) => port === i + 1));
			unplug(plugged[i]);
		}
		await until(() => news.includes('(none)'));
		expect(news.filter((one) => one !== '(none)')).toHaveLength(REPLACED_MAX);
		expect(plugged).toHaveLength(REPLACED_MAX + 1);
	});

	it('is replaced again where the next one is gone before it is open', async () => {
		const [first, second] = [plug(speaker.context), plug(speaker.context)];
		unplug(second);
		const getUserMedia = vi.spyOn(navigator.mediaDevices, 'getUserMedia');
		getUserMedia.mockResolvedValueOnce(first).mockResolvedValueOnce(second);
		const { desk, news, frames, until } = setup();
		expect(await desk.open()).toBe(true);
		desk.setOpen(true);
		unplug(first);
		await until(() => frames.some(({ port, samples }) => port === 2 && levelDb(samples) > -60));
		expect(news).toEqual(['Fake Default Audio Input']);
		expect(getUserMedia).toHaveBeenCalledTimes(3);
		desk.close();
	});

	it('is told at once where it is gone before it was ever open', async () => {
		const stream = plug(speaker.context);
		unplug(stream);
		vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockResolvedValueOnce(stream);
		const { desk } = setup();
		expect(await desk.open()).toBe('taken-away');
		expect(await desk.open()).toBe(true);
		desk.close();
	});
});

describe('three seconds of oneself', () => {
	it('end at once where the microphone goes away, and nothing of it is played', async () => {
		const stream = plug(speaker.context);
		vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockResolvedValueOnce(stream);
		const test = createSoundTest(await soundDesk(FIRST_SOUND), speaker);
		const [lost, played] = [vi.fn(), vi.fn()];
		expect(await test.listen(lost)).toBe(true);
		const cut = expect(test.hearMyself(played)).rejects.toThrow('given back');
		unplug(stream);
		await cut;
		expect(lost).toHaveBeenCalledTimes(1);
		expect(played).not.toHaveBeenCalled();
		test.close();
	});
});

describe('a microphone that is chosen anew', () => {
	it('takes over while somebody speaks', async () => {
		const [, second] = (await listSoundDevices()).microphones;
		const { desk, news, frames, until, choose } = setup();
		await desk.open();
		desk.setOpen(true);
		await until(() => frames.length > 5);
		choose(second?.id ?? '');
		expect(await desk.renew()).toBe(true);
		await until(() => frames.some(({ port, samples }) => port === 2 && levelDb(samples) > -60));
		expect(news).toEqual([]);
		desk.close();
	});

	it('is the last one chosen, where that was while another was being opened', async () => {
		const [first, second] = (await listSoundDevices()).microphones;
		const getUserMedia = vi.spyOn(navigator.mediaDevices, 'getUserMedia');
		const { desk, choose } = setup();
		const ends = [desk.open()];
		for (const device of [first, second, second]) {
			choose(device?.id ?? '');
			ends.push(desk.renew());
		}
		expect(await Promise.all(ends)).toEqual([true, true, true, true]);
		const opened = getUserMedia.mock.calls.map(([wished]) => wished?.audio);
		expect(opened).toHaveLength(2);
		expect(opened[1]).toMatchObject({ deviceId: { exact: second?.id } });
		desk.close();
	});

	it('is opened for whoever left the stage and came back while the browser was asking', async () => {
		const { desk, frames, until } = setup();
		const left = desk.open();
		desk.close();
		const back = desk.open();
		desk.setOpen(true);
		expect([await left, await back]).toEqual([true, true]);
		await until(() => frames.some(({ samples }) => levelDb(samples) > -60));
		desk.close();
	});

	it('is not opened at all for whoever left the stage and stays away', async () => {
		const { desk, frames } = setup();
		const left = desk.open();
		desk.close();
		expect(await left).toBeNull();
		expect(frames).toEqual([]);
	});

	it('is another where the chosen one is not there, which is told', async () => {
		const { desk, news, choose } = setup();
		choose('f'.repeat(64));
		expect(await desk.open()).toBe(true);
		expect(news).toEqual(['Fake Default Audio Input']);
		desk.close();
	});

	it('leaves the one before in its place where it cannot be had', async () => {
		const { desk, frames, until, choose } = setup();
		await desk.open();
		desk.setOpen(true);
		vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockRejectedValue(
			new DOMException('busy', 'NotReadableError')
		);
		choose(null);
		expect(await desk.renew()).toBe('in-use');
		frames.length = 0;
		await until(() => frames.some(({ port, samples }) => port === 1 && levelDb(samples) > -60));
		desk.close();
	});
});
