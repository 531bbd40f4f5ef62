/** The page's end of the engine: one Worker for the life of the page, and the sound output that belongs to it. */
import { openSpeaker, type Speaker } from '#lib/io/audio/speaker.ts';
import type { FromEngine, ToEngine } from './messages.ts';

export interface EngineHost {
	readonly worker: Worker;
	/** Null where this browser has no AudioWorklet. */
	readonly speaker: Speaker | null;
	post(message: ToEngine, transfer?: Transferable[]): void;
	/** One listener at a time: the room that is open. */
	listen(listener: ((message: FromEngine) => void) | null): void;
	/** Called whenever the browser holds sound back or lets it go. */
	onSpeakerChange(listener: (() => void) | null): void;
}

export async function startEngineHost(): Promise<EngineHost> {
	const worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' });
	let onMessage: ((message: FromEngine) => void) | null = null;
	let onSpeaker: (() => void) | null = null;
	worker.onmessage = ({ data }: MessageEvent<FromEngine>) => onMessage?.(data);
	worker.onerror = (event) => onMessage?.({ type: 'failed', reason: event.message });
	const post = (message: ToEngine, transfer: Transferable[] = []): void => {
		worker.postMessage(message, transfer);
	};
	const opened = await openSpeaker(() => onSpeaker?.());
	if (opened.ok) {
		post({ type: 'playout', port: opened.speaker.port }, [opened.speaker.port]);
		resumeOnGesture(opened.speaker);
	}
	return {
		worker,
		speaker: opened.ok ? opened.speaker : null,
		post,
		listen(listener) {
			onMessage = listener;
		},
		onSpeakerChange(listener) {
			onSpeaker = listener;
		}
	};
}

/** Browsers start sound on a gesture, whatever it is for: whoever unmutes has no need to tap "Listen" as well. */
function resumeOnGesture(speaker: Speaker): void {
	const resume = (): void => {
		if (speaker.needsTap()) speaker.resume();
	};
	for (const gesture of ['click', 'keydown']) addEventListener(gesture, resume, { capture: true });
}
