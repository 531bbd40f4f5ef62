import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ANY_MICROPHONE, openMicrophone, type Microphone } from '#lib/io/audio/microphone.ts';
import { CAPTURE_PROCESSOR, type CapturedFrame } from '#lib/io/audio/worklet-names.ts';
import { levelDb, median, quarterDelays, RATE, voiceLike } from '../lib/sound.ts';
import { setupVoice, type VoiceSetup } from '../lib/voice.ts';

let voice: VoiceSetup;
let microphone: Microphone | null = null;

beforeEach(async () => {
	voice = await setupVoice();
});

afterEach(() => {
	microphone?.close();
	microphone = null;
	voice.close();
});

async function openFake(): Promise<Microphone> {
	const outcome = await openMicrophone(voice.speaker.context, ANY_MICROPHONE, () => undefined);
	if (!outcome.ok) throw new Error(outcome.reason);
	microphone = outcome.microphone;
	return microphone;
}

/** The next `count` frames of a port. */
function captured(port: MessagePort, count: number): Promise<CapturedFrame[]> {
	const frames: CapturedFrame[] = [];
	return new Promise((resolve) => {
		port.onmessage = ({ data }: MessageEvent<CapturedFrame>) => {
			if (frames.push(data) === count) resolve(frames);
		};
	});
}

describe.each([
	{ way: 'read from its track', withoutProcessor: false },
	{ way: 'read by the worklet, where the browser has no other way', withoutProcessor: true }
])('a microphone $way', ({ withoutProcessor }) => {
	beforeEach(() => {
		if (withoutProcessor) vi.stubGlobal('MediaStreamTrackProcessor', undefined);
	});
	afterEach(() => vi.unstubAllGlobals());

	it('cuts the microphone into fifty frames a second', async () => {
		const { port } = await openFake();
		const frames = await captured(port, 76);
		expect(frames.every(({ samples }) => samples.length === 960)).toBe(true);
		const tookMs = (frames.at(-1)?.atMs ?? 0) - (frames[0]?.atMs ?? 0);
		expect(tookMs).toBeGreaterThan(1350);
		expect(tookMs).toBeLessThan(1650);
	});

	it('gives silent frames while muted, and sound again afterwards', async () => {
		const opened = await openFake();
		const { port } = opened;
		opened.setMuted(true);
		await captured(port, 10);
		const muted = await captured(port, 60);
		opened.setMuted(false);
		const open = await captured(port, 120);
		expect(Math.max(...muted.map(({ samples }) => levelDb(samples)))).toBe(-Infinity);
		expect(Math.max(...open.map(({ samples }) => levelDb(samples)))).toBeGreaterThan(-60);
	});
});

it('carries a voice from a captured node to the output', async () => {
	const { context } = voice.speaker;
	const source = voiceLike(4);
	const buffer = context.createBuffer(1, source.length, RATE);
	buffer.copyToChannel(source, 0);
	const player = new AudioBufferSourceNode(context, { buffer });
	const capture = new AudioWorkletNode(context, CAPTURE_PROCESSOR);
	const { port1, port2 } = new MessageChannel();
	capture.port.postMessage({ type: 'port', port: port1 }, [port1]);
	player.connect(capture).connect(context.destination);
	voice.listenTo(port2, 'ida');
	const recording = voice.record(4, [player]);
	player.start();
	const [heard = source, spoken = source] = await recording;
	const delays = quarterDelays(spoken.subarray(RATE), heard.subarray(RATE), RATE / 5);
	expect(delays.length).toBeGreaterThan(4);
	expect(median(delays.map(({ correlation }) => correlation))).toBeGreaterThan(0.85);
	expect(median(delays.map(({ samples }) => samples)) / 48).toBeLessThan(100);
});
