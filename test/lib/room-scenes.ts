/** The states a room can be in, by name: looked at in the pictures, held to their controls in the tests. */
import type { SessionState } from '#lib/app/session.ts';
import type { LockView } from '#lib/p2p/peer/view.ts';
import { POWERS } from '#lib/p2p/wire/act.ts';
import type { RecordingId } from '#lib/p2p/wire/ids.ts';
import {
	FAKE_ACCESS,
	fakeDeed,
	FAKE_INVITATION,
	fakeListener,
	fakePeer,
	fakePerson,
	fakePin,
	fakeSeat,
	fakeState,
	fakeView
} from './fake-session.ts';

const NAMES = [
	'Ana',
	'Béla',
	'Chidi',
	'Dorothea',
	'Emre',
	'Fatou',
	'Guðrún',
	'Hiroshi',
	'Inés',
	'Jakub'
];
const AUDIENCE = [
	'Kaja',
	'Luca',
	'Maximiliane von Hohenfels-Strauß',
	'Noor',
	'Oskar',
	'Priya',
	'Quentin'
];

const ana = fakeSeat('Ana', { role: 'host' });
const meOnStage = fakeSeat('Me', { me: true, name: 'Mira' });
const meListening = fakeListener('Me', { me: true, name: 'Mira' });
const me = fakeView().me;
const audience = AUDIENCE.map((name) => fakeListener(name));

const locked = (more: Partial<LockView>): LockView => ({
	doorClosed: false,
	door: [],
	turnedAway: false,
	...more
});

/** We are the host of a locked room, and two wait at its door. */
function keepingDoor(): SessionState {
	const state = hosting();
	const door = [fakePerson('Quentin'), fakePerson('Zoe')];
	const lock = locked({ doorClosed: true, door });
	return { ...state, view: { ...state.view, lock, access: FAKE_ACCESS } };
}

/** We are the host of a room with hands raised and an invitation out. */
function hosting(): SessionState {
	const peer = fakePeer('Ana');
	return fakeState({
		view: fakeView({
			me: { ...me, peer, name: 'Ana', role: 'host', muted: false, powers: POWERS },
			stage: [{ ...ana, me: true }, fakeSeat('Béla'), fakeSeat('Chidi', { muted: true })],
			listeners: [
				fakeListener('Noor', { handUp: true }),
				fakeListener('Oskar', { handUp: true }),
				fakeListener('Priya', { invited: true }),
				...AUDIENCE.slice(0, 3).map((name) => fakeListener(name))
			],
			listenerCount: 6
		}),
		levels: new Map([[peer, 0.5]])
	});
}

/** Everybody who fits, and more listeners than are known by name. */
function full(): SessionState {
	const stage = NAMES.map((name, i) =>
		fakeSeat(name, { role: i === 0 ? 'host' : 'speaker', muted: i % 3 === 1, reachable: i !== 7 })
	);
	return fakeState({
		view: fakeView({
			stage: [...stage, meOnStage],
			listeners: audience,
			listenerCount: 1204,
			me: speaking
		}),
		levels: new Map([
			[fakePeer('Ana'), 0.2],
			[fakePeer('Dorothea'), 0.9],
			[fakePeer('Me'), 0.5]
		])
	});
}

const speaking = { ...me, name: 'Mira', role: 'speaker', muted: false } as const;

function listening(changes: Partial<SessionState['view']> = {}): SessionState {
	return fakeState({
		view: fakeView({
			me: { ...me, name: 'Mira' },
			stage: [ana, fakeSeat('Béla', { muted: true }), fakeSeat('Chidi'), fakeSeat('Dorothea')],
			listeners: [meListening, ...audience.slice(0, 3)],
			listenerCount: 4,
			...changes
		}),
		levels: new Map([[fakePeer('Chidi'), 0.7]])
	});
}

function onStage(changes: Partial<SessionState> = {}): SessionState {
	const view = { ...listening().view, me: { ...speaking, muted: true } };
	const stage = [ana, fakeSeat('Béla'), { ...meOnStage, muted: true }];
	return fakeState({
		view: { ...view, stage, listeners: audience.slice(0, 3), listenerCount: 3 },
		...changes
	});
}

/** A room with everything that a host can do in it, seen by the host. */
function moderating(): SessionState {
	const { view } = hosting();
	return fakeState({
		view: {
			...view,
			stage: view.stage.map((seat) => (seat.name === 'Béla' ? { ...seat, cohost: true } : seat)),
			queueOrder: 'heard-least',
			listeners: view.listeners.map((one) =>
				one.name === 'Oskar' ? { ...one, spokenMs: 150_000 } : one
			),
			...moderated()
		}
	});
}

/** What has been done in a room, the same for everybody. */
function moderated(): Partial<SessionState['view']> {
	const [host, bela, zoe] = [fakePerson('Ana'), fakePerson('Béla'), fakePerson('Zoe')];
	return {
		floorHeld: true,
		speakers: 'everyone',
		settings: {
			title: 'Evening garden talk',
			listed: true,
			language: 'pt',
			topics: ['gardens', 'moths']
		},
		pins: [
			fakePin('Bring a lamp: we look for moths at ten', ''),
			fakePin('The list of plants', 'https://garden.example/plants/autumn')
		],
		cohosts: [{ ...bela, powers: ['stage', 'sound', 'people', 'room'], untilMs: null }],
		removed: [
			{ ...zoe, blocked: false, by: bela, canReadmit: true },
			{ ...fakePerson(''), blocked: true, by: host, canReadmit: true }
		],
		deeds: [
			fakeDeed(1, host, 'remove', { whom: fakePerson(''), on: true }),
			fakeDeed(2, host, 'remove', { whom: { ...fakePerson(''), peer: fakePeer('x') }, on: true }),
			fakeDeed(3, host, 'name-cohost', { whom: bela }),
			fakeDeed(4, host, 'pin'),
			fakeDeed(5, host, 'speakers'),
			fakeDeed(6, bela, 'remove', { whom: zoe }),
			fakeDeed(7, host, 'floor', { on: true })
		]
	};
}

