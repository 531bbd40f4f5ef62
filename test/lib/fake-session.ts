/** A session without a network: the test says what the state is, and reads which verbs were called. */
import type { EngineDiagnostics } from '#lib/app/engine/messages.ts';
import type { ReportDraft, Session, SessionState } from '#lib/app/session.ts';
import type { RoomSummary } from '#lib/app/summary/room-summary.ts';
import { createRoomChat } from '#lib/app/chat/room-chat.ts';
import { createRoomCaptions } from '#lib/app/captions/room-captions.ts';
import type { CaptionNews, ChatNews, ReactionNews } from '#lib/p2p/peer/io.ts';
import type {
	DeedView,
	ListenerView,
	PersonView,
	PinView,
	RoomView,
	SeatView
} from '#lib/p2p/peer/view.ts';
import { peerIdOf, toHex, type EventId, type PeerId, type RoomId } from '#lib/p2p/wire/ids.ts';
import { encodeAccess } from '#lib/p2p/wire/room-access.ts';
import { encodeRoomKey } from '#lib/p2p/wire/room-key.ts';

export interface FakeSession {
	readonly session: Session;
	/** Verbs called so far, as `verb` or `verb argument`. */
	readonly calls: string[];
	state(): SessionState;
	/** Replaces parts of the state and tells the subscribers. */
	set(changes: Partial<SessionState>): void;
	setView(changes: Partial<RoomView>): void;
	setMe(changes: Partial<RoomView['me']>): void;
	subscribers(): number;
	/** What the engine says of the network, to all who watch. */
	tellNetwork(network: EngineDiagnostics): void;
	/** Somebody reacts. */
	tellReactions(...reactions: readonly ReactionNews[]): void;
	/** Somebody says something, in words. */
	tellCaptions(...news: readonly CaptionNews[]): void;
	tellChat(...news: readonly ChatNews[]): void;
	watchers(): number;
}

export const FAKE_ROOM = 'a1'.repeat(20) as RoomId;
export const FAKE_KEY = encodeRoomKey(FAKE_ROOM);
/** What stands behind the `#` of its link, where it is locked. */
export const FAKE_ACCESS = encodeAccess(FAKE_ROOM, {
	kind: 'secret',
	bytes: new Uint8Array(16).fill(8)
});
export const FAKE_INVITATION = '5e'.repeat(16) as EventId;

/** A stable peer for a name: the portrait of Ana is Ana's in every test and picture. */
export function fakePeer(name: string): PeerId {
	const key = new Uint8Array(32);
	key.set(new TextEncoder().encode(name).subarray(0, 32));
	return peerIdOf(key);
}

export function fakeSeat(name: string, more: Partial<SeatView> = {}): SeatView {
	const peer = fakePeer(name);
	const there = { muted: false, consent: null, reachable: true };
	return { peer, name, role: 'speaker', cohost: false, me: false, ...there, ...more };
}

export function fakeListener(name: string, more: Partial<ListenerView> = {}): ListenerView {
	const quiet = { handUp: false, invited: false, cohost: false, spokenMs: 0 };
	return { peer: fakePeer(name), name, me: false, ...quiet, ...more };
}

export function fakePerson(name: string): PersonView {
	return { peer: fakePeer(name), name, me: false };
}

export function fakePin(text: string, link: string): PinView {
	return { id: idOf(text), text, link, by: fakePerson('Ana') };
}

/** `number` tells it from others, and is its place in the list. */
export function fakeDeed(
	number: number,
	by: PersonView,
	what: DeedView['what'],
	more: Partial<DeedView> = {}
): DeedView {
	return { id: idOf(`deed ${number}`), by, what, whom: null, on: false, ...more };
}

function idOf(text: string): EventId {
	const id = new Uint8Array(16);
	id.set(new TextEncoder().encode(text).subarray(0, 16));
	return toHex(id) as EventId;
}

