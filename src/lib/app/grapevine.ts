/** The app, alive: who we are, the network we stand on, and the room we are in. Made once by the root layout. */
import { firstPaint } from '#lib/io/clock/first-paint.ts';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { createOpfsDisk, hasPrivateFiles } from '#lib/io/disk/opfs-disk.ts';
import { RECORDINGS } from '#lib/io/disk/recording-files.ts';
import { openIndexedDbStore } from '#lib/io/disk/indexed-db-store.ts';
import { createCaptionSource } from '#lib/io/captions/source.ts';
import { createBrowserDevice } from '#lib/io/device/browser-device.ts';
import { once } from '#lib/io/once.ts';
import type { Clock, Disk, Store } from '#lib/io/ports.ts';
import { NONCE_BYTES } from '#lib/p2p/wire/event.ts';
import { fromHex, roomIdOf, type RecordingId, type RoomId } from '#lib/p2p/wire/ids.ts';
import { ACCESS_BYTES, type Access } from '#lib/p2p/wire/room-access.ts';
import { TITLE_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';
import { keepApp } from '#lib/io/system/keep-app.ts';
import { createWaitingMarks } from '#lib/io/system/waiting-marks.ts';
import { createBrowserNotices } from '#lib/io/notify/browser-notices.ts';
import type { Settings as RoomSettings } from '#lib/p2p/wire/act.ts';
import { loadBlockedList, type BlockedList } from './blocked-list.ts';
import { createCaptionChoices, type CaptionChoices } from './captions/caption-choice.ts';
import { claimIdentity, type ClaimedIdentity } from './claim-identity.ts';
import { connectCommons, openCommons, type Commons } from './commons.ts';
import { createCurrentRoom, type CurrentRoom } from './current-room.ts';
import { fanoutInAddress } from './giving-desk.ts';
import { joinNetwork, type Network } from './join-network.ts';
import { loadPreferences, type Preferences, type Settings } from './preferences.ts';
import { loadQuietList, type QuietList } from './quiet-list.ts';
import { openRecordings } from './recordings/open-recordings.ts';
import type { Shelf } from './recordings/shelf.ts';
import {
	eraseEverything,
	loadAhead,
	openClipFile,
	openRecording,
	ringLater,
	warmReplay
} from './later.ts';
import type { Replay, ReplayClip, ReplayParts } from './replay/replay.ts';
import type { Profile, Session } from './session.ts';
import { setUpRoom } from './set-up-room.ts';
import type { SharingDesk } from './sharing/sharing-desk.ts';
import { loadDataUse, type DataUse } from './network/data-use.ts';
import { createNetworkDesk, type NetworkDesk } from './network/network-desk.ts';
import { openSound } from './sound/open-sound.ts';
import type { SoundDesk } from './sound/sound-desk.ts';
import { createSummons, type Summons } from './summons.ts';
import { createTimeline, type Timeline } from './timeline.ts';
import { loadSummaries } from './summary/summary-shelf.ts';
import { exposeDiagnostics } from './window-grapevine.ts';

export type { Settings } from './preferences.ts';

export interface Grapevine {
	readonly profile: Profile;
	rename(name: string): Promise<void>;
	/** Opens a new room, we are its host. Leaves the one we are in. */
	openRoom(room: NewRoom): Promise<Session>;
	/** `access`: what a locked room's link holds. Enters the room, or returns its session where we are in it. Leaves another one. */
	enterRoom(room: RoomId, access: Access | null): Promise<Session>;
	readonly current: Session | null;
	/** Called when it may be another one. Returns how to stop. */
	onCurrentChange(listener: () => void): () => void;
	readonly settings: Settings;
	/** Whom we do not want to hear or see, in any room. */
	readonly quiet: QuietList;
	/** How captions look, and whether our own words are among them. */
	readonly captions: CaptionChoices;
	/** Which devices, and how loud everything is. */
	readonly sound: SoundDesk;
	saveSettings(changes: Partial<Settings>): Promise<void>;
	/** Which seeds and servers, and what it took. */
	readonly network: NetworkDesk;
	/** Leaves the room and erases all this browser keeps for us; gives what could not be. The page is to be loaded anew then. */
	erase(): Promise<string[]>;
	/** Who is kept out of the rooms we host. */
	readonly blocked: BlockedList;
	/** Everything between rooms. */
	readonly commons: Commons;
	/** Calls this person who looks elsewhere. */
	readonly summons: Summons;
	/** Of rooms that we have hosted. */
	readonly recordings: Shelf;
	/** Recordings handed out, and fetched of others. */
	readonly sharing: SharingDesk;
	/** Opens one of them to listen to and to save; null where there is none of that id. To be closed. */
	replay(id: RecordingId): Promise<Replay | null>;
	/**
	 * Opens a file that somebody gave us, or that is shared by that id: what is heard in it, and what it proves; null where it
	 * is no clip. To be closed.
	 */
	openClip(file: Blob, shared?: RecordingId): Promise<ReplayClip | null>;
	/** One of them is listened to soon. Gives how to do without. */
	warmReplay(): () => void;
	/** The recording that goes on now. */
	readonly recordingNow: RecordingId | null;
}

export interface NewRoom extends RoomSettings {
	/** Hex; of a room that was announced. Left out: made now. */
	readonly nonce?: string;
	/** Only people with its whole link will find it. */
	readonly locked: boolean;
	/** From its beginning, by this device. */
	readonly recorded?: boolean;
}

interface App {
	readonly identity: ClaimedIdentity;
	/** What we call ourselves. */
	readonly myName: () => string;
	readonly preferences: Preferences;
	readonly quiet: QuietList;
	readonly blocked: BlockedList;
	readonly captions: CaptionChoices;
	readonly sound: SoundDesk;
	readonly disk: Disk | null;
	readonly store: Store;
	readonly clock: Clock;
	readonly timeline: Timeline;
	readonly network: () => Promise<Network>;
	readonly data: DataUse;
	readonly commons: Commons;
	readonly summons: Summons;
	readonly recordings: Shelf;
	readonly sharing: SharingDesk;
	readonly room: CurrentRoom;
}

/** Rejects where the browser keeps nothing for us (some private windows). */
export async function startGrapevine(): Promise<Grapevine> {
	const timeline = createTimeline();
	const clock = createSystemClock();
	const store = await openIndexedDbStore();
	const [identity, preferences, quiet, blocked, summaries] = await Promise.all([
		claimIdentity(store),
		loadPreferences(store),
		loadQuietList(store),
		loadBlockedList(store),
		loadSummaries(store)
	]);
	const myName = (): string =>
		preferences.name === '' ? `Guest ${identity.peer.slice(-4)}` : preferences.name;
	const commons = await openCommons({
		identity,
		store,
		clock,
		notices: createBrowserNotices(),
		name: { shown: myName, chosen: () => preferences.name },
		rename: (name) => preferences.rename(name),
		isHidden: (peer) => quiet.people.some((one) => one.peer === peer && one.how === 'hidden')
	});
	const device = createBrowserDevice();
	const { sound, host } = await openSound(store, preferences);
	const data = await loadDataUse(store, clock);
	const captions = createCaptionChoices(preferences.settings.captions, (changed) =>
		preferences.save({ captions: changed })
	);
	const network = once(() => joinNetwork(identity.keySeed, clock, preferences.settings.network));
	const room = createCurrentRoom({
		...{ identity, myName, preferences, quiet, blocked, summaries, captions, sound, host },
		...{ clock, device, timeline, data, commons, network, fanoutForced: fanoutInAddress() }
	});
	const disk = hasPrivateFiles() ? createOpfsDisk(RECORDINGS) : null;
	const { shelf, sharing } = await openRecordings({
		...{ identity, store, clock, device, preferences, blocked, disk, myName },
		tell: (news) => commons.keeping.tell(news),
		isInRoom: () => room.current !== null,
		current: () => room.last?.recordingNow ?? null
	});
	const summons = summonsOf(commons, preferences);
	commons.reminders.start();
	shelf.start();
	addEventListener('pagehide', () => room.last?.abandon());
	exposeDiagnostics(() => ({ identity: identity.peer, session: room.last, timeline }));
	const app: App = {
		...{ identity, myName, preferences, quiet, blocked, captions, sound, disk, store, clock },
		...{ timeline, network, data, commons, summons, recordings: shelf, sharing, room }
	};
	timeline.mark('appReady');
	// Whoever enters a room at once asks for the network at once; home stands first.
	void firstPaint().then(() => {
		connect(app);
		loadAhead();
		keepApp();
	});
	return doorsOf(app);
}

function doorsOf(app: App): Grapevine {
	const { identity, preferences, room } = app;
	const replayParts = (): ReplayParts => ({
		...app,
		...{ me: identity.peer, keySeed: identity.keySeed },
		words: createCaptionSource(location.origin)
	});
	return {
		get profile() {
			return { peer: identity.peer, name: app.myName() };
		},
		rename: (name) => preferences.rename(name),
		async openRoom({ nonce: hex, locked, recorded = false, ...settings }) {
			const nonce =
				hex === undefined ? crypto.getRandomValues(new Uint8Array(NONCE_BYTES)) : fromHex(hex);
			const createdAtMs = Math.floor(app.clock.nowMs());
			const blocked = app.blocked.people.map(({ peer }) => peer);
			const title = cleanText(settings.title, TITLE_BYTES_MAX);
			const id = roomIdOf(identity.publicKey, nonce);
			const access = locked ? newSecret() : null;
			const opening = { title, nonce, createdAtMs, locked, recorded, blocked };
			const session = await room.enter({ room: id, access, opening });
			setUpRoom(session, { ...settings, title });
			await app.commons.hosting.drop(id, 'opened');
			return session;
		},
		enterRoom: (id, access) => room.enter({ room: id, access, opening: null }),
		get current() {
			return room.current;
		},
		onCurrentChange: (listener) => room.onChange(listener),
		get settings() {
			return preferences.settings;
		},
		quiet: app.quiet,
		captions: app.captions,
		sound: app.sound,
		blocked: app.blocked,
		async saveSettings(changes) {
			await preferences.save(changes);
			room.last?.reconsiderGiving();
		},
		network: createNetworkDesk(preferences, app.network, app.data),
		async erase() {
			await room.last?.leave();
			return eraseEverything();
		},
		commons: app.commons,
		summons: app.summons,
		recordings: app.recordings,
		sharing: app.sharing,
		replay: (id) => openRecording(replayParts(), id),
		warmReplay,
		openClip: (file, shared) => openClipFile(replayParts(), file, shared ?? null),
		get recordingNow() {
			return room.last?.recordingNow ?? null;
		}
	};
}

function summonsOf({ notices }: Commons, preferences: Preferences): Summons {
	const mark = createWaitingMarks();
	return createSummons({
		notices,
		mark,
		ring: ringLater,
		choice: () => preferences.settings.signals
	});
}

const newSecret = (): Access => ({
	kind: 'secret',
	bytes: crypto.getRandomValues(new Uint8Array(ACCESS_BYTES))
});

function connect({ network, commons, sharing, timeline }: App): void {
	const joined = ({ node }: Network): void => {
		connectCommons(commons, node);
		sharing.connect(node);
		const note = (): void => {
			if (node.seeds.reached() > 0) timeline.mark('seedReached');
		};
		node.seeds.onChange(note);
		note();
	};
	// A network that cannot even be loaded is told where a room is entered.
	network().then(joined, () => undefined);
}
