/** A room session while it runs: what is kept of it for the screen, and how it ends. */
import type { PeerNode } from '#lib/io/net/peer-node.ts';
import type { Clock } from '#lib/io/ports.ts';
import type { PeerOptions, ReactionNews, Wish } from '#lib/p2p/peer/io.ts';
import type { RoomView } from '#lib/p2p/peer/view.ts';
import type { Feedback } from '#lib/p2p/voice/feedback.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import {
	createCaptionDesk,
	type CaptionDesk,
	type CaptionDeskParts
} from './captions/caption-desk.ts';
import { createRoomChat, type RoomChat } from './chat/room-chat.ts';
import { createRoomCaptions, type RoomCaptions } from './captions/room-captions.ts';
import type { EngineHost } from './engine/engine-host.ts';
import type { EngineDiagnostics, EngineStatus, NetworkOrder } from './engine/messages.ts';
import type { RecorderStatus } from './engine/recorder.ts';
import type { RoomNetwork } from './engine/room-network.ts';
import type { DataUse } from './network/data-use.ts';
import type { QuietList } from './quiet-list.ts';
import type { GivingDesk } from './giving-desk.ts';
import { createMicrophoneDesk, type MicrophoneDesk } from './microphone-desk.ts';
import type { People } from './people/people.ts';
import type { BlockedList } from './blocked-list.ts';
import { countRoom, type SummaryCount } from './summary/room-summary.ts';
import type { SummaryShelf } from './summary/summary-shelf.ts';
import { createReports, type Reports } from './reports.ts';
import type { MicrophoneProblem, SessionState } from './session.ts';
import { createShownView, type ShowView } from './shown-view.ts';
import { microphoneWish, type SoundDesk } from './sound/sound-desk.ts';
import type { SoundNews } from './sound/sound-news.ts';
import type { Timeline } from './timeline.ts';

export interface RoomSessionParts {
	readonly host: EngineHost;
	readonly node: PeerNode;
	readonly iceServers: readonly RTCIceServer[];
	readonly relayOnly: boolean;
	readonly data: DataUse;
	readonly clock: Clock;
	readonly keySeed: Uint8Array;
	readonly options: PeerOptions;
	readonly timeline: Timeline;
	readonly quiet: QuietList;
	readonly blocked: Pick<BlockedList, 'people'>;
	/** Closed with the session. */
	readonly giving: GivingDesk;
	readonly people: People;
	readonly sound: SoundDesk;
	readonly summaries: SummaryShelf;
	/** Where captions of our own words come from, and what the person chose of them. */
	readonly captioning: Pick<CaptionDeskParts, 'source' | 'choice' | 'choose' | 'ownLanguage'>;
	/** Called once, whatever the reason. */
	readonly onLeft: () => void;
}

export interface SessionRun {
	readonly parts: RoomSessionParts;
	readonly desk: MicrophoneDesk;
	readonly reports: Reports;
	readonly captions: RoomCaptions;
	readonly chat: RoomChat;
	readonly summary: SummaryCount;
	/** When the summary was kept last. */
	summaryKeptMs: number;
	readonly captionDesk: CaptionDesk;
	readonly listeners: Set<(state: SessionState) => void>;
	readonly reactionListeners: Set<(reactions: readonly ReactionNews[]) => void>;
	readonly networkListeners: Set<(network: EngineDiagnostics) => void>;
	status: EngineStatus | null;
	diagnostics: EngineDiagnostics | null;
	recorder: RecorderStatus | null;
	network: RoomNetwork | null;
	/** Orders given before the network side stood; an engine that starts gives a handful. */
	early: NetworkOrder[];
	problem: MicrophoneProblem | null;
	soundNews: SoundNews | null;
	/** The last that was taken from the desk of sound. */
	speakerNews: SoundNews | null;
	feedback: Feedback | null;
	openingMicrophone: boolean;
	hasSpoken: boolean;
	left: boolean;
	/** Removed, or the room has ended, and the core has gone: what was seen last stays on the screen. */
	over: boolean;
	onLeft: (() => void) | null;
	/** Once we go: settles when we have gone. */
	leaving: Promise<void> | null;
	stopSeeds: () => void;
	stopPeople: () => void;
	readonly show: ShowView;
	stopQuiet: () => void;
	stopSound: () => void;
}

