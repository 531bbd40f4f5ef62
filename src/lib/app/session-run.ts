/** A room session while it runs: what the engine and the network report, kept for the screen. */
import type { PeerNode } from '#lib/io/net/peer-node.ts';
import { browserSimplePeer } from '#lib/io/link/browser-simple-peer.ts';
import { handOver } from '#lib/io/link/hand-over.ts';
import { createLinks } from '#lib/io/link/simple-peer-links.ts';
import { createKeys } from '#lib/io/keys/keys.ts';
import type { Clock, Keys } from '#lib/io/ports.ts';
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
import type {
	EngineDiagnostics,
	EngineStatus,
	EngineStatusNews,
	NetworkOrder
} from './engine/messages.ts';
import type { RecorderStatus } from './engine/recorder.ts';
import { createRoomNetwork, type RoomNetwork } from './engine/room-network.ts';
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

/** A crash costs a summary no more than this. */
const SUMMARY_KEPT_MS = 15_000;

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
	feedback: Feedback | null;
	openingMicrophone: boolean;
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
		feedback: null,
		openingMicrophone: false,
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

/** What the person chooses of the microphone holds for the one that is open as well. */
function followSound(run: SessionRun): () => void {
	const { sound } = run.parts;
	const wished = (): string => JSON.stringify(microphoneWish(sound.choice));
	let told = wished();
	const tellEars = (): void => {
		const volumes = sound.volumes.list.map(({ peer, gain }) => [peer, gain] as const);
		run.parts.host.post({ type: 'ears', volumes, placed: sound.choice.placed });
	};
	tellEars();
	const stops = [
		sound.volumes.onChange(tellEars),
		sound.onChange(tellEars),
		sound.onNews((news) => tellSound(run, news)),
		sound.onChange(() => {
			changed(run);
			if (wished() === told) return;
			told = wished();
			run.desk.renew().then(
				(outcome) => {
					run.problem = outcome === true ? null : outcome;
					changed(run);
				},
				(error: unknown) => console.warn(error)
			);
		})
	];
	return () => {
		for (const stop of stops) stop();
	};
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
		microphone: run.problem,
		soundNews: run.soundNews,
		feedback: run.feedback,
		silenced: run.parts.sound.silenced,
		openingMicrophone: run.openingMicrophone,
		seeds: node.seeds.reached(),
		quieted: run.parts.quiet.people,
		blocked: run.parts.blocked.people.map(({ peer }) => peer),
		recorder: run.recorder,
		giving: giving.giving,
		captioning: run.captionDesk.captioning
	};
}

const viewOf = ({ show, parts }: SessionRun, view: RoomView): RoomView =>
	show(view, parts.people.list, parts.node.seeds.reached());

/** Tells the screen. */
export function changed(run: SessionRun): void {
	if (run.status === null) return;
	const state = stateOf(run, run.status);
	for (const listener of [...run.listeners]) listener(state);
}

/** The browser's recording sign should not outlast the seat, nor what was wrong there, nor its question that is unanswered. */
export function putMicrophoneAway(run: SessionRun): void {
	run.desk.close();
	run.openingMicrophone = false;
	run.problem = null;
}

export function onStatus(run: SessionRun, news: EngineStatusNews): void {
	if (run.over) return;
	const before = run.status?.view;
	const view = news.view ?? before;
	if (view === undefined) return;
	run.status = { ...news, view };
	const wasOnStage = before?.stage.some((seat) => seat.me) === true;
	const isOnStage = view.stage.some((seat) => seat.me);
	if (wasOnStage && !isOnStage) putMicrophoneAway(run);
	const { captions, settings } = view;
	run.captionDesk.look({ wanted: captions && isOnStage, roomLanguage: settings.language });
	run.captions.take(news.captions);
	countSummary(run, news);
	run.chat.take(news.chat);
	changed(run);
	if (news.left && view.phase !== 'left') leaveWhatIsOver(run);
	if (news.reactions.length === 0) return;
	for (const listener of [...run.reactionListeners]) listener(news.reactions);
}

