/** The microphone of this device, as frames of 20 ms for the worker. Failing is an ordinary outcome here. */
import type { CaptureOrder } from './capture.worker.ts';
// In the app itself: who is brought up when the seed is gone has nowhere to load it from.
import CaptureWorker from './capture.worker.ts?worker&inline';
import captureUrl from './capture.worklet.ts?worker&url';
import { CAPTURE_PROCESSOR, type WorkletOrder } from './worklet-names.ts';

/** Which microphone, and how it is to hear. */
export interface MicrophoneWish {
	/** Null: the one that the system has chosen. */
	readonly deviceId: string | null;
	/** Echo cancelled, noise suppressed, loudness evened out: made for voices, and bad for music. */
	readonly processing: boolean;
	/** Left and right apart, where the device has both. */
	readonly stereo: boolean;
}

export const ANY_MICROPHONE: MicrophoneWish = { deviceId: null, processing: true, stereo: false };

export interface Microphone {
	/** As the browser names the device; may be empty. */
	readonly label: string;
	/** For the worker, to be transferred: gives `CapturedFrame`, 50 a second, silent ones while muted. */
	readonly port: MessagePort;
	/** Muted, the track stays open (no new question to the person) and gives digital silence. */
	setMuted(muted: boolean): void;
	/** Gives the microphone back; the browser's recording sign goes out. */
	close(): void;
}

export type MicrophoneRefusal =
	/** By the person, the browser's settings or the page's policy. */
	| 'refused'
	| 'missing'
	/** Another program holds it, or the device is broken. */
	| 'in-use'
	/** It went away while it was being opened. */
	| 'taken-away'
	/** This browser, or this page without TLS, has no microphones. */
	| 'unsupported';

export type MicrophoneOutcome =
	| { readonly ok: true; readonly microphone: Microphone }
	| { readonly ok: false; readonly reason: MicrophoneRefusal };

function constraintsOf({ deviceId, processing, stereo }: MicrophoneWish): MediaTrackConstraints {
	return {
		...(deviceId === null ? {} : { deviceId: { exact: deviceId } }),
		channelCount: stereo ? 2 : 1,
		echoCancellation: processing,
		noiseSuppression: processing,
		autoGainControl: processing
	};
}

/**
 * Asks for the microphone and connects it. `context` is the speaker's, whose capture worklet is loaded. A device that was
 * wished by its id and is not there is 'missing': no other is taken instead.
 * `onTakenAway` is called once if the device goes or the permission is withdrawn; `close` is then still due.
 */
export async function openMicrophone(
	context: AudioContext,
	wish: MicrophoneWish,
	onTakenAway: () => void
): Promise<MicrophoneOutcome> {
	const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
	if (mediaDevices === undefined) return { ok: false, reason: 'unsupported' };
	let stream: MediaStream | null = null;
	try {
		stream = await mediaDevices.getUserMedia({ audio: constraintsOf(wish) });
		const { stereo } = wish;
		return { ok: true, microphone: await microphoneOn(stream, { context, stereo, onTakenAway }) };
	} catch (error) {
		stream?.getTracks().forEach((track) => {
			track.stop();
		});
		return { ok: false, reason: refusalOf(error) };
	}
}

const GONE = 'InvalidStateError';
const hasEnded = (track: MediaStreamTrack): boolean => track.readyState === 'ended';
const gone = (): DOMException => new DOMException('Its track has ended.', GONE);

/** The names are those of the Media Capture and Streams standard, 10.3.4. */
function refusalOf(error: unknown): MicrophoneRefusal {
	switch (error instanceof DOMException ? error.name : '') {
		case 'NotAllowedError':
		case 'SecurityError':
			return 'refused';
		case 'NotFoundError':
		case 'OverconstrainedError':
			return 'missing';
		case 'NotReadableError':
		case 'AbortError':
			return 'in-use';
		case GONE:
			return 'taken-away';
		default:
			return 'unsupported';
	}
}

interface CaptureParts {
	readonly context: AudioContext;
	readonly stereo: boolean;
	readonly onTakenAway: () => void;
}

async function microphoneOn(
	stream: MediaStream,
	{ context, stereo, onTakenAway }: CaptureParts
): Promise<Microphone> {
	const [track] = stream.getAudioTracks();
	if (track === undefined) throw new DOMException('No audio track.', 'NotFoundError');
	if (hasEnded(track)) throw gone();
	const { port1, port2 } = new MessageChannel();
	const capture = { port: port1, stereo };
	const stop =
		captureDirectly(track, capture) ?? (await captureByWorklet(stream, context, capture));
	// Whoever listens for its end from here on would wait for ever.
	if (hasEnded(track)) {
		stop();
		throw gone();
	}
	track.addEventListener('ended', onTakenAway, { once: true });
	return {
		label: track.label,
		port: port2,
		setMuted(muted) {
			track.enabled = !muted;
		},
		close() {
			track.removeEventListener('ended', onTakenAway);
			track.stop();
			stop();
		}
	};
}

/** Of the mediacapture-transform draft; Chromium has it on the page. */
type TrackProcessor = new (init: { readonly track: MediaStreamTrack }) => {
	readonly readable: ReadableStream<AudioData>;
};

interface Capture {
	readonly port: MessagePort;
	readonly stereo: boolean;
}

/** Null where this browser cannot; then the worklet does. Gives how to stop. */
function captureDirectly(track: MediaStreamTrack, capture: Capture): (() => void) | null {
	const { MediaStreamTrackProcessor } = globalThis as {
		MediaStreamTrackProcessor?: TrackProcessor;
	};
	if (MediaStreamTrackProcessor === undefined) return null;
	const sound = new MediaStreamTrackProcessor({ track }).readable;
	const worker = new CaptureWorker();
	const order: CaptureOrder = { sound, ...capture };
	worker.postMessage(order, [sound, capture.port]);
	return () => worker.terminate();
}

async function captureByWorklet(
	stream: MediaStream,
	shared: AudioContext,
	capture: Capture
): Promise<() => void> {
	const source = await sourceFor(stream, shared);
	const node = new AudioWorkletNode(source.context, CAPTURE_PROCESSOR, { numberOfInputs: 1 });
	const order = (message: WorkletOrder, transfer: Transferable[] = []): void => {
		node.port.postMessage(message, transfer);
	};
	order({ type: 'port', ...capture }, [capture.port]);
	// Its output is silent; only what leads to the destination is sure to be rendered.
	source.connect(node).connect(source.context.destination);
	return () => {
		order({ type: 'close' });
		source.disconnect();
		node.disconnect();
		// Only a context of our own is ours to close; a closed one may refuse, which is as good.
		if (source.context !== shared) source.context.close().catch(() => undefined);
	};
}

type Source = MediaStreamAudioSourceNode & { readonly context: AudioContext };

/** Firefox refuses to join a microphone to a context of another sample rate: it then gets one of its own. */
async function sourceFor(stream: MediaStream, shared: AudioContext): Promise<Source> {
	try {
		return shared.createMediaStreamSource(stream) as Source;
	} catch {
		const own = new AudioContext({ latencyHint: 'interactive' });
		await own.audioWorklet.addModule(captureUrl);
		return own.createMediaStreamSource(stream) as Source;
	}
}