/** We are a co-host in the audience. */
function cohosting(): SessionState {
	const mine = { ...me, name: 'Mira', cohost: true, powers: ['stage', 'sound'] as const };
	return listening({
		me: mine,
		listeners: [
			{ ...meListening, cohost: true },
			fakeListener('Noor', { handUp: true }),
			...audience.slice(0, 2)
		],
		...moderated(),
		removed: []
	});
}

const alone = (changes: Partial<SessionState['view']>): SessionState =>
	fakeState({ view: fakeView({ stage: [], listeners: [], listenerCount: 0, ...changes }) });

export const ROOM_SCENES = {
	finding: () => alone({ phase: 'finding', title: '' }),
	attaching: () => alone({ phase: 'attaching' }),
	'nobody-there': () => alone({ phase: 'nobody-there', title: '' }),
	left: () => alone({ phase: 'left' }),
	removed: () =>
		alone({
			phase: 'removed',
			removed: [
				{ ...fakePerson('Me'), me: true, blocked: false, by: fakePerson('Ana'), canReadmit: false }
			]
		}),
	'removed-told': () => alone({ phase: 'removed', title: '' }),
	ended: () =>
		alone({
			phase: 'ended',
			ending: 'Thank you all. We meet again on Friday, under the lime tree.',
			deeds: [fakeDeed(1, fakePerson('Ana'), 'end')]
		}),
	reconnecting: () => listening({ phase: 'reconnecting' }),
	'at-door': () => alone({ phase: 'at-door', title: '', lock: locked({ doorClosed: true }) }),
	'turned-away': () =>
		alone({ phase: 'at-door', title: '', lock: locked({ doorClosed: true, turnedAway: true }) }),
	locked: () => alone({ phase: 'locked', title: '' }),
	'keeping-door': () => keepingDoor(),
	moderating,
	cohosting,
	moderated: () => listening(moderated()),
	'host-away': () => listening({ ...moderated(), hostAway: true }),
	recorded: () => {
		const state = onStage();
		const recording = { state: 'on', kept: false } as const;
		return { ...state, view: { ...state.view, recording } };
	},
	/** A speaker in a room that is recorded and has captions, asked about both. */
	'asked-twice': () => {
		const state = onStage({ captioning: { state: 'ask', language: 'en', bytes: 25_400_000 } });
		const recording = { state: 'on', kept: false } as const;
		return { ...state, view: { ...state.view, captions: true, recording } };
	},
	recording: () => {
		const state = moderating();
		return {
			...state,
			view: { ...state.view, recording: { state: 'on', kept: false } },
			recorder: {
				id: '0'.repeat(32) as RecordingId,
				state: 'on',
				bytes: 4_200_000,
				recordedMs: 754_000,
				leftBytes: 140_000_000,
				low: true,
				problem: null
			}
		};
	},
	'held-down': () => {
		const state = onStage();
		const mine = { ...state.view.me, heldDown: true };
		return { ...state, view: { ...state.view, ...moderated(), me: mine } };
	},
	'new-host': () =>
		fakeState({
			view: fakeView({
				me: { ...me, peer: ana.peer, name: 'Ana', role: 'host', powers: POWERS },
				stage: [{ ...ana, me: true, muted: true }],
				listeners: [],
				listenerCount: 0
			})
		}),
	hosting,
	full,
	listening: () => listening(),
	'hand-up': () =>
		listening({ me: { ...me, handUp: true }, listeners: [{ ...meListening, handUp: true }] }),
	unheard: () => ({
		...listening(),
		quieted: [
			{ peer: fakePeer('Chidi'), name: 'Chidi', how: 'muted' },
			{ peer: fakePeer('Béla'), name: 'Béla', how: 'hidden' }
		]
	}),
	'needs-tap': () => ({ ...listening(), needsTap: true }),
	'cannot-play': () => ({ ...listening(), cannotPlay: true }),
	invited: () => listening({ me: { ...me, invitation: { id: FAKE_INVITATION, fromName: 'Ana' } } }),
	'stage-full': () => listening({ refusal: 'stage-full' }),
	'feeding-back': () => onStage({ feedback: 'echo' }),
	silenced: () => ({ ...listening(), silenced: true }),
	'microphone-instead': () =>
		onStage({ soundNews: { type: 'microphone-instead', label: 'Webcam of the study' } }),
	'on-stage-muted': () => onStage(),
	'opening-microphone': () => onStage({ openingMicrophone: true }),
	'microphone-refused': () => onStage({ microphone: 'refused' }),
	'microphone-unsupported': () => onStage({ microphone: 'unsupported' }),
	'no-seed': () => ({ ...listening(), seeds: 0 })
} satisfies Record<string, () => SessionState>;

export type RoomScene = keyof typeof ROOM_SCENES;
