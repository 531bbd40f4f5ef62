/**
 * Taps in a page: what its microphone gives, and what it plays, sample by sample with the epoch time of each
 * piece. `installTap` runs in the page before everything else and must stand by itself.
 *
 * Mouth: the microphone's track as it is handed to the page. Ear, in the app: what reaches the output of the
 * AudioContext, and the buffer behind it; in a plain page: the remote track in the moment the sound card pulls
 * it. Neither side's path is made longer by being measured, and what devices add is in neither.
 *
 * The microphone is not read through Web Audio at the mouth: that alone takes 20 ms or more, which would be
 * missing from every path that is measured.
 */
import type { Page } from 'playwright';

export type Place =
	| 'mouth'
	/** The microphone once more, where Web Audio has read it, in a page that does. */
	| 'capture'
	| 'ear';

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
	/** A recorder among the nodes of a page, made when the first node is given to it. */
	interface NodeTap {
		add(node: AudioNode): void;
		readonly made: Promise<AudioWorkletNode>;
	}
	interface TrackProcessor {
		readonly readable: ReadableStream;
	}
	const { MediaStreamTrackProcessor } = window as unknown as {
		MediaStreamTrackProcessor: new (init: object) => TrackProcessor;
	};
	const connections: RTCPeerConnection[] = [];
	let microphone: MediaStreamTrack | null = null;

	// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the node as `this` below
	const connect = AudioNode.prototype.connect as (...words: unknown[]) => unknown;
	const nodeTap = (): NodeTap => {
		let tell: (made: AudioWorkletNode) => void = () => undefined;
		const made = new Promise<AudioWorkletNode>((resolve) => (tell = resolve));
		let asked = false;
		const make = async (context: BaseAudioContext): Promise<void> => {
			await context.audioWorklet.addModule(urlOf(workletCode));
			const node = new AudioWorkletNode(context, 'bench-tap');
			connect.call(node, context.destination);
			tell(node);
		};
		return {
			made,
			add(node) {
				if (!asked) void make(node.context);
				asked = true;
				void made.then((tap) => connect.call(node, tap));
			}
		};
	};
	const output = nodeTap();
	const source = nodeTap();
	AudioNode.prototype.connect = function (this: AudioNode, ...words: unknown[]) {
		if (words[0] instanceof AudioDestinationNode) output.add(this);
		if (this instanceof MediaStreamAudioSourceNode) source.add(this);
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
	const ofNode = async <T>(tapped: NodeTap, message: object): Promise<T> => {
		const { port } = await tapped.made;
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
	/** Chromium hands the sound card what was rendered at its last question: one buffer lies behind the output. */
	const outputBufferMs = ({ context }: AudioNode): number =>
		context instanceof AudioContext ? 1000 * context.baseLatency : 0;
	/** A worklet knows whole milliseconds only, rounded down: half of one is missing on average. */
	const ROUNDED_MS = 0.5;

	const tap: Tap = {
		playing: null,
		async record(place, seconds) {
			const want = Math.round(seconds * 48_000);
			const track = place === 'mouth' ? microphone : place === 'ear' ? tap.playing : null;
			if (track !== null) {
				const { blocks, pieces } = await ofTrack(track, want);
				return { samples: await asDataUrl(blocks), pieces, afterMs: 0 };
			}
			if (place === 'mouth') throw new Error('No microphone was asked for.');
			const tapped = place === 'ear' ? output : source;
			const { blocks, pieces } = await ofNode<Pieces>(tapped, { record: want });
			const bufferMs = place === 'ear' ? outputBufferMs(await tapped.made) : 0;
			return { samples: await asDataUrl(blocks), pieces, afterMs: bufferMs + ROUNDED_MS };
		},
		async firstSoundMs() {
			if (tap.playing === null) {
				return (await ofNode<{ firstSoundMs: number }>(output, { first: true })).firstSoundMs;
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