/** Nobody moderates, and nothing has happened. */
const FAKE_LAW = {
	queueOrder: 'raised',
	speakers: 'invited',
	floorHeld: false,
	settings: { title: 'Evening garden talk', listed: false, language: '', topics: [] },
	captions: false,
	chat: true,
	recording: { state: 'off', kept: false },
	pins: [],
	cohosts: [],
	removed: [],
	deeds: [],
	lock: null,
	access: '',
	ending: null
} as const;

export function fakeView(changes: Partial<RoomView> = {}): RoomView {
	const me = fakePeer('Me');
	return {
		room: FAKE_ROOM,
		roomKey: FAKE_KEY,
		phase: 'joined',
		title: 'Evening garden talk',
		host: fakePeer('Ana'),
		hostAway: false,
		opened: { createdAtMs: 1_790_000_000_000, nonce: '00'.repeat(8) },
		me: {
			peer: me,
			name: 'Me',
			role: 'listener',
			muted: true,
			handUp: false,
			powers: [],
			cohost: false,
			consent: null,
			heldDown: false,
			invitation: null
		},
		stage: [fakeSeat('Ana', { role: 'host' })],
		listeners: [fakeListener('Me', { me: true })],
		listenerCount: 1,
		...FAKE_LAW,
		refusal: null,
		...changes
	};
}

export function fakeState(changes: Partial<SessionState> = {}): SessionState {
	return {
		view: fakeView(),
		levels: new Map(),
		needsTap: false,
		cannotPlay: false,
		microphone: null,
		soundNews: null,
		feedback: null,
		silenced: false,
		openingMicrophone: false,
		hasSpoken: false,
		seeds: 1,
		quieted: [],
		blocked: [],
		recorder: null,
		giving: { children: 4, reason: 'automatic' },
		captioning: { state: 'off' },
		...changes
	};
}

export function fakeSession(
	first: SessionState = fakeState(),
	network: EngineDiagnostics | null = null
): FakeSession {
	const heard = (next: SessionState): SessionState => ({
		...next,
		hasSpoken: next.hasSpoken || next.view.me.role !== 'listener'
	});
	let state = heard(first);
	const calls: string[] = [];
	const subscribers = new Set<(state: SessionState) => void>();
	const set = (changes: Partial<SessionState>): void => {
		state = heard({ ...state, ...changes });
		for (const tell of subscribers) tell(state);
	};
	const setView = (changes: Partial<RoomView>): void => {
		set({ view: { ...state.view, ...changes } });
	};
	const subscribe: Session['subscribe'] = (tell) => {
		subscribers.add(tell);
		tell(state);
		return () => subscribers.delete(tell);
	};
	const onlookers = new Set<(reactions: readonly ReactionNews[]) => void>();
	const watchReactions: Session['watchReactions'] = (tell) => {
		onlookers.add(tell);
		return () => onlookers.delete(tell);
	};
	const captions = createRoomCaptions();
	const chat = createRoomChat();
	const watchers = new Set<(network: EngineDiagnostics) => void>();
	const watchNetwork: Session['watchNetwork'] = (tell) => {
		watchers.add(tell);
		if (network !== null) tell(network);
		return () => watchers.delete(tell);
	};
	return {
		session: fakeVerbs(calls, {
			subscribe,
			watchNetwork,
			watchReactions,
			watchCaptions: captions.watch,
			transcript: captions.lines,
			watchChat: chat.watch,
			chat: chat.messages,
			summary: () => fakeSummary(state.view.room)
		}),
		calls,
		state: () => state,
		set,
		setView,
		setMe: (changes) => {
			setView({ me: { ...state.view.me, ...changes } });
		},
		subscribers: () => subscribers.size,
		tellNetwork: (next) => {
			network = next;
			for (const tell of watchers) tell(next);
		},
		tellReactions: (...reactions) => {
			for (const tell of onlookers) tell(reactions);
		},
		tellCaptions: (...news) => captions.take(news),
		tellChat: (...news) => chat.take(news),
		watchers: () => watchers.size
	};
}

/** As short as it can be read: a test compares it. */
const wordOf = (value: unknown): string =>
	typeof value === 'string' ? value : JSON.stringify(value);

