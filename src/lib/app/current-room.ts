/** The room that we are in, one at a time: entered in turn, shown to lobbies, and left for the next. */
import { createCaptionSource } from '#lib/io/captions/source.ts';
import type { Clock, Device } from '#lib/io/ports.ts';
import type { PeerOptions } from '#lib/p2p/peer/io.ts';
import type { RoomView } from '#lib/p2p/peer/view.ts';
import type { RoomId } from '#lib/p2p/wire/ids.ts';
import type { Access } from '#lib/p2p/wire/room-access.ts';
import type { BlockedList } from './blocked-list.ts';
import type { CaptionChoices } from './captions/caption-choice.ts';
import type { ClaimedIdentity } from './claim-identity.ts';
import type { Commons } from './commons.ts';
import type { EngineHost } from './engine/engine-host.ts';
import { createGivingDesk } from './giving-desk.ts';
import { within, type Network } from './join-network.ts';
import { openSession } from './later.ts';
import { createListeners, type Listeners } from './listeners.ts';
import type { DataUse } from './network/data-use.ts';
import type { Preferences } from './preferences.ts';
import type { QuietList } from './quiet-list.ts';
import type { RoomSession } from './room-session.ts';
import type { RoomSessionParts } from './session-run.ts';
import type { SoundDesk } from './sound/sound-desk.ts';
import type { SummaryShelf } from './summary/summary-shelf.ts';
import type { Timeline } from './timeline.ts';

export interface RoomEntry {
	readonly room: RoomId;
	readonly access: Access | null;
	/** Null for a room that others opened. */
	readonly opening: PeerOptions['opening'];
}

export interface CurrentRoom {
	/** Where we went last, which may be left or over; null before the first room. */
	readonly last: RoomSession | null;
	/** Where we are now. */
	readonly current: RoomSession | null;
	/** Called when it may be another one. Returns how to stop. */
	onChange(listener: () => void): () => void;
	/** Gives the session of the room that we are in where it is that one. Rejects where there is no network or no engine. */
	enter(entry: RoomEntry): Promise<RoomSession>;
}

export interface CurrentRoomParts {
	readonly identity: ClaimedIdentity;
	/** What we call ourselves. */
	readonly myName: () => string;
	readonly preferences: Preferences;
	readonly quiet: QuietList;
	readonly blocked: BlockedList;
	readonly summaries: SummaryShelf;
	readonly captions: CaptionChoices;
	readonly sound: SoundDesk;
	readonly clock: Clock;
	readonly device: Device;
	readonly timeline: Timeline;
	/** How many children we carry by the first address, which outranks the settings; null where it says nothing. */
	readonly fanoutForced: number | null;
	readonly data: DataUse;
	readonly commons: Commons;
	readonly network: () => Promise<Network>;
	readonly host: () => Promise<EngineHost>;
}

/** What a run of the core makes keys of. */
const CHANCE_BYTES = 32;

interface Standing {
	readonly parts: CurrentRoomParts;
	session: RoomSession | null;
	readonly moves: Listeners<void>;
}

export function createCurrentRoom(parts: CurrentRoomParts): CurrentRoom {
	const standing: Standing = { parts, session: null, moves: createListeners() };
	/** The entering under way: a second one waits, or two rooms would be open. */
	let entering: Promise<unknown> = Promise.resolve();
	return {
		get last() {
			return standing.session;
		},
		get current() {
			const { session } = standing;
			return session === null || session.left || session.over ? null : session;
		},
		onChange: (listener) => standing.moves.add(listener),
		enter(entry) {
			const act = (): Promise<RoomSession> => enter(standing, entry);
			const mine = entering.then(act, act);
			entering = mine;
			return mine;
		}
	};
}

async function enter(standing: Standing, entry: RoomEntry): Promise<RoomSession> {
	const { session: before, parts, moves } = standing;
	if (before !== null) {
		const stays = !before.over && !before.left;
		if (before.room === entry.room && stays) return before;
		// Who comes back while it is still leaving waits for that, and comes anew.
		await before.leave();
	}
	const [host, { node, info, relayOnly }] = await Promise.all([
		parts.host(),
		within(parts.network(), parts.clock)
	]);
	const { identity, clock, device, timeline, quiet, blocked, sound, summaries, data } = parts;
	const { commons, preferences } = parts;
	const giving = createGivingDesk({
		device,
		clock,
		forced: parts.fanoutForced,
		chosen: () => preferences.settings.fanout
	});
	const options: PeerOptions = {
		...entry,
		me: identity.peer,
		publicKey: identity.publicKey,
		name: parts.myName(),
		fanout: giving.giving.children,
		holdsSound: true,
		chance: crypto.getRandomValues(new Uint8Array(CHANCE_BYTES))
	};
	const session = await openSession({
		...{ host, node, relayOnly, iceServers: info.iceServers, keySeed: identity.keySeed },
		...{ options, giving, clock, timeline, quiet, blocked, sound, summaries, data },
		people: commons.people,
		captioning: captioningOf(parts),
		onLeft() {
			commons.hosting.show(null);
			moves.tell();
		}
	});
	standing.session = session;
	show(standing, session);
	moves.tell();
	blocked.watch(session);
	return session;
}

function captioningOf({ captions }: CurrentRoomParts): RoomSessionParts['captioning'] {
	return {
		source: createCaptionSource(location.origin),
		ownLanguage: navigator.language,
		choice: () => captions.now,
		choose(changes) {
			// Where the browser refuses to keep it, the person is asked again next time.
			captions.change(changes).catch((error: unknown) => {
				console.warn(error);
			});
		}
	};
}

/** Lobbies are told of the room while we are in it; and it may be over for us. */
function show({ parts, moves }: Standing, session: RoomSession): void {
	let last: RoomView | null = null;
	session.subscribe((state) => {
		if (state.view === last) return;
		last = state.view;
		parts.commons.hosting.show(state);
		if (session.over) moves.tell();
	});
}
