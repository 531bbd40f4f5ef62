/**
 * Microphones as tests need them: one that waits for its owner's yes, and a second one that is unplugged after a while, told
 * apart by its tone. Every microphone of Chromium's that is faked plays the same file, and none can be pulled out. What runs
 * in the page must stand by itself.
 */
import { RATE } from '../lib/sound.ts';
import type { Person } from './drive.ts';

const WAVE_HEAD_BYTES = 44;

/** Opened by its id, a microphone hears the file; when that is over its track ends by itself, as of one that is unplugged. */
export function plugInSecondMicrophone(waveBase64: string): void {
	const { mediaDevices } = navigator;
	const real = mediaDevices.getUserMedia.bind(mediaDevices);
	const wave = Uint8Array.from(atob(waveBase64), (letter) => letter.charCodeAt(0));
	mediaDevices.getUserMedia = async (constraints) => {
		const { audio } = constraints ?? {};
		if (typeof audio !== 'object' || audio.deviceId === undefined) return real(constraints);
		const url = URL.createObjectURL(new Blob([wave], { type: 'audio/wav' }));
		const player = new Audio(url) as HTMLAudioElement & { captureStream(): MediaStream };
		await new Promise((resolve) => {
			player.oncanplaythrough = resolve;
		});
		const stream = player.captureStream();
		await player.play();
		return stream;
	};
}

declare global {
	interface Window {
		answerMicrophone?: () => void;
	}
}

/** The browser asks, and nobody answers before `answerMicrophone`. Runs in the page and must stand by itself. */
export function holdMicrophone(): void {
	const { mediaDevices } = navigator;
	const real = mediaDevices.getUserMedia.bind(mediaDevices);
	const answered = new Promise<void>((resolve) => (window.answerMicrophone = resolve));
	mediaDevices.getUserMedia = async (constraints) => {
		await answered;
		return real(constraints);
	};
}

/** Left and right of equal length, 48 kHz, 16 bits. */
export function stereoWave(left: Float32Array, right: Float32Array): Buffer {
	const file = Buffer.alloc(WAVE_HEAD_BYTES + 4 * left.length);
	file.write('RIFF');
	file.writeUInt32LE(file.length - 8, 4);
	file.write('WAVEfmt ', 8);
	file.writeUInt32LE(16, 16);
	// PCM, two channels, and what follows from them.
	file.writeUInt16LE(1, 20);
	file.writeUInt16LE(2, 22);
	file.writeUInt32LE(RATE, 24);
	file.writeUInt32LE(4 * RATE, 28);
	file.writeUInt16LE(4, 32);
	file.writeUInt16LE(16, 34);
	file.write('data', 36);
	file.writeUInt32LE(4 * left.length, 40);
	left.forEach((sample, i) => {
		file.writeInt16LE(Math.round(32_767 * sample), WAVE_HEAD_BYTES + 4 * i);
		file.writeInt16LE(Math.round(32_767 * (right[i] ?? 0)), WAVE_HEAD_BYTES + 4 * i + 2);
	});
	return file;
}

/**
 * Two ears instead of one: the sound output's left and right apart, from the next that is opened on. Runs in the page and must
 * stand by itself.
 */
export function installTwoEars(): void {
	// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the node as `this` below
	const connect = AudioNode.prototype.connect as (...words: unknown[]) => AudioNode;
	const ears: AnalyserNode[] = [];
	AudioNode.prototype.connect = function (this: AudioNode, ...words: unknown[]) {
		if (words[0] instanceof AudioDestinationNode && ears.length === 0) {
			const splitter = new ChannelSplitterNode(this.context, { numberOfOutputs: 2 });
			connect.call(this, splitter);
			for (const channel of [0, 1]) {
				const ear = new AnalyserNode(this.context, { fftSize: 32_768 });
				connect.call(splitter, ear, channel);
				ears.push(ear);
			}
		}
		return connect.call(this, ...words);
	};
	Object.assign(window, {
		twoEars: () =>
			ears.map((ear) => {
				const samples = new Float32Array(ear.fftSize);
				ear.getFloatTimeDomainData(samples);
				return [...samples];
			})
	});
}

/** What each ear heard in the last 0.7 s. */
export async function twoEarsOf({ page }: Person): Promise<Float32Array[]> {
	const ears = await page.evaluate(() =>
		(window as unknown as { twoEars: () => number[][] }).twoEars()
	);
	return ears.map((samples) => Float32Array.from(samples));
}
