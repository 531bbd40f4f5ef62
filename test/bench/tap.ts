/**
 * Taps in a page: what its microphone gives, and what it plays, sample by sample with the epoch time of each
 * piece. `installTap` runs in the page before everything else and must stand by itself.
 *
 * Mouth: the microphone's track as it is handed to the page. Ear, in the app: what reaches the output of the
 * AudioContext; in a plain page: the remote track in the moment the sound card pulls it. Neither side's path
 * is made longer by being measured, and what a device adds before and after is in neither.
 */
import type { Page } from 'playwright';

export type Place = 'mouth' | 'ear';

/** A recording as it leaves the page: mono, 48 kHz. */
export interface RawRecording {
	/** Samples as little-endian 32-bit floats, as a data URL. */
	readonly samples: string;
	/** Per piece: index of its first sample, its length, epoch milliseconds of its passing. */
	readonly pieces: readonly (readonly [number, number, number])[];
	/** What still lies between the tap and the device, in milliseconds. */
	readonly afterMs: number;
}

export interface Tap {
	/** A plain page says here what it plays; null in the app, which plays through an AudioContext. */
	playing: MediaStreamTrack | null;
	record(place: Place, seconds: number): Promise<RawRecording>;
	/** Resolves with the epoch time of the next loud sample that is played: the first, when asked early. */
	firstSoundMs(): Promise<number>;
	/** Bytes of all WebRTC transports of this page so far, as the browser counts them. */
	transportBytes(): Promise<{ readonly up: number; readonly down: number }>;
}

