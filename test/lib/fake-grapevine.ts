/** The app without a network or a disk. */
import { createCaptionChoices, FIRST_CHOICE } from '#lib/app/captions/caption-choice.ts';
import { FIRST_ANNOUNCEMENTS } from '#lib/app/announcements.ts';
import { FIRST_NETWORK } from '#lib/app/network/network-choice.ts';
import type { NetworkDesk } from '#lib/app/network/network-desk.ts';
import { FIRST_SOUND } from '#lib/app/sound/sound-choice.ts';
import { FIRST_SIGNALS } from '#lib/app/signals.ts';
import { FIRST_SHORTCUTS } from '#lib/app/shortcuts.ts';
import type { Grapevine, Settings } from '#lib/app/grapevine.ts';
import type { QuietList, QuietPerson } from '#lib/app/quiet-list.ts';
import type { BlockedPerson } from '#lib/app/blocked-list.ts';
import { createListeners, type Listeners } from '#lib/app/listeners.ts';
import type { Profile, Session } from '#lib/app/session.ts';
import { fakeCommons, type FakeCommons } from './fake-commons.ts';
import { fakeSharing, type FakeSharing } from './fake-sharing.ts';
import { fakeSound, type FakeSound } from './fake-sound.ts';
import { fakeShelf } from './fake-shelf.ts';
import { fakePeer, fakeSession, type FakeSession } from './fake-session.ts';

export interface FakeGrapevine {
	readonly grapevine: Grapevine;
	readonly commons: FakeCommons;
	readonly sharing: FakeSharing;
	readonly sound: FakeSound;
	/** The session behind every door. */
	readonly room: FakeSession;
	/** Verbs called so far, as `verb argument`. */
	readonly calls: string[];
	/** From now on whatever is asked fails, as with a full disk or a dead network. */
	breakDown(): void;
	/** Somebody is blocked from now on. */
	block(person: BlockedPerson): void;
	mend(): void;
	/** We are in the room from now on. */
	enter(): void;
	/** And in none any more. */
	leave(): void;
}

export function fakeGrapevine(room: FakeSession = fakeSession()): FakeGrapevine {
	const calls: string[] = [];
	let broken = false;
	let profile: Profile = { peer: fakePeer('Me'), name: 'Mira' };
	let current: Session | null = null;
	const moves: Listeners<void> = createListeners();
	const move = (next: Session | null): void => {
		current = next;
		moves.tell();
	};
	let blocked: readonly BlockedPerson[] = [];
	const blockedListeners = new Set<() => void>();
	const setBlocked = (people: readonly BlockedPerson[]): void => {
		blocked = people;
		for (const tell of blockedListeners) tell();
	};
	const settings: Settings = {
		fanout: null,
		captions: FIRST_CHOICE,
		chatSize: 'medium',
		shortcuts: FIRST_SHORTCUTS,
		announcements: FIRST_ANNOUNCEMENTS,
		signals: FIRST_SIGNALS,
		sound: FIRST_SOUND,
		network: FIRST_NETWORK
	};
	const act = async (call: string): Promise<void> => {
		calls.push(call);
		await Promise.resolve();
		if (broken) throw new Error('The fake app was told to break down.');
	};
	const commons = fakeCommons(act);
	const sharing = fakeSharing(act);
	const sound = fakeSound(act);
	const grapevine: Grapevine = {
		get profile() {
			return profile;
		},
		get current() {
			return current;
		},
		onCurrentChange: (listener) => moves.add(listener),
		settings,
		quiet: fakeQuietList(act),
		captions: createCaptionChoices(FIRST_CHOICE, (choice) =>
			act(`captions ${JSON.stringify(choice)}`)
		),
		blocked: {
			get people() {
				return blocked;
			},
			watch: () => undefined,
			async unblock(peer) {
				await act(`unblock ${peer}`);
				setBlocked(blocked.filter((one) => one.peer !== peer));
			},
			onChange(tell) {
				blockedListeners.add(tell);
				return () => blockedListeners.delete(tell);
			}
		},
		async rename(name) {
			await act(`rename ${name}`);
			profile = { ...profile, name };
		},
		async saveSettings(changes) {
			await act(`saveSettings ${JSON.stringify(changes)}`);
			Object.assign(settings, changes);
		},
		commons: commons.commons,
		summons: { call: (kind) => calls.push(`call ${kind}`), wait: () => undefined },
		recordings: fakeShelf(act),
		sharing: sharing.desk,
		sound: sound.desk,
		network: fakeNetworkDesk(act),
		async erase() {
			await act('erase');
			// All of it would load the page anew, and the test with it.
			return ['The files.'];
		},
		replay: () => Promise.resolve(null),
		warmReplay: () => () => undefined,
		openClip: () => Promise.resolve(null),
		recordingNow: null,
		async openRoom({ title, locked, listed, recorded }) {
			await act(
				`openRoom ${title}${locked ? ' locked' : ''}${listed ? ' listed' : ''}${recorded === true ? ' recorded' : ''}`
			);
			move(room.session);
			return room.session;
		},
		async enterRoom(id, access) {
			await act(`enterRoom ${id}${access === null ? '' : ` by ${access.kind}`}`);
			move(room.session);
			return room.session;
		}
	};
	return {
		grapevine,
		...{ commons, sharing, sound },
		room,
		calls,
		block: (person) => {
			setBlocked([person, ...blocked]);
		},
		breakDown: () => {
			broken = true;
		},
		mend: () => {
			broken = false;
		},
		enter: () => move(room.session),
		leave: () => move(null)
	};
}

/** Seeds that answer by their name alone, and a month in which something was heard. */
function fakeNetworkDesk(act: (call: string) => Promise<void>): NetworkDesk {
	let choice = FIRST_NETWORK;
	const own = `/dns4/home.example/tcp/443/tls/ws/p2p/${fakePeer('seed')}`;
	return {
		get choice() {
			return choice;
		},
		async change(changes) {
			await act(`network ${JSON.stringify(changes)}`);
			choice = { ...choice, ...changes };
		},
		seeds: () => Promise.resolve([own]),
		findSeed: (address) =>
			Promise.resolve(
				address.endsWith('.example')
					? `/dns4/${address}/tcp/443/tls/ws/p2p/${fakePeer(address)}`
					: null
			),
		data: { month: '2026-11', up: 1_250_000_000, down: 310_000_000 }
	};
}

/** The app's list of whom we do not want to hear, without a browser to keep it. */
function fakeQuietList(act: (call: string) => Promise<void>): QuietList {
	let people: readonly QuietPerson[] = [];
	const listeners = new Set<() => void>();
	const replace = (next: readonly QuietPerson[]): void => {
		people = next;
		for (const tell of listeners) tell();
	};
	return {
		get people() {
			return people;
		},
		put(person) {
			replace([person, ...people]);
			return act(`quiet ${person.peer}`);
		},
		forget(peer) {
			replace(people.filter((one) => one.peer !== peer));
			return act(`unquiet ${peer}`);
		},
		onChange(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		}
	};
}
