/** What is between rooms, without a network or a disk: the test says what there is, and reads what was done. */
import type { Alert } from '#lib/app/alerts.ts';
import type { Commons } from '#lib/app/commons.ts';
import { createListeners } from '#lib/app/listeners.ts';
import type { Announced } from '#lib/app/lobby/host-desk.ts';
import type { ListedRoom, LobbyView } from '#lib/app/lobby/lobby-desk.ts';
import type { Heard, Told } from '#lib/app/people/keep-box.ts';
import type { Received, Sent } from '#lib/app/people/letter-box.ts';
import type { Person } from '#lib/app/people/people.ts';
import type { NoticePermission } from '#lib/io/ports.ts';
import { toHex, type LetterId, type RecordingId, type RoomId } from '#lib/p2p/wire/ids.ts';
import { encodeRoomKey } from '#lib/p2p/wire/room-key.ts';
import { FAKE_KEY, FAKE_ROOM, fakePeer } from './fake-session.ts';

export interface FakeCommons {
	readonly commons: Commons;
	readonly setLobby: (view: Partial<LobbyView>) => void;
	readonly setPeople: (list: readonly Person[]) => void;
	readonly setAnnounced: (list: readonly Announced[]) => void;
	readonly setLetters: (letters: {
		received?: Received[];
		strangers?: Received[];
		sent?: Sent[];
	}) => void;
	readonly setTold: (told: readonly Told[]) => void;
	readonly setHeard: (heard: readonly Heard[]) => void;
	readonly alert: (alert: Alert) => void;
	setPermission(permission: NoticePermission): void;
	/** What `carryIn` answers. */
	setCarried(outcome: Awaited<ReturnType<Commons['carryIn']>>): void;
}

/** Within the year that pictures are drawn in. */
export const FAKE_NOW_MS = Date.UTC(2026, 10, 28, 9, 0);

export function fakeListed(number: number, more: Partial<ListedRoom> = {}): ListedRoom {
	const room = number.toString(16).padStart(40, '0') as RoomId;
	return {
		room,
		roomKey: encodeRoomKey(room),
		host: fakePeer('Ana'),
		hostName: 'Ana',
		title: `Room ${number}`,
		state: 'live',
		startsAtMs: FAKE_NOW_MS,
		people: 12,
		language: 'en',
		topics: [],
		...more
	};
}

export function fakePerson(name: string, more: Partial<Person> = {}): Person {
	const secret = new Uint8Array(16).fill(1);
	return { peer: fakePeer(name), name, secret, sinceMs: FAKE_NOW_MS, ...more };
}

export function fakeLetter(from: string, more: Partial<Received> = {}): Received {
	return {
		id: '0a'.repeat(16) as LetterId,
		from: fakePeer(from),
		fromName: from,
		place: 'room',
		access: FAKE_KEY,
		title: 'Evening garden talk',
		note: '',
		sentAtMs: FAKE_NOW_MS,
		untilMs: FAKE_NOW_MS + 3_600_000,
		...more
	};
}

export function fakeTold(name: string, more: Partial<Told> = {}): Told {
	const id = toHex(new TextEncoder().encode(name.padEnd(16))) as LetterId;
	const recording = '1'.padStart(32, '0') as RecordingId;
	const sealed = new Uint8Array(0);
	return { id, to: fakePeer(name), name, recording, kept: true, state: 'told', sealed, ...more };
}

export function fakeHeard(from: string, more: Partial<Heard> = {}): Heard {
	return {
		...{ id: '0b'.repeat(16) as LetterId, from: fakePeer(from), fromName: from, room: FAKE_ROOM },
		...{ title: 'Evening garden talk', startedAtMs: FAKE_NOW_MS, deletedAtMs: null },
		sentAtMs: FAKE_NOW_MS,
		...more
	};
}

