/** The page's one AudioContext with the playout worklet in it. Sound and reports go to the worker by a port. */
import { SAMPLE_RATE } from '#lib/p2p/playout/units.ts';
import captureUrl from './capture.worklet.ts?worker&url';
import playoutUrl from './playout.worklet.ts?worker&url';
import { PLAYOUT_PROCESSOR, type WorkletOrder } from './worklet-names.ts';

export interface Speaker {
	/** For the microphone, which joins the same context. */
	readonly context: AudioContext;
	/** What is heard, before it reaches `context.destination`. */
	readonly node: AudioNode;
	/** For the worker, to be transferred: takes `PlayoutMessage`, gives `PlayoutReport`. */
	readonly port: MessagePort;
	/** True while the browser holds the sound back until somebody taps. */
	needsTap(): boolean;
	/** Call it in a tap. Success shows in `needsTap`, announced by `onChange`. */
	resume(): void;
	/** How loud everything is to be, 0 to 1. */
	turn(gain: number): void;
	/** Whether this browser lets us say which loudspeaker plays. */
	readonly canChoose: boolean;
	/** Plays by that device from now on; null: by the one that the system has chosen. False where it is not there. */
	choose(deviceId: string | null): Promise<boolean>;
	/** From a rendered sample to the ear, milliseconds, as far as the browser knows. */
	outputLatencyMs(): number;
	close(): void;
}

export type SpeakerOutcome =
	| { readonly ok: true; readonly speaker: Speaker }
	/** This browser has no AudioWorklet, or opens no output; or its code could not be loaded this time. */
	| {
			readonly ok: false;
			readonly reason: 'unsupported' | 'not-loaded';
			readonly detail: string;
	  };

/** Opens the sound output. `onChange` is called whenever `needsTap` may answer differently. One for each page. */
export async function openSpeaker(onChange: () => void): Promise<SpeakerOutcome> {
	let context: AudioContext | null = null;
	let isLoading = false;
	try {
		allowRecordingWhilePlaying();
		context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: 'interactive' });
		isLoading = 'audioWorklet' in context;
		const { audioWorklet } = context;
		await Promise.all([audioWorklet.addModule(playoutUrl), audioWorklet.addModule(captureUrl)]);
		isLoading = false;
		return { ok: true, speaker: speakerOn(context, onChange) };
	} catch (error) {
		context?.close().catch(() => undefined);
		return { ok: false, reason: isLoading ? 'not-loaded' : 'unsupported', detail: String(error) };
	}
}

function speakerOn(context: AudioContext, onChange: () => void): Speaker {
	const node = new AudioWorkletNode(context, PLAYOUT_PROCESSOR, {
		numberOfInputs: 0,
		outputChannelCount: [2]
	});
	const { port1, port2 } = new MessageChannel();
	const order = (message: WorkletOrder, transfer: Transferable[] = []): void => {
		node.port.postMessage(message, transfer);
	};
	order({ type: 'port', port: port1 }, [port1]);
	node.connect(context.destination);
	context.addEventListener('statechange', onChange);
	return {
		context,
		node,
		port: port2,
		needsTap: () => context.state !== 'running' && context.state !== 'closed',
		resume() {
			// A refusal leaves the context suspended, which is what needsTap tells.
			context.resume().catch(onChange);
		},
		turn: (gain) => order({ type: 'turn', gain }),
		canChoose: canChooseSpeaker(),
		async choose(deviceId) {
			const { setSinkId } = context as ChoosingContext;
			if (setSinkId === undefined) return deviceId === null;
			try {
				await setSinkId.call(context, deviceId ?? '');
				return true;
			} catch {
				return false;
			}
		},
		outputLatencyMs: () => 1000 * (context.baseLatency + outputLatencyOf(context)),
		close() {
			context.removeEventListener('statechange', onChange);
			order({ type: 'close' });
			node.disconnect();
			// Closing a context that is already closed is all that can fail.
			context.close().catch(() => undefined);
		}
	};
}

/** Of the Web Audio API 1.1; Chromium has it since 110. */
interface ChoosingContext {
	readonly setSinkId?: (id: string) => Promise<void>;
}

export const canChooseSpeaker = (): boolean =>
	typeof AudioContext !== 'undefined' && 'setSinkId' in AudioContext.prototype;

/** Safari has no outputLatency. */
function outputLatencyOf(context: AudioContext): number {
	return Number.isFinite(context.outputLatency) ? context.outputLatency : 0;
}

/** iOS turns the sound to the earpiece, or off with the silent switch, unless told what it is for. */
function allowRecordingWhilePlaying(): void {
	const { audioSession } = navigator as { audioSession?: { type: string } };
	if (audioSession) audioSession.type = 'play-and-record';
}