export function newRun(parts: RoomSessionParts): SessionRun {
	const run: SessionRun = {
		parts,
		desk: createMicrophoneDesk({
			context: () => parts.host.speaker?.context ?? null,
			wish: () => microphoneWish(parts.sound.choice),
			nowMs: () => parts.clock.nowMs(),
			onInstead: (label) => tellSound(run, { type: 'microphone-instead', label }),
			onPort: (port) => {
				const { music } = parts.sound.choice;
				parts.host.post({ type: 'microphone', port, music }, [port]);
			},
			onTakenAway: () => {
				run.problem = 'taken-away';
				wish(run, { type: 'mute' });
				changed(run);
			}
		}),
		reports: createReports((message) => parts.host.post(message)),
		captions: createRoomCaptions(),
		chat: createRoomChat(),
		summary: countRoom(parts.options.room, parts.summaries.find(parts.options.room)),
		summaryKeptMs: 0,
		captionDesk: createCaptionDesk({
			...parts.captioning,
			tap: (port) => parts.host.post({ type: 'tap', port }, port === null ? [] : [port]),
			wish: (what) => wish(run, what),
			onChange: () => changed(run)
		}),
		listeners: new Set(),
		reactionListeners: new Set(),
		networkListeners: new Set(),
		status: null,
		diagnostics: null,
		recorder: null,
		network: null,
		early: [],
		problem: null,
		soundNews: null,
		speakerNews: null,
		feedback: null,
		openingMicrophone: false,
		hasSpoken: false,
		left: false,
		over: false,
		onLeft: null,
		leaving: null,
		stopSeeds: () => undefined,
		stopQuiet: () => undefined,
		stopPeople: () => undefined,
		stopSound: () => undefined,
		show: createShownView()
	};
	parts.giving.onChange(({ children }) => {
		wish(run, { type: 'fanout', children });
		changed(run);
	});
	return run;
}

function tellSound(run: SessionRun, news: SoundNews): void {
	run.soundNews = news;
	changed(run);
}

/** What it says is no longer so. */
export function forgetSoundNews(run: SessionRun, type: SoundNews['type']): void {
	if (run.soundNews?.type === type) run.soundNews = null;
}

export function wish(run: SessionRun, what: Wish): void {
	run.parts.host.post({ type: 'wish', wish: what });
}

export function stateOf(run: SessionRun, status: EngineStatus): SessionState {
	const { host, node, giving } = run.parts;
	return {
		view: viewOf(run, status.view),
		levels: new Map<PeerId, number>(status.levels),
		needsTap: host.speaker?.needsTap() ?? false,
		cannotPlay: host.speaker === null,
		microphone: run.problem,
		soundNews: run.soundNews,
		feedback: run.feedback,
		silenced: run.parts.sound.silenced,
		openingMicrophone: run.openingMicrophone,
		hasSpoken: run.hasSpoken,
		seeds: node.seeds.reached(),
		quieted: run.parts.quiet.people,
		blocked: run.parts.blocked.people.map(({ peer }) => peer),
		recorder: run.recorder,
		giving: giving.giving,
		captioning: run.captionDesk.captioning
	};
}

export const viewOf = ({ show, parts }: SessionRun, view: RoomView): RoomView =>
	show(view, parts.people.list, parts.node.seeds.reached());

/** Tells the screen. */
export function changed(run: SessionRun): void {
	if (run.status === null) return;
	const state = stateOf(run, run.status);
	for (const listener of [...run.listeners]) listener(state);
}

/** The browser's recording sign should not outlast the seat, nor anything that was said or asked of the microphone there. */
export function putMicrophoneAway(run: SessionRun): void {
	run.desk.close();
	run.openingMicrophone = false;
	run.problem = null;
	forgetSoundNews(run, 'microphone-instead');
}

/** Lets go of everything. Whatever the engine still says is not heard any more. */
export function disconnect(run: SessionRun): void {
	if (run.left) return;
	run.left = true;
	run.parts.giving.close();
	run.stopSeeds();
	run.stopPeople();
	run.stopQuiet();
	run.stopSound();
	// Who comes into another room wants to hear it.
	run.parts.sound.silence(false);
	run.reports.stop();
	run.parts.host.onSpeakerChange(null);
	run.parts.host.listen(null);
	run.desk.close();
	run.captionDesk.close();
	run.network?.stop();
	run.parts.onLeft();
	run.onLeft?.();
}
