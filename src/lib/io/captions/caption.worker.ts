/** Captions in a thread of their own: frames of our microphone in, words out. Nothing it hears leaves it but as words. */
import type { CaptionerNews } from '../ports.ts';
import type { TappedSound, ToCaptioner } from './messages.ts';
import { openMoonshine } from './moonshine.ts';
import { openPackStore } from './pack-store.ts';
import { startRuntime } from './runtime.ts';
import { createScribe, type Scribe } from './scribe.ts';
import { openVoiceDetector } from './voice-detector.ts';

/** The first words take longest: they are made of silence, before anybody speaks. */
const WARM_UP_SAMPLES = 16_000;
/** Progress is drawn, not read: no need to tell more than this often. */
const PROGRESS_EVERY_MS = 100;

let scribe: Scribe | null = null;

const tell = (news: CaptionerNews): void => {
	postMessage(news);
};

onmessage = ({ data }: MessageEvent<ToCaptioner>) => {
	switch (data.type) {
		case 'load':
			load(data).catch((error: unknown) => {
				tell({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
			});
			return;
		case 'listen':
			// What is heard before the models stand is not put into words: it would only be late.
			data.port.onmessage = ({ data: sound }: MessageEvent<TappedSound>) => scribe?.take(sound);
	}
};

async function load({ base, path, glue, unhurried }: Extract<ToCaptioner, { type: 'load' }>) {
	const store = await openPackStore(base);
	let toldMs = -Infinity;
	const loaded = await store.load(
		path,
		(progress) => {
			const isDone = progress.doneBytes >= progress.totalBytes;
			if (!isDone && performance.now() - toldMs < PROGRESS_EVERY_MS) return;
			toldMs = performance.now();
			tell({ type: 'progress', ...progress });
		},
		new AbortController().signal
	);
	const { engine, language } = loaded;
	const none = new Uint8Array(0);
	startRuntime(engine.files['runtime'] ?? none, glue);
	const detector = await openVoiceDetector(engine.files['voiceActivity'] ?? none);
	const recogniser = await openMoonshine(language.pack, language.files);
	await recogniser.words(new Float32Array(WARM_UP_SAMPLES), []);
	const { gate } = language.pack;
	const nowMs = (): number => performance.now();
	scribe = createScribe({ detector, recogniser, gate, unhurried, nowMs, tell });
	tell({ type: 'ready', language: language.pack.language });
}
