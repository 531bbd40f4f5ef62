/** The engine in its own thread: channels, core, signing and encoding, away from the busy page. One room at a time. */
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { createOpfsDisk, hasPrivateFiles } from '#lib/io/disk/opfs-disk.ts';
import { RECORDINGS } from '#lib/io/disk/recording-files.ts';
import type { ListenOrder, PlayoutAnswer } from '#lib/io/audio/worklet-names.ts';
import { openIndexedDbStore } from '#lib/io/disk/indexed-db-store.ts';
import { createKeys } from '#lib/io/keys/keys.ts';
import { takeOver } from '#lib/io/link/hand-over.ts';
import type { RoomView } from '#lib/p2p/peer/view.ts';
import type { Keys } from '#lib/io/ports.ts';
import type { Evidence } from '#lib/p2p/peer/evidence.ts';
import type { PeerOptions } from '#lib/p2p/peer/io.ts';
import { RECORDING_ID_BYTES, toHex, type PeerId, type RecordingId } from '#lib/p2p/wire/ids.ts';
import { createEngine, type Engine } from './engine.ts';
import type { EngineStatus, FromEngine, ToEngine } from './messages.ts';
import { previewOf, signedReport, type ReportChoice } from './report-desk.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { createVoice, type Voice } from './voice.ts';

/** How often the page's copy of the diagnostics is renewed. */
const DIAGNOSTICS_INTERVAL_MS = 200;

interface Running {
	readonly engine: Engine;
	readonly voice: Voice;
	readonly recorder: Recorder;
	readonly keys: Keys;
	readonly options: PeerOptions;
	/** What a report is being made of. */
	evidence: Evidence | null;
	readonly stopDiagnostics: () => void;
}

const clock = createSystemClock();
const post = (message: FromEngine): void => {
	postMessage(message);
};
let playout: MessagePort | null = null;
let running: Running | null = null;
/** Messages wait for the one before: entering takes the keys and the disk. */
let turn: Promise<void> = Promise.resolve();

onmessage = (event: MessageEvent<unknown>) => {
	// Channels cannot wait: they are taken in the turn of the event loop that brought them.
	const link = takeOver(event.data);
	if (link !== null) {
		running?.engine.take(link.peer, link.channels);
		return;
	}
	const message = event.data as ToEngine;
	if (message.type === 'enter' || message.type === 'leave') {
		turn = turn.then(() => (message.type === 'enter' ? tryToEnter(message) : leave()));
		return;
	}
	handle(message);
};

function handle(message: Exclude<ToEngine, { type: 'enter' | 'leave' }>): void {
	switch (message.type) {
		case 'news':
			return running?.engine.news(message.news);
		case 'wish':
			return running?.engine.feed({ type: 'wish', wish: message.wish });
		case 'mute-for-me':
		case 'ears':
			return running?.engine.feed(message);
		case 'report-begin':
			return beginReport(message.about);
		case 'report-sign':
			signReport(message).catch(() => post({ type: 'report', file: null }));
			return;
		case 'report-drop':
			if (running !== null) running.evidence = null;
			return;
		case 'playout':
			return takePlayout(message.port);
		case 'microphone':
			return running?.voice.take(message.port, message.music);
		case 'tap':
			return running?.voice.tap(message.port);
	}
}

function beginReport(about: PeerId): void {
	if (running === null) return;
	running.evidence = running.engine.evidence(about);
	post({ type: 'report-preview', preview: previewOf(running.evidence) });
}

async function signReport(choice: ReportChoice): Promise<void> {
	if (running?.evidence == null) return;
	const { evidence, keys, options } = running;
	post({
		type: 'report',
		file: await signedReport(evidence, choice, { keys, room: options.room })
	});
}

/** What is played is compared with the microphone while that is open. */
function listenToOutput(): void {
	const order: ListenOrder = { type: 'listen', on: running?.voice.isOpen ?? false };
	playout?.postMessage(order);
}

function takePlayout(port: MessagePort): void {
	playout = port;
	listenToOutput();
	port.onmessage = ({ data }: MessageEvent<PlayoutAnswer>) => {
		if (data.type === 'heard') running?.voice.played(data);
		else running?.engine.feed({ type: 'playout-report', report: data });
	};
}

async function tryToEnter(message: Extract<ToEngine, { type: 'enter' }>): Promise<void> {
	post({ type: 'entering' });
	try {
		await enter(message);
	} catch (error) {
		post({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
	}
}

async function enter(message: Extract<ToEngine, { type: 'enter' }>): Promise<void> {
	const keys = await createKeys(message.keySeed);
	const store = await openIndexedDbStore();
	const voice = createVoice(
		clock,
		(input) => engine.feed(input),
		(error) => engine.note(error),
		(what) => post({ type: 'feedback', what })
	);
	const recorder = createRecorder({
		clock,
		disk: hasPrivateFiles() ? createOpfsDisk(RECORDINGS) : null,
		store,
		room: message.options.room,
		hostKey: keys.publicKey,
		newId: () => toHex(crypto.getRandomValues(new Uint8Array(RECORDING_ID_BYTES))) as RecordingId,
		taping: () => engine.taping(),
		onStopped: () => {
			const kept = engine.taping()?.kept === true;
			engine.feed({ type: 'wish', wish: { type: 'recording', state: 'off', kept } });
		},
		note: (error) => engine.note(error)
	});
	const engine = createEngine(message.options, {
		clock,
		keys,
		store,
		order: (order) => post({ type: 'order', order }),
		play: (inputs) => playout?.postMessage(inputs),
		onStatus: statusTeller(),
		onMicrophone: (open) => {
			voice.setOpen(open);
			listenToOutput();
			post({ type: 'microphone', open });
		},
		recorder,
		encoder: () => ({ encoded: voice.encoded, dropped: voice.dropped })
	});
	running = {
		engine,
		voice,
		recorder,
		keys,
		options: message.options,
		evidence: null,
		stopDiagnostics: tellRegularly(engine, recorder)
	};
	await engine.start();
	post({ type: 'entered' });
}

/** The view goes out when it is new; levels, ten times a second, go alone. */
function statusTeller(): (status: EngineStatus) => void {
	let told: RoomView | null = null;
	return ({ view, ...others }) => {
		post({ type: 'status', status: { view: view === told ? null : view, ...others } });
		told = view;
	};
}

function tellRegularly(engine: Engine, recorder: Recorder): () => void {
	let told = '';
	const timer = setInterval(() => {
		post({ type: 'diagnostics', diagnostics: engine.diagnostics() });
		const { status } = recorder;
		const text = JSON.stringify(status);
		if (text !== told) post({ type: 'recorder', status });
		told = text;
	}, DIAGNOSTICS_INTERVAL_MS);
	return () => {
		clearInterval(timer);
	};
}

async function leave(): Promise<void> {
	if (running === null) return;
	const { engine, voice, recorder, stopDiagnostics } = running;
	// Whatever goes wrong: the next room has this thread for itself.
	for (const end of [() => engine.leave(), () => recorder.stop()]) {
		await end().catch((error: unknown) => {
			console.warn(error);
		});
	}
	stopDiagnostics();
	voice.close();
	running = null;
	listenToOutput();
	post({ type: 'left' });
}

post({ type: 'ready' });