/** The host alone counts. */
function countSummary(run: SessionRun, { levels, reactions, chat, left }: EngineStatusNews): void {
	const view = run.status?.view;
	if (view?.me.role !== 'host') return;
	const nowMs = run.parts.clock.nowMs();
	run.summary.look({
		view: viewOf(run, view),
		levels: new Map(levels),
		reactions: reactions.reduce((sum, { count }) => sum + count, 0),
		messages: chat.flatMap(({ text, seenAtMs }) => (text === null ? [] : [seenAtMs])),
		nowMs
	});
	if (nowMs - run.summaryKeptMs >= SUMMARY_KEPT_MS || left) keepSummary(run, nowMs);
}

function keepSummary(run: SessionRun, nowMs: number): void {
	const { summary } = run.summary;
	if (summary.moments.length === 0) return;
	run.summaryKeptMs = nowMs;
	run.parts.summaries.put(summary).catch((error: unknown) => {
		console.warn(error);
	});
}

/** Nothing holds us to a room that is over for us: the engine stops, and the network is let go. */
function leaveWhatIsOver(run: SessionRun): void {
	run.over = true;
	run.parts.host.post({ type: 'leave' });
}

export function onDiagnostics(run: SessionRun, next: EngineDiagnostics): void {
	run.diagnostics = next;
	const { timeline } = run.parts;
	run.parts.data.count(run, next.engine.sentBytes, next.bytes.down);
	const { membersFoundMs, attachedMs, firstSoundMs } = next.milestones;
	if (membersFoundMs !== null) timeline.mark('roomFound', membersFoundMs);
	if (attachedMs !== null) timeline.mark('attached', attachedMs);
	if (firstSoundMs !== null) timeline.mark('firstSound', firstSoundMs);
	lookAtGiving(run, next);
	for (const listener of [...run.networkListeners]) listener(next);
}

function lookAtGiving(run: SessionRun, { role, children, bytes, engine }: EngineDiagnostics): void {
	const { unsent } = engine;
	const uplink = { carried: children.length, packets: bytes.packetsUp, unsent };
	run.parts.giving.look({ onStage: role !== 'listener', uplink });
}

/** The engine runs: give it a network. */
export function connect(run: SessionRun): void {
	const { host, node, options, clock, giving, keySeed, people, quiet } = run.parts;
	const { iceServers, relayOnly } = run.parts;
	const network = createRoomNetwork({
		me: options.me,
		room: options.room,
		keys: keysOf(keySeed),
		clock,
		gossip: node.gossip,
		directory: node.directory,
		calls: node.signalling,
		mayCall: (peer) => node.mayCall(peer),
		links: (signalling, onEvent) =>
			createLinks({
				me: options.me,
				signalling,
				simplePeer: browserSimplePeer,
				iceServers,
				relayOnly,
				clock,
				onEvent
			}),
		onNews: (news) => {
			host.post({ type: 'news', news });
		},
		onChannels: (peer, channels) => {
			handOver(host.worker, peer, channels);
		}
	});
	run.network = network;
	for (const order of run.early) network.carry(order);
	run.early = [];
	// What changed while the engine was starting was not heard there.
	const { children } = giving.giving;
	if (children !== options.fanout) wish(run, { type: 'fanout', children });
	const tellAddress = (): void => {
		host.post({ type: 'news', news: { type: 'address', addrs: node.contact().addrs } });
		changed(run);
	};
	const tellQuiet = (): void => {
		host.post({ type: 'mute-for-me', peers: quiet.people.map(({ peer }) => peer) });
		changed(run);
	};
	run.stopQuiet = quiet.onChange(tellQuiet);
	tellQuiet();
	run.stopSeeds = node.seeds.onChange(tellAddress);
	const tellFollows = (): void => {
		const peers = people.list.map(({ peer }) => peer);
		host.post({ type: 'news', news: { type: 'follows', peers } });
		changed(run);
	};
	run.stopPeople = people.onChange(tellFollows);
	tellFollows();
	run.stopSound = followSound(run);
	host.onSpeakerChange(() => {
		changed(run);
	});
	tellAddress();
}

/** The page's own copy of the keys, which nothing here has to wait for. */
function keysOf(keySeed: Uint8Array): Pick<Keys, 'sign' | 'verify'> {
	const made = createKeys(keySeed);
	return {
		sign: async (message) => (await made).sign(message),
		verify: async (...what) => (await made).verify(...what)
	};
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
