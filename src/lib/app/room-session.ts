/** A room on the page: the engine in its Worker, the network it stands on, the microphone and the tap. */
import type { RoutedDrops } from '#lib/io/link/conversation.ts';
import type { PeerId, RecordingId, RoomId } from '#lib/p2p/wire/ids.ts';
import { encodeRoomKey } from '#lib/p2p/wire/room-key.ts';
import type { EngineDiagnostics, FromEngine } from './engine/messages.ts';
import type { Opened } from './microphone-desk.ts';
import { connect } from './session-network.ts';
import { onDiagnostics, onStatus } from './session-news.ts';
import {
	changed,
	disconnect,
	newRun,
	putMicrophoneAway,
	stateOf,
	wish,
	type RoomSessionParts,
	type SessionRun
} from './session-run.ts';
import type { Session } from './session.ts';

/** Children have 0.8 s to move, and last words 0.5 s; a page that cannot even do that leaves all the same. */
const LEAVE_MAX_MS = 2_000;

export interface RoomSession extends Session {
	/** The last the engine said of itself, at most 0.2 s old; null before the first. */
	diagnostics(): EngineDiagnostics | null;
	/** Whom gossip reaches without a seed. */
	neighbours(): readonly PeerId[];
	/** What came to us over the links of others and was dropped. */
	introductionDrops(): RoutedDrops | null;
	readonly room: RoomId;
	readonly roomKey: string;
	/** On the way out, or out. */
	readonly left: boolean;
	/** The recording that goes on; null where there is none. */
	readonly recordingNow: RecordingId | null;
	/** Out of the room, or the room has ended: who wants in again has to enter anew. */
	readonly over: boolean;
	/** The person chose anew how much to give. */
	reconsiderGiving(): void;
	/** The tab goes away now: close the links at once, so that nobody waits for us. */
	abandon(): void;
}

/** Resolves once the engine runs; rejects where this device cannot enter. */
export function openRoomSession(parts: RoomSessionParts): Promise<RoomSession> {
	const run = newRun(parts);
	const session = sessionOf(run);
	let isOurs = false;
	return new Promise((resolve, reject) => {
		parts.host.listen((message) => {
			// A room that was given up on while it was being left may still have something to say.
			isOurs ||= message.type === 'entering';
			if (!isOurs) return;
			onMessage(run, message);
			if (message.type === 'entered') resolve(session);
			if (message.type === 'failed') reject(new Error(message.reason));
		});
		parts.host.post({ type: 'enter', options: parts.options, keySeed: parts.keySeed });
	});
}

function onMessage(run: SessionRun, message: FromEngine): void {
	switch (message.type) {
		case 'order':
			if (run.network === null) run.early.push(message.order);
			else run.network.carry(message.order);
			return;
		case 'status':
			return onStatus(run, message.status);
		case 'diagnostics':
			return onDiagnostics(run, message.diagnostics);
		case 'feedback':
			run.feedback = message.what;
			return changed(run);
		case 'recorder':
			run.recorder = message.status;
			return changed(run);
		case 'report-preview':
		case 'report':
			return run.reports.hear(message);
		case 'microphone':
			return run.desk.setOpen(message.open);
		case 'entered':
			return connect(run);
		case 'left':
		case 'failed':
			return disconnect(run);
		// What whoever starts the engine waits for, and by what we know that it is in our room.
		case 'ready':
		case 'entering':
			return;
	}
}

function sessionOf(run: SessionRun): RoomSession {
	const { host, options } = run.parts;
	return {
		subscribe(listener) {
			run.listeners.add(listener);
			if (run.status !== null) listener(stateOf(run, run.status));
			return () => run.listeners.delete(listener);
		},
		listen: () => host.speaker?.resume(),
		unmute: () => {
			unmute(run);
		},
		mute: () => mute(run),
		ask: () => wish(run, { type: 'ask' }),
		unask: () => wish(run, { type: 'unask' }),
		accept: (invitation) => wish(run, { type: 'accept', invitation }),
		decline: (invitation) => wish(run, { type: 'decline', invitation }),
		consent: (answer) => wish(run, { type: 'consent', answer }),
		moderate: (act) => wish(run, act),
		lockRoom: () => wish(run, { type: 'lock' }),
		answerDoor: (peer, admit) => wish(run, { type: 'answer-door', peer, admit }),
		orderHands: (order) => wish(run, { type: 'queue-order', order }),
		stepDown() {
			putMicrophoneAway(run);
			wish(run, { type: 'step-down' });
		},
		beginReport: (about) => run.reports.begin(about),
		silence: (on) => run.parts.sound.silence(on),
		quiet: (person) => keep(run.parts.quiet.put(person)),
		unquiet: (peer) => keep(run.parts.quiet.forget(peer)),
		react: (code) => wish(run, { type: 'react', code }),
		watchReactions(listener) {
			run.reactionListeners.add(listener);
			return () => run.reactionListeners.delete(listener);
		},
		answerCaptions: (yes) => run.captionDesk.answer(yes),
		speak: (language) => run.captionDesk.speak(language),
		watchCaptions: (listener) => run.captions.watch(listener),
		transcript: () => run.captions.lines(),
		say: (text) => wish(run, { type: 'say', text }),
		unsay: (said) => wish(run, { type: 'unsay', said }),
		chat: () => run.chat.messages(),
		watchChat: (listener) => run.chat.watch(listener),
		summary: () => run.summary.summary,
		watchNetwork(listener) {
			run.networkListeners.add(listener);
			if (run.diagnostics !== null) listener(run.diagnostics);
			return () => run.networkListeners.delete(listener);
		},
		leave: () => leave(run),
		reconsiderGiving: () => run.parts.giving.reconsider(),
		diagnostics: () => run.diagnostics,
		neighbours: () => run.parts.node.neighbours.list(),
		introductionDrops: () => run.network && { ...run.network.introductionDrops },
		room: options.room,
		roomKey: encodeRoomKey(options.room),
		get recordingNow() {
			return run.left ? null : (run.recorder?.id ?? null);
		},
		get left() {
			return run.left || run.leaving !== null;
		},
		get over() {
			const phase = run.status?.view.phase;
			return phase === 'removed' || phase === 'ended';
		},
		abandon: () => run.network?.stop()
	};
}

/** It holds for as long as this page lives, kept or not. */
function keep(kept: Promise<void>): void {
	kept.catch((error: unknown) => {
		console.warn(error);
	});
}

function unmute(run: SessionRun): void {
	if (run.openingMicrophone) return;
	run.problem = null;
	run.openingMicrophone = true;
	changed(run);
	const settle = (outcome: Opened): void => {
		// Muted or off the stage since then; or wished anew, and told already.
		if (!run.openingMicrophone) return;
		run.openingMicrophone = false;
		if (outcome === true) wish(run, { type: 'unmute' });
		else run.problem = outcome;
		changed(run);
	};
	run.desk.open().then(settle, () => {
		settle('unsupported');
	});
}

function mute(run: SessionRun): void {
	run.openingMicrophone = false;
	wish(run, { type: 'mute' });
	changed(run);
}

function leave(run: SessionRun): Promise<void> {
	if (run.left) return Promise.resolve();
	run.leaving ??= new Promise((resolve) => {
		const giveUp = run.parts.clock.wake(run.parts.clock.nowMs() + LEAVE_MAX_MS, () => {
			disconnect(run);
		});
		run.onLeft = () => {
			giveUp();
			resolve();
		};
		run.parts.host.post({ type: 'leave' });
	});
	return run.leaving;
}
