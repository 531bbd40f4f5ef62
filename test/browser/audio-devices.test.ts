import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ANY_MICROPHONE, openMicrophone } from '#lib/io/audio/microphone.ts';
import { openSpeaker, type Speaker } from '#lib/io/audio/speaker.ts';
import type { CapturedFrame } from '#lib/io/audio/worklet-names.ts';
import { goertzelDb } from '../lib/sound.ts';

let speaker: Speaker;
let changed: () => void = () => undefined;

beforeEach(async () => {
	const outcome = await openSpeaker(() => {
		changed();
	});
	if (!outcome.ok) throw new Error(outcome.detail);
	speaker = outcome.speaker;
});

afterEach(() => {
	vi.restoreAllMocks();
	changed = () => undefined;
	speaker.close();
});

function nextChange(): Promise<void> {
	return new Promise((resolve) => {
		changed = resolve;
	});
}

function microphoneGives(stream: MediaStream): void {
	vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockResolvedValue(stream);
}

describe('the speaker', () => {
	it('needs a tap while the sound is held back, and none afterwards', async () => {
		if (speaker.needsTap()) await nextChange();
		const heldBack = nextChange();
		await speaker.context.suspend();
		await heldBack;
		expect(speaker.needsTap()).toBe(true);
		const back = nextChange();
		speaker.resume();
		await back;
		expect(speaker.needsTap()).toBe(false);
	});

	it('tells how late its sound is', () => {
		expect(speaker.outputLatencyMs()).toBeGreaterThan(0);
		expect(speaker.outputLatencyMs()).toBeLessThan(500);
	});
});

describe('the microphone', () => {
	it.each([
		['NotAllowedError', 'refused'],
		['SecurityError', 'refused'],
		['NotFoundError', 'missing'],
		['NotReadableError', 'in-use'],
		['TypeError', 'unsupported']
	])('answers %s with "%s"', async (name, reason) => {
		const error = new DOMException('no', name);
		vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockRejectedValue(error);
		const outcome = await openMicrophone(speaker.context, ANY_MICROPHONE, () => undefined);
		expect(outcome).toEqual({ ok: false, reason });
	});

	it('tells once that it was taken away', async () => {
		const stream = new MediaStreamAudioDestinationNode(speaker.context).stream;
		microphoneGives(stream);
		const takenAway = vi.fn();
		const outcome = await openMicrophone(speaker.context, ANY_MICROPHONE, takenAway);
		if (!outcome.ok) throw new Error(outcome.reason);
		const [track] = stream.getAudioTracks();
		track?.dispatchEvent(new Event('ended'));
		track?.dispatchEvent(new Event('ended'));
		expect(takenAway).toHaveBeenCalledTimes(1);
		outcome.microphone.close();
		expect(track?.readyState).toBe('ended');
	});

	it('joins through a context of its own where the browser refuses mixed rates', async () => {
		const other = new AudioContext({ sampleRate: 44_100 });
		const tone = new OscillatorNode(other, { frequency: 440 });
		const destination = new MediaStreamAudioDestinationNode(other);
		tone.connect(destination);
		tone.start();
		microphoneGives(destination.stream);
		vi.spyOn(speaker.context, 'createMediaStreamSource').mockImplementation(() => {
			throw new DOMException('mixed rates', 'NotSupportedError');
		});
		const outcome = await openMicrophone(speaker.context, ANY_MICROPHONE, () => undefined);
		if (!outcome.ok) throw new Error(outcome.reason);
		const samples = await capturedSound(outcome.microphone.port);
		expect(goertzelDb(samples, 440)).toBeGreaterThan(-6);
		outcome.microphone.close();
		await other.close();
	});
});

/** The first frame in which the tone is at its full level. */
function capturedSound(port: MessagePort): Promise<Float32Array> {
	return new Promise((resolve) => {
		port.onmessage = ({ data }: MessageEvent<CapturedFrame>) => {
			if (goertzelDb(data.samples, 440) > -6) resolve(data.samples);
		};
	});
}
