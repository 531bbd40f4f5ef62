/**
 * The page in which both buffers play the same packets. `installNeteq` runs in the page and must stand by
 * itself; `window.tap` is there before it.
 */
import type { StreamReport } from '#lib/p2p/playout/messages.ts';
import type { NeteqAnswer, NeteqOrder } from './neteq.worker.ts';
import type { Tap } from './tap.ts';

/** What both say of themselves so far; counts of samples are turned into milliseconds. */
export interface BufferCounts {
	/** Time that was played or made up. */
	readonly heardMs: number;
	readonly concealedMs: number;
}

export interface Counts {
	readonly ours: BufferCounts;
	readonly native: BufferCounts;
	readonly targetMs: number;
	/** Sum over all samples played of the time they waited, and their number. */
	readonly nativeDelayMs: number;
	readonly nativeEmitted: number;
}

export interface Neteq {
	/** Connects, and encodes what is to be heard. */
	open(samples: readonly number[]): Promise<void>;
	/** Resolves with the epoch time at which packet 0 is due. */
	deliver(trace: {
		readonly paceMs: number;
		readonly lateMs: readonly (number | null)[];
	}): Promise<number>;
	counts(): Promise<Counts>;
	/** Starts threads that calculate for nothing three quarters of the time. */
	keepBusy(threads: number): void;
}

export const installNeteq = (): void => {
	const SAMPLES_PER_MS = 48;
	const { tap } = window as unknown as { tap: Tap };
	const worker = new Worker('/worker.js', { type: 'module' });
	const order = (message: NeteqOrder, transfer: Transferable[] = []): void => {
		worker.postMessage(message, transfer);
	};
	let last: StreamReport | null = null;
	let receiver: RTCRtpReceiver | null = null;

	const answer = (type: NeteqAnswer['type']): Promise<NeteqAnswer> =>
		new Promise((resolve) => {
			const look = ({ data }: MessageEvent<NeteqAnswer>): void => {
				if (data.type !== type) return;
				worker.removeEventListener('message', look);
				resolve(data);
			};
			worker.addEventListener('message', look);
		});
	worker.addEventListener('message', ({ data }: MessageEvent<NeteqAnswer>) => {
		if (data.type === 'report') last = Object.values(data.streams)[0] ?? last;
	});

	const openOurs = async (): Promise<AudioContext> => {
		const context = new AudioContext({ sampleRate: 48_000, latencyHint: 'interactive' });
		await context.audioWorklet.addModule('/worklet.js');
		const node = new AudioWorkletNode(context, 'grapevine-playout', {
			numberOfInputs: 0,
			outputChannelCount: [2]
		});
		const { port1, port2 } = new MessageChannel();
		node.port.postMessage({ type: 'port', port: port1 }, [port1]);
		order({ type: 'playout', port: port2 }, [port2]);
		node.connect(context.destination);
		return context;
	};
	/** A tone, so that the sender never takes it for silence; nobody will hear it. */
	const openNative = async (context: AudioContext): Promise<void> => {
		const tone = context.createOscillator();
		const source = context.createMediaStreamDestination();
		tone.connect(source);
		tone.start();
		const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()];
		near.onicecandidate = ({ candidate }) => void far.addIceCandidate(candidate ?? undefined);
		far.onicecandidate = ({ candidate }) => void near.addIceCandidate(candidate ?? undefined);
		const heard = new Promise<RTCTrackEvent>((resolve) => {
			far.ontrack = (event) => {
				event.receiver.transform = new RTCRtpScriptTransform(worker, {});
				resolve(event);
			};
		});
		for (const track of source.stream.getAudioTracks()) near.addTrack(track, source.stream);
		await near.setLocalDescription();
		await far.setRemoteDescription(near.localDescription as RTCSessionDescription);
		await far.setLocalDescription();
		await near.setRemoteDescription(far.localDescription as RTCSessionDescription);
		const event = await heard;
		receiver = event.receiver;
		tap.playing = event.track;
		const element = new Audio();
		element.srcObject = new MediaStream([event.track]);
		await element.play();
	};
	const nativeStats = async (): Promise<Record<string, number>> => {
		let found: Record<string, number> = {};
		(await receiver?.getStats())?.forEach((stats: RTCStats) => {
			if (stats.type === 'inbound-rtp') found = stats as unknown as Record<string, number>;
		});
		return found;
	};

	const neteq: Neteq = {
		async open(samples) {
			await openNative(await openOurs());
			const encoded = answer('encoded');
			order({ type: 'encode', samples: Float32Array.from(samples) });
			await encoded;
		},
		async deliver({ paceMs, lateMs }) {
			const began = answer('began');
			order({ type: 'deliver', paceMs, lateMs });
			return ((await began) as { readonly startMs: number }).startMs;
		},
		async counts() {
			const stats = await nativeStats();
			const of = (name: string): number => stats[name] ?? 0;
			const { played = 0, concealed = 0, targetMs = 0 } = last ?? {};
			return {
				ours: { heardMs: 20 * (played + concealed), concealedMs: 20 * concealed },
				native: {
					heardMs: of('totalSamplesReceived') / SAMPLES_PER_MS,
					concealedMs: of('concealedSamples') / SAMPLES_PER_MS
				},
				targetMs,
				nativeDelayMs: of('jitterBufferDelay') * 1000,
				nativeEmitted: of('jitterBufferEmittedCount')
			};
		},
		keepBusy(threads) {
			const code = `setInterval(() => {
				const endMs = performance.now() + 60;
				while (performance.now() < endMs);
			}, 80);`;
			const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
			for (let i = 0; i < threads; i++) new Worker(url);
		}
	};
	Object.assign(window, { neteq });
};

declare global {
	interface Window {
		readonly neteq: Neteq;
	}
}
