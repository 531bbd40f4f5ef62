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

/** Rejects where its scripts cannot be loaded. What is thrown there later the browser's console tells, and it goes on. */
export async function startEngineHost(): Promise<EngineHost> {
	const worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' });
	let onMessage: ((message: FromEngine) => void) | null = null;
	let onSpeaker: (() => void) | null = null;
	const [loaded, opened] = await Promise.all([isReady(worker), openSpeaker(() => onSpeaker?.())]);
	if (!loaded || (!opened.ok && opened.reason === 'not-loaded')) {
		worker.terminate();
		if (opened.ok) opened.speaker.close();
		throw new Error('The engine could not be loaded.');
	}
	worker.onmessage = ({ data }: MessageEvent<FromEngine>) => onMessage?.(data);
	const post = (message: ToEngine, transfer: Transferable[] = []): void => {
		worker.postMessage(message, transfer);
	};
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

/** The first thing it says is that it is there. */
function isReady(worker: Worker): Promise<boolean> {
	return new Promise((resolve) => {
		worker.onmessage = () => resolve(true);
		worker.onerror = () => resolve(false);
	});
}

/** Browsers start sound on a gesture, whatever it is for: whoever unmutes has no need to tap "Listen" as well. */
function resumeOnGesture(speaker: Speaker): void {
	const resume = (): void => {
		if (speaker.needsTap()) speaker.resume();
	};
	for (const gesture of ['click', 'keydown']) addEventListener(gesture, resume, { capture: true });
}
