/** The lobby as somebody looks at it: what the connected seeds tell, checked here, for as long as there is a screen. */
import type { Rendezvous } from '#lib/io/net/rendezvous.ts';
import type { Clock, Keys, Lobby, LobbyPage } from '#lib/io/ports.ts';
import { createBoard, type Board, type Notice } from '#lib/p2p/lobby/board.ts';
import { markVerified } from '#lib/p2p/wire/envelope.ts';
import type { PeerId, RoomId } from '#lib/p2p/wire/ids.ts';
import { LOBBY_LOOK_MS } from '#lib/p2p/wire/limits.ts';
import { readListing, type ListingReading, type ReadListing } from '#lib/p2p/wire/listing.ts';
import type { Posted, TellAnswer } from '#lib/p2p/wire/lobby.ts';
import { encodeRoomKey } from '#lib/p2p/wire/room-key.ts';
import { createListeners } from '../listeners.ts';

/** What of the network this needs. */
export interface LobbyNetwork {
	readonly lobby: Lobby;
	readonly seeds: Pick<Rendezvous, 'reached' | 'onChange'>;
}

export interface ListedRoom {
	readonly room: RoomId;
	readonly roomKey: string;
	readonly host: PeerId;
	/** What the host calls themselves. */
	readonly hostName: string;
	readonly title: string;
	readonly state: 'live' | 'announced';
	/** When it was opened, or will be. */
	readonly startsAtMs: number;
	/** In it, as the host says. */
	readonly people: number;
	readonly language: string;
	readonly topics: readonly string[];
}

export interface LobbyView {
	readonly state:
		/** Nobody has answered yet. */
		| 'asking'
		/** No seed is reached: what is shown is what was known. */
		| 'no-seed'
		| 'ready';
	/** Those with most people first; then announced ones, the next first. */
	readonly rooms: readonly ListedRoom[];
}

export interface LobbyDesk {
	readonly view: LobbyView;
	/** Called after every change. Looks for as long as somebody watches. */
	watch(listener: (view: LobbyView) => void): () => void;
	/** Now, and not only at the next look. */
	look(): void;
	connect(network: LobbyNetwork): void;
	/** Listings that were not what their hosts signed, or broke a bound. */
	readonly dropped: number;
}

export function createLobbyDesk(keys: Pick<Keys, 'verify'>, clock: Clock): LobbyDesk {
	const board = createBoard();
	const intake = createIntake(board, keys, clock);
	const watchers = createListeners<LobbyView>();
	let network: LobbyNetwork | null = null;
	let pages: readonly Omit<LobbyPage, 'posted'>[] = [];
	let answered = false;
	let looking = false;
	let again = false;
	let cancelAlarm: () => void = () => undefined;

	const viewNow = (): LobbyView => ({
		state:
			network !== null && network.seeds.reached() === 0 ? 'no-seed' : answered ? 'ready' : 'asking',
		rooms: roomsOf(board.list(clock.nowMs()))
	});
	const tell = (): void => watchers.tell(viewNow());
	const lookNow = async (at: LobbyNetwork): Promise<void> => {
		const next = await at.lobby.look(pages);
		for (const page of next) {
			for (const posted of page.posted) await intake.take(posted);
			const { seed, epoch, revision } = page;
			pages = [...pages.filter((one) => one.seed !== seed), { seed, epoch, revision }];
		}
		answered ||= next.length > 0;
	};
	const look = (): void => {
		again = looking;
		if (looking || network === null || watchers.size === 0) return;
		looking = true;
		cancelAlarm();
		lookNow(network)
			// A seed that breaks off is asked again like all others.
			.catch(() => undefined)
			.finally(() => {
				looking = false;
				tell();
				cancelAlarm = clock.wake(clock.nowMs() + LOBBY_LOOK_MS, look);
				if (again) look();
			});
	};
	return {
		get view() {
			return viewNow();
		},
		watch(listener) {
			const stop = watchers.add(listener);
			look();
			return () => {
				stop();
				if (watchers.size === 0) cancelAlarm();
			};
		},
		look,
		connect(to) {
			network = to;
			to.seeds.onChange((reached) => {
				if (reached > 0) look();
				else tell();
			});
			look();
		},
		get dropped() {
			return intake.dropped;
		}
	};
}

/** Puts on the board what is signed and fits; counts what does not. */
function createIntake(board: Board, keys: Pick<Keys, 'verify'>, clock: Clock) {
	let dropped = 0;
	return {
		async take({ ageMs, listing: bytes }: Posted): Promise<void> {
			const nowMs = clock.nowMs();
			const reading = readListing(bytes);
			const answer = reading && board.judge(reading.listing, null, nowMs);
			// Told by another seed already, most often.
			if (answer === 'old') return;
			const isGood = reading !== null && answer === 'taken' && (await isSigned(reading, keys));
			const put = (listing: ReadListing): TellAnswer =>
				board.put(markVerified(listing), { source: null, ageMs }, nowMs);
			if (!isGood || put(reading.listing) !== 'taken') dropped += 1;
		},
		get dropped() {
			return dropped;
		}
	};
}

function isSigned(
	{ listing, signed, signature }: ListingReading,
	keys: Pick<Keys, 'verify'>
): Promise<boolean> {
	return keys.verify(listing.hostKey, signed, signature);
}

function roomsOf(notices: readonly Notice[]): ListedRoom[] {
	const rooms = notices.map(({ listing }): ListedRoom => {
		const { room, host, hostName, title, startsAtMs, people, language, topics } = listing;
		const state = listing.state === 'live' ? 'live' : 'announced';
		const roomKey = encodeRoomKey(room);
		return { room, roomKey, host, hostName, title, state, startsAtMs, people, language, topics };
	});
	return rooms.sort(
		(a, b) =>
			Number(b.state === 'live') - Number(a.state === 'live') ||
			(a.state === 'live' ? b.people - a.people : 0) ||
			a.startsAtMs - b.startsAtMs ||
			(a.room < b.room ? -1 : 1)
	);
}
