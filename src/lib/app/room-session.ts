/** A room on the page: the engine in its Worker, the network it stands on, the microphone and the tap. */
import type { PeerNode } from '#lib/io/net/peer-node.ts';
import { browserSimplePeer } from '#lib/io/link/browser-simple-peer.ts';
import { handOver } from '#lib/io/link/hand-over.ts';
import { createLinks } from '#lib/io/link/simple-peer-links.ts';
import type { Clock } from '#lib/io/ports.ts';
import type { PeerOptions, Wish } from '#lib/p2p/peer/io.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { encodeRoomKey } from '#lib/p2p/wire/room-key.ts';
import type { EngineHost } from './engine/engine-host.ts';
import type {
	EngineDiagnostics,
	FromEngine,
	NetworkOrder,
	EngineStatus
} from './engine/messages.ts';
import { createRoomNetwork, type RoomNetwork } from './engine/room-network.ts';
import { createMicrophoneDesk, type MicrophoneDesk } from './microphone-desk.ts';
import type { MicrophoneProblem, Session, SessionState } from './session.ts';
import type { Timeline } from './timeline.ts';

/** Neighbours are told in well under a second; a page that cannot even do that leaves all the same. */
const LEAVE_MAX_MS = 1_500;

export interface RoomSessionParts {
	readonly host: EngineHost;
	readonly node: PeerNode;
	readonly iceServers: readonly RTCIceServer[];
	readonly clock: Clock;
	readonly keySeed: Uint8Array;
	readonly options: PeerOptions;
	readonly timeline: Timeline;
}

export interface RoomSession extends Session {
	/** The last the engine said of itself, at most 0.2 s old; null before the first. */
	diagnostics(): EngineDiagnostics | null;
	readonly roomKey: string;
	readonly left: boolean;
	/** The tab goes away now: close the links at once, so that nobody waits for us. */
	abandon(): void;
}

/** Resolves once the engine runs and has a first view of the room; rejects where this device cannot enter. */
export function openRoomSession(parts: RoomSessionParts): Promise<RoomSession> {
	const { host, node, options, timeline } = parts;
	const listeners = new Set<(state: SessionState) => void>();
	let status: EngineStatus | null = null;
	let lastDiagnostics: EngineDiagnostics | null = null;
	let network: RoomNetwork | null = null;
	let early: NetworkOrder[] = [];
	let problem: MicrophoneProblem | null = null;
	let opening = false;
	let fanout = options.fanout;
	let left = false;
	let onLeft: (() => void) | null = null;

	const desk: MicrophoneDesk = createMicrophoneDesk({
		context: () => host.speaker?.context ?? null,
		onPort: (port) => host.post({ type: 'microphone', port }, [port]),
		onTakenAway() {
			problem = 'taken-away';
			wish({ type: 'mute' });
			changed();
		}
	});

	const wish = (what: Wish): void => host.post({ type: 'wish', wish: what });

	function stateOf(view: EngineStatus): SessionState {
		return {
			view: view.view,
			levels: new Map<PeerId, number>(view.levels),
			needsTap: host.speaker?.needsTap() ?? false,
			microphone: problem,
			openingMicrophone: opening,
			seeds: node.seeds.reached(),
			fanout
		};
	}

	function changed(): void {
		if (status === null) return;
		const state = stateOf(status);
		for (const listener of [...listeners]) listener(state);
	}

	function onStatus(next: EngineStatus): void {
		const wasOnStage = status !== null && status.view.me.role !== 'listener';
		status = next;
		const { me, stage } = next.view;
		const onStage = stage.some((seat) => seat.me);
		if (wasOnStage && !onStage && me.role === 'listener') desk.close();
		changed();
	}

	function onDiagnostics(next: EngineDiagnostics): void {
		lastDiagnostics = next;
		const { membersFoundMs, attachedMs, firstSoundMs } = next.milestones;
		if (membersFoundMs !== null) timeline.mark('roomFound', membersFoundMs);
		if (attachedMs !== null) timeline.mark('attached', attachedMs);
		if (firstSoundMs !== null) timeline.mark('firstSound', firstSoundMs);
	}

	const tellAddress = (): void => {
		const { addrs } = node.contact();
		host.post({ type: 'news', news: { type: 'address', addrs } });
		changed();
	};

	function connect(): void {
		network = createRoomNetwork({
			room: options.room,
			gossip: node.gossip,
			directory: node.directory,
			links: (onEvent) =>
				createLinks({
					me: options.me,
					signalling: node.signalling,
					simplePeer: browserSimplePeer,
					iceServers: parts.iceServers,
					clock: parts.clock,
					onEvent
				}),
			onNews: (news) => host.post({ type: 'news', news }),
			onChannels: (peer, channels) => handOver(host.worker, peer, channels)
		});
		for (const order of early) network.carry(order);
		early = [];
		tellAddress();
	}

	const stopSeeds = node.seeds.onChange(tellAddress);
	host.onSpeakerChange(changed);

	function disconnect(): void {
		if (left) return;
		left = true;
		stopSeeds();
		host.onSpeakerChange(null);
		desk.close();
		network?.stop();
		onLeft?.();
	}

	const session: RoomSession = {
		subscribe(listener) {
			listeners.add(listener);
			if (status !== null) listener(stateOf(status));
			return () => listeners.delete(listener);
		},
		listen: () => host.speaker?.resume(),
		unmute() {
			if (opening) return;
			problem = null;
			opening = true;
			changed();
			desk.open().then(
				(outcome) => {
					opening = false;
					if (outcome === true) wish({ type: 'unmute' });
					else problem = outcome;
					changed();
				},
				() => {
					opening = false;
					problem = 'unsupported';
					changed();
				}
			);
		},
		mute: () => wish({ type: 'mute' }),
		ask: () => wish({ type: 'ask' }),
		unask: () => wish({ type: 'unask' }),
		invite: (peer) => wish({ type: 'invite', peer }),
		accept: (invitation) => wish({ type: 'accept', invitation }),
		decline: (invitation) => wish({ type: 'decline', invitation }),
		stepDown() {
			desk.close();
			wish({ type: 'step-down' });
		},
		setFanout(children) {
			fanout = children;
			wish({ type: 'fanout', children });
			changed();
		},
		leave() {
			if (left) return Promise.resolve();
			return new Promise((resolve) => {
				onLeft = resolve;
				host.post({ type: 'leave' });
				parts.clock.wake(parts.clock.nowMs() + LEAVE_MAX_MS, disconnect);
			});
		},
		diagnostics: () => lastDiagnostics,
		roomKey: encodeRoomKey(options.room),
		get left() {
			return left;
		},
		abandon: () => network?.stop()
	};

	return new Promise((resolve, reject) => {
		const onMessage = (message: FromEngine): void => {
			switch (message.type) {
				case 'order':
					return network === null ? void early.push(message.order) : network.carry(message.order);
				case 'status':
					return onStatus(message.status);
				case 'diagnostics':
					return onDiagnostics(message.diagnostics);
				case 'microphone':
					return desk.setOpen(message.open);
				case 'entered':
					connect();
					return resolve(session);
				case 'left':
					return disconnect();
				case 'failed':
					return reject(new Error(message.reason));
			}
		};
		host.listen(onMessage);
		host.post({ type: 'enter', options, keySeed: parts.keySeed });
	});
}