function fakeVerbs(
	calls: string[],
	watching: Pick<
		Session,
		| 'subscribe'
		| 'watchNetwork'
		| 'watchReactions'
		| 'watchCaptions'
		| 'transcript'
		| 'watchChat'
		| 'chat'
		| 'summary'
	>
): Session {
	const call = (...words: readonly (string | number)[]): void => {
		calls.push(words.join(' '));
	};
	return {
		...watching,
		listen: () => {
			call('listen');
		},
		unmute: () => {
			call('unmute');
		},
		mute: () => {
			call('mute');
		},
		ask: () => {
			call('ask');
		},
		unask: () => {
			call('unask');
		},
		accept: (invitation) => {
			call('accept', invitation);
		},
		decline: (invitation) => {
			call('decline', invitation);
		},
		consent: (answer) => {
			call('consent', answer);
		},
		moderate: (act) => {
			// On its way to the engine's thread it is copied: what cannot be copied must not pass here either.
			const { type, ...more } = structuredClone(act);
			call('moderate', type, ...Object.values(more).map(wordOf));
		},
		lockRoom: () => {
			call('lockRoom');
		},
		answerDoor: (peer, admit) => {
			call('answerDoor', peer, admit ? 'in' : 'away');
		},
		orderHands: (order) => {
			call('orderHands', order);
		},
		stepDown: () => {
			call('stepDown');
		},
		beginReport: (about) => {
			call('beginReport', about);
			return Promise.resolve(fakeReport(call, about));
		},
		silence: (on) => {
			call('silence', on ? 'on' : 'off');
		},
		quiet: ({ peer, how }) => {
			call('quiet', peer, how);
		},
		unquiet: (peer) => {
			call('unquiet', peer);
		},
		react: (code) => {
			call('react', code);
		},
		say: (text) => {
			call('say', text);
		},
		unsay: (said) => {
			call('unsay', said);
		},
		answerCaptions: (yes) => {
			call('answerCaptions', yes ? 'yes' : 'no');
		},
		speak: (language) => {
			call('speak', language ?? 'as the room');
		},
		leave: () => {
			call('leave');
			return Promise.resolve();
		}
	};
}

/** Of an evening of an hour. */
function fakeSummary(room: RoomId): RoomSummary {
	const fromMs = Date.UTC(2026, 10, 2, 18);
	const moments = Array.from({ length: 61 }, (_, minute) => ({
		atMs: fromMs + minute * 60_000,
		listeners: Math.round(42 * Math.sin((minute / 66) * Math.PI)) + (minute % 7)
	}));
	const spoken = (name: string, spokenMs: number) => ({ peer: fakePeer(name), name, spokenMs });
	return {
		room,
		title: 'Evening garden talk',
		untilMs: fromMs + 3_600_000,
		moments,
		peak: { atMs: fromMs + 34 * 60_000, listeners: 48 },
		speakers: [spoken('Ana', 1_312_000), spoken('Béla', 745_000), spoken('Chidi', 61_000)],
		...{ hands: 9, reactions: 214, messages: 37 }
	};
}

/** Of somebody who spoke for twelve seconds while another said a little. */
function fakeReport(
	call: (...words: readonly (string | number)[]) => void,
	about: PeerId
): ReportDraft {
	const voice = { voiceMs: 12_400, fromMs: 29_100, bytes: 71_000 };
	const other = { voiceMs: 3_100, fromMs: 16_400, bytes: 17_200 };
	return {
		preview: {
			about,
			atMs: 1_790_000_000_000,
			events: 5,
			voices: [
				{ peer: about, name: 'Chidi', ...voice },
				{ peer: fakePeer('Ana'), name: 'Ana', ...other }
			]
		},
		sign: (words, everybody) => {
			call('sign', words, everybody ? 'everybody' : 'alone');
			return Promise.resolve(new TextEncoder().encode('a report'));
		},
		close: () => {
			call('closeReport');
		}
	};
}