/** Calls are noted as `verb argument`; `act` may fail. */
export function fakeCommons(act: (call: string) => Promise<void>): FakeCommons {
	const tell = createListeners<undefined>();
	const tellPeople = createListeners<readonly Person[]>();
	const tellLobby = createListeners<LobbyView>();
	const tellAlerts = createListeners<readonly Alert[]>();
	const newAlerts = createListeners<Alert>();
	let view: LobbyView = { state: 'ready', rooms: [] };
	let people: readonly Person[] = [];
	let announced: readonly Announced[] = [];
	let letters: { received: Received[]; strangers: Received[]; sent: Sent[] } = {
		received: [],
		strangers: [],
		sent: []
	};
	let alerts: readonly Alert[] = [];
	let permission: NoticePermission = 'ask';
	let carried: Awaited<ReturnType<Commons['carryIn']>> = { ok: true };
	const reminders = new Set<RoomId>();
	const setPeople = (list: readonly Person[]): void => {
		people = list;
		tellPeople.tell(list);
	};
	const setLetters = (next: Partial<typeof letters>): void => {
		letters = { ...letters, ...next };
		tell.tell(undefined);
	};
	const setAlerts = (list: readonly Alert[]): void => {
		alerts = list;
		tellAlerts.tell(list);
	};
	let told: readonly Told[] = [];
	let heard: readonly Heard[] = [];
	const setHeard = (next: readonly Heard[]): void => {
		heard = next;
		tell.tell(undefined);
	};
	const commons: Commons = {
		people: {
			get list() {
				return people;
			},
			find: (peer) => people.find((one) => one.peer === peer),
			async follow(who) {
				await act(`follow ${who.name}`);
				if (who.peer === fakePeer('Me')) return { ok: false, reason: 'myself' };
				const person = { ...who, sinceMs: FAKE_NOW_MS };
				setPeople([...people, person]);
				return { ok: true, person };
			},
			async rename(peer, name) {
				await act(`renamePerson ${name}`);
				setPeople(people.map((one) => (one.peer === peer ? { ...one, name } : one)));
			},
			async unfollow(peer) {
				await act('unfollow');
				setPeople(people.filter((one) => one.peer !== peer));
			},
			async restore(person) {
				await act(`restore ${person.name}`);
				setPeople([...people, person]);
			},
			adopt: () => act('adopt'),
			onChange: (listener) => tellPeople.add(listener)
		},
		letters: {
			get received() {
				return letters.received;
			},
			get strangers() {
				return letters.strangers;
			},
			get sent() {
				return letters.sent;
			},
			async invite(to, { place, access, title, untilMs }) {
				await act(`inviteTo ${place}`);
				const id = 'ff'.repeat(16) as LetterId;
				const roomKey = access;
				const sent = { id, to, roomKey, title, place, untilMs, sentAtMs: FAKE_NOW_MS };
				setLetters({ sent: [{ ...sent, delivered: false, sealed: new Uint8Array(0) }] });
				return true;
			},
			async forget(id) {
				await act('forget');
				const others = <T extends { readonly id: string }>(list: T[]): T[] =>
					list.filter((one) => one.id !== id);
				setLetters({
					received: others(letters.received),
					strangers: others(letters.strangers),
					sent: others(letters.sent)
				});
			},
			onChange: (listener) => tell.add(listener),
			onArrival: () => () => undefined,
			connect: () => undefined
		},
		lobby: {
			get view() {
				return view;
			},
			watch: (listener) => tellLobby.add(listener),
			look: () => undefined,
			connect: () => undefined,
			dropped: 0
		},
		hosting: {
			get announced() {
				return announced;
			},
			async announce(details) {
				await act(`announce ${details.title}`);
				const room = 'b2'.repeat(20) as RoomId;
				const made = { ...details, room, nonce: '01'.repeat(8) };
				announced = [...announced, made];
				tell.tell(undefined);
				return made;
			},
			async drop(room, why) {
				await act(`drop ${why}`);
				announced = announced.filter((one) => one.room !== room);
				tell.tell(undefined);
			},
			onChange: (listener) => tell.add(() => listener()),
			show: () => undefined,
			connect: () => undefined
		},
		reminders: {
			has: (room) => reminders.has(room),
			async add({ room, title }) {
				await act(`remind ${title}`);
				reminders.add(room);
				tell.tell(undefined);
				return true;
			},
			async remove(room) {
				await act('remindNot');
				reminders.delete(room);
				tell.tell(undefined);
			},
			onChange: (listener) => tell.add(() => listener()),
			onDue: () => () => undefined,
			start: () => undefined
		},
		keeping: {
			tell: () => Promise.resolve(),
			toldOf: (recording) => told.filter((one) => one.recording === recording),
			get heard() {
				return heard;
			},
			async forget(id) {
				await act(`forgetKept ${id}`);
				setHeard(heard.filter((one) => one.id !== id));
			},
			take: () => Promise.resolve(),
			onChange: (listener) => tell.add(() => listener()),
			onArrival: () => () => undefined,
			connect: () => undefined
		},
		alerts: {
			get list() {
				return alerts;
			},
			dismiss: (id) => setAlerts(alerts.filter((one) => one.id !== id)),
			onChange: (listener) => tellAlerts.add(listener),
			onNew: (listener) => newAlerts.add(listener)
		},
		notices: {
			permission: () => permission,
			async ask() {
				await act('askNotices');
				return (permission = 'granted');
			},
			show: () => undefined,
			onPressed: () => undefined
		},
		card: { peer: fakePeer('Me'), name: 'Mira', secret: new Uint8Array(16).fill(9) },
		kept: true,
		async carryOut(passphrase) {
			await act(`carryOut ${passphrase}`);
			return 'grapevine-identity-1.600000.c2FsdA.aXY.Y2lwaGVy';
		},
		async carryIn(text, passphrase) {
			await act(`carryIn ${text} ${passphrase}`);
			return carried;
		}
	};
	return {
		commons,
		setPeople,
		setLetters,
		setHeard,
		setTold(next) {
			told = next;
			tell.tell(undefined);
		},
		setLobby(changes) {
			view = { ...view, ...changes };
			tellLobby.tell(view);
		},
		setAnnounced(list) {
			announced = list;
			tell.tell(undefined);
		},
		alert(alert) {
			setAlerts([...alerts, alert]);
			newAlerts.tell(alert);
		},
		setPermission: (next) => {
			permission = next;
		},
		setCarried: (outcome) => {
			carried = outcome;
		}
	};
}