export const installTap = (): void => {
	/** -40 dBFS: far above the noise of any codec, far below a voice. */
	const LOUD = 0.01;
	const workletCode = `registerProcessor('bench-tap', class extends AudioWorkletProcessor {
		want = 0; waiting = false; blocks = []; pieces = []; at = 0;
		constructor() {
			super();
			this.port.onmessage = ({ data }) => {
				if (data.record) { this.want = data.record; this.blocks = []; this.pieces = []; this.at = 0; }
				else this.waiting = true;
			};
		}
		process(inputs) {
			const block = inputs[0]?.[0];
			if (!block) return true;
			if (this.waiting && block.some((x) => Math.abs(x) > ${LOUD})) {
				this.waiting = false;
				this.port.postMessage({ firstSoundMs: Date.now() });
			}
			if (this.want === 0) return true;
			this.blocks.push(block.slice());
			this.pieces.push([this.at, block.length, Date.now()]);
			this.at += block.length;
			if (this.at >= this.want) {
				this.want = 0;
				this.port.postMessage({ blocks: this.blocks, pieces: this.pieces });
			}
			return true;
		}
	});`;
	const trackCode = `onmessage = async ({ data: { readable, want } }) => {
		const reader = readable.getReader();
		const blocks = [], pieces = [];
		for (let at = 0; at < want; ) {
			const { value, done } = await reader.read();
			if (done) break;
			const atMs = performance.timeOrigin + performance.now();
			if (value.sampleRate !== 48000) throw new Error('The track has ' + value.sampleRate + ' Hz.');
			const block = new Float32Array(value.numberOfFrames);
			value.copyTo(block, { planeIndex: 0, format: 'f32-planar' });
			value.close();
			if (want === 1) {
				if (!block.some((x) => Math.abs(x) > ${LOUD})) continue;
				at = 1;
			} else at += block.length;
			blocks.push(block);
			pieces.push([at - block.length, block.length, atMs]);
		}
		postMessage({ blocks, pieces });
		await reader.cancel();
	};`;
	const urlOf = (code: string): string =>
		URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));

	interface Pieces {
		readonly blocks: Float32Array<ArrayBuffer>[];
		readonly pieces: [number, number, number][];
	}
	interface Output {
		readonly context: BaseAudioContext;
		readonly node: Promise<AudioWorkletNode>;
	}
	interface TrackProcessor {
		readonly readable: ReadableStream;
	}
	const { MediaStreamTrackProcessor } = window as unknown as {
		MediaStreamTrackProcessor: new (init: object) => TrackProcessor;
	};
	const outputs: Output[] = [];
	let tellOutput: (output: Output) => void = () => undefined;
	const firstOutput = new Promise<Output>((resolve) => (tellOutput = resolve));
	const connections: RTCPeerConnection[] = [];
	let microphone: MediaStreamTrack | null = null;

	// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the node as `this` below
	const connect = AudioNode.prototype.connect as (...words: unknown[]) => unknown;
	const outputOf = (context: BaseAudioContext): Output => {
		const known = outputs.find((output) => output.context === context);
		if (known) return known;
		const node = context.audioWorklet.addModule(urlOf(workletCode)).then(() => {
			const made = new AudioWorkletNode(context, 'bench-tap');
			connect.call(made, context.destination);
			return made;
		});
		const made = { context, node };
		outputs.push(made);
		tellOutput(made);
		return made;
	};
	AudioNode.prototype.connect = function (this: AudioNode, ...words: unknown[]) {
		if (words[0] instanceof AudioDestinationNode) {
			void outputOf(this.context).node.then((tap) => connect.call(this, tap));
		}
		return connect.call(this, ...words);
	} as typeof AudioNode.prototype.connect;

	const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
	const ask = mediaDevices?.getUserMedia.bind(mediaDevices);
	if (mediaDevices && ask) {
		mediaDevices.getUserMedia = async (constraints) => {
			const stream = await ask(constraints);
			microphone = stream.getAudioTracks()[0] ?? null;
			return stream;
		};
	}
	window.RTCPeerConnection = class extends RTCPeerConnection {
		constructor(configuration?: RTCConfiguration) {
			super(configuration);
			connections.push(this);
		}
	};

	const ofTrack = (track: MediaStreamTrack, want: number): Promise<Pieces> => {
		const { readable } = new MediaStreamTrackProcessor({ track, maxBufferSize: 100 });
		const worker = new Worker(urlOf(trackCode));
		return new Promise((resolve, reject) => {
			worker.onerror = (event) => {
				reject(new Error(event.message));
			};
			worker.onmessage = ({ data }: MessageEvent<Pieces>) => {
				worker.terminate();
				resolve(data);
			};
			worker.postMessage({ readable, want }, [readable]);
		});
	};
	const ofOutput = async <T>(message: object): Promise<T> => {
		const { port } = await (await firstOutput).node;
		return new Promise((resolve) => {
			port.onmessage = ({ data }: MessageEvent<T>) => {
				resolve(data);
			};
			port.postMessage(message);
		});
	};
	const asDataUrl = (blocks: Float32Array<ArrayBuffer>[]): Promise<string> =>
		new Promise((resolve) => {
			const reader = new FileReader();
			reader.onload = () => {
				resolve(reader.result as string);
			};
			reader.readAsDataURL(new Blob(blocks));
		});
	/** The sound card asks for a buffer ahead of the one it plays: that much lies behind the output node. */
	const afterOutputMs = (): number => {
		const context = outputs[0]?.context;
		const bufferMs = context instanceof AudioContext ? 1000 * context.baseLatency : 0;
		// A worklet knows whole milliseconds only, rounded down: half of one is missing on average.
		return bufferMs + 0.5;
	};

	const tap: Tap = {
		playing: null,
		async record(place, seconds) {
			const want = Math.round(seconds * 48_000);
			const track = place === 'mouth' ? microphone : tap.playing;
			if (place === 'mouth' && track === null) throw new Error('No microphone was asked for.');
			const { blocks, pieces } = await (track === null
				? ofOutput<Pieces>({ record: want })
				: ofTrack(track, want));
			const afterMs = track === null ? afterOutputMs() : 0;
			return { samples: await asDataUrl(blocks), pieces, afterMs };
		},
		async firstSoundMs() {
			if (tap.playing === null) {
				return (await ofOutput<{ firstSoundMs: number }>({ first: true })).firstSoundMs;
			}
			return (await ofTrack(tap.playing, 1)).pieces[0]?.[2] ?? NaN;
		},
		async transportBytes() {
			let [up, down] = [0, 0];
			for (const connection of connections) {
				if (connection.connectionState === 'closed') continue;
				(await connection.getStats()).forEach((stats: RTCStats) => {
					if (stats.type !== 'transport') return;
					const { bytesSent = 0, bytesReceived = 0 } = stats as RTCTransportStats;
					up += bytesSent;
					down += bytesReceived;
				});
			}
			return { up, down };
		}
	};
	Object.assign(window, { tap });
};

export function recordRaw(page: Page, place: Place, seconds: number): Promise<RawRecording> {
	return page.evaluate(([where, length]) => window.tap.record(where, length), [
		place,
		seconds
	] as const);
}

declare global {
	interface Window {
		readonly tap: Tap;
	}
}
