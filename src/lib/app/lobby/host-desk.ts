/**
 * My own listings: the room that I host while it is to be listed, told anew before seeds forget it, and the rooms
 * that I have announced, kept on this device until they are opened or their time is over: a seed that was away has to
 * be told, too, that one was called off.
 */
import type { SessionState } from '../session.ts';
import type { Clock, Keys, Lobby, Store } from '#lib/io/ports.ts';
import type { Settings } from '#lib/p2p/wire/act.ts';
import { NONCE_BYTES } from '#lib/p2p/wire/event.ts';
import { concat, fromHex, roomIdOf, toHex, type RoomId } from '#lib/p2p/wire/ids.ts';
import {
	ANNOUNCED_LATE_MS,
	ANNOUNCED_REFRESH_MS,
	LISTING_REFRESH_MS,
	LISTINGS_PER_HOST_MAX
} from '#lib/p2p/wire/limits.ts';
import { encodeListing, listingSigningBytes, type Listing } from '#lib/p2p/wire/listing.ts';
import { hexIn, loadList, numberIn, saveList, textIn } from '../json-record.ts';
import { createListeners } from '../listeners.ts';
import type { LobbyNetwork } from './lobby-desk.ts';

/** One place is for the room that is open. */
export const ANNOUNCED_OWN_MAX = LISTINGS_PER_HOST_MAX - 1;
/** Kept to be told: as many as a seed can have of us. The latest are. */
const CALLED_OFF_MAX = LISTINGS_PER_HOST_MAX;

/** A room of mine that is to be. */
export interface Announced {
	readonly room: RoomId;
	/** Hex; the room is opened with it. */
	readonly nonce: string;
	readonly title: string;
	readonly language: string;
	readonly topics: readonly string[];
	readonly startsAtMs: number;
}

interface KeptRoom extends Announced {
	readonly calledOff: boolean;
}

export type AnnounceDetails = Pick<Announced, 'title' | 'language' | 'topics' | 'startsAtMs'>;

export interface HostDesk {
	/** The next first; those whose time has passed by half an hour are left out. */
	readonly announced: readonly Announced[];
	/** Null where there are ANNOUNCED_OWN_MAX already. Rejects where the browser keeps nothing. */
	announce(details: AnnounceDetails): Promise<Announced | null>;
	/** Takes it off the lobby, or, `opened`, only off this list: the open room takes its place there. */
	drop(room: RoomId, why: 'called-off' | 'opened'): Promise<void>;
	onChange(listener: () => void): () => void;
	/** What the room we are in looks like now; null when we have left it. */
	show(state: SessionState | null): void;
	connect(network: LobbyNetwork): void;
}

export interface HostDeskParts {
	readonly publicKey: Uint8Array;
	readonly keys: Pick<Keys, 'sign'>;
	readonly myName: () => string;
	readonly store: Store;
	/** Of this identity alone. */
	readonly record: string;
	readonly clock: Clock;
}

type Shown = Omit<Listing, 'issuedAtMs' | 'hostKey' | 'hostName'>;

interface Desk {
	readonly parts: HostDeskParts;
	lobby: Lobby | null;
	announced: readonly KeptRoom[];
	/** The listing of the open room as it was told last. */
	live: Shown | null;
	cancelRefresh: () => void;
	lastIssuedMs: number;
	/** One after the other, so that the last word is told last. */
	telling: Promise<void>;
}

export async function openHostDesk(parts: HostDeskParts): Promise<HostDesk> {
	const { store, record, clock } = parts;
	const desk: Desk = {
		parts,
		lobby: null,
		announced: await loadList(store, record, (item) => readAnnounced(item, parts.publicKey)),
		live: null,
		cancelRefresh: () => undefined,
		lastIssuedMs: 0,
		telling: Promise.resolve()
	};
	const changes = createListeners<undefined>();
	const keep = async (next: readonly KeptRoom[]): Promise<void> => {
		await saveList(store, record, next);
		desk.announced = next;
		changes.tell(undefined);
	};
	const inTime = (): KeptRoom[] =>
		desk.announced
			.filter(({ startsAtMs }) => startsAtMs + ANNOUNCED_LATE_MS > clock.nowMs())
			.sort((a, b) => a.startsAtMs - b.startsAtMs);
	const current = (): KeptRoom[] => inTime().filter(({ calledOff }) => !calledOff);
	const calledOff = (): KeptRoom[] => inTime().filter((one) => one.calledOff);
	return {
		get announced() {
			return current();
		},
		async announce(details) {
			if (current().length >= ANNOUNCED_OWN_MAX) return null;
			const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
			const room = roomIdOf(parts.publicKey, nonce);
			const made: KeptRoom = { ...details, room, nonce: toHex(nonce), calledOff: false };
			await keep([...inTime(), made]);
			tell(desk, shownAnnounced(made));
			return made;
		},
		async drop(room, why) {
			const found = desk.announced.find((one) => one.room === room);
			if (found === undefined) return;
			const others = current().filter((one) => one !== found);
			if (why === 'opened') return keep([...others, ...calledOff()]);
			const over = { ...found, calledOff: true };
			await keep([...others, ...[...calledOff(), over].slice(-CALLED_OFF_MAX)]);
			tell(desk, shownAnnounced(over));
		},
		onChange: (listener) => changes.add(listener),
		show: (state) => show(desk, state === null ? null : shownLive(state)),
		connect({ lobby, seeds }) {
			desk.lobby = lobby;
			// What is called off comes last: it takes no place from what is to be.
			const tellAnnounced = (): void => {
				for (const one of [...current(), ...calledOff()]) tell(desk, shownAnnounced(one));
			};
			const tellAll = (): void => {
				if (desk.live !== null) tell(desk, desk.live);
				tellAnnounced();
			};
			seeds.onChange((reached) => {
				if (reached > 0) tellAll();
			});
			const again = (): void => {
				tellAnnounced();
				clock.wake(clock.nowMs() + ANNOUNCED_REFRESH_MS, again);
			};
			clock.wake(clock.nowMs() + ANNOUNCED_REFRESH_MS, again);
			tellAll();
		}
	};
}

/** Told at once when anything but the number of people changes; that waits for the next refresh. */
function show(desk: Desk, next: Shown | null): void {
	const before = desk.live;
	desk.live = next;
	if (next === null) {
		desk.cancelRefresh();
		if (before !== null) tell(desk, { ...before, state: 'withdrawn' });
		return;
	}
	if (before === null || wordsOf(before) !== wordsOf(next)) refresh(desk);
}

function refresh(desk: Desk): void {
	desk.cancelRefresh();
	if (desk.live === null) return;
	tell(desk, desk.live);
	const { clock } = desk.parts;
	desk.cancelRefresh = clock.wake(clock.nowMs() + LISTING_REFRESH_MS, () => refresh(desk));
}

const wordsOf = ({ nonce, title, language, topics }: Shown): string =>
	JSON.stringify([toHex(nonce), title, language, topics]);

function tell(desk: Desk, shown: Shown): void {
	const { parts } = desk;
	desk.telling = desk.telling
		.then(async () => {
			if (desk.lobby === null) return;
			// Later than what was told before, also within one millisecond.
			const issuedAtMs = Math.max(Math.floor(parts.clock.nowMs()), desk.lastIssuedMs + 1);
			desk.lastIssuedMs = issuedAtMs;
			const who = { hostKey: parts.publicKey, hostName: parts.myName() };
			const unsigned = encodeListing({ ...shown, ...who, issuedAtMs });
			const signature = await parts.keys.sign(listingSigningBytes(unsigned));
			await desk.lobby.tell(concat(unsigned, signature));
		})
		// A seed that is away is told when it is back.
		.catch(() => undefined);
}

function shownAnnounced(one: KeptRoom): Shown {
	const { nonce, title, language, topics, startsAtMs, calledOff } = one;
	return {
		...{ nonce: fromHex(nonce), title, language, topics, startsAtMs },
		state: calledOff ? 'withdrawn' : 'announced',
		people: 0
	};
}

/** Null unless we host a room that is open and to be listed. */
function shownLive({ view }: SessionState): Shown | null {
	const { settings, opened, me, phase } = view;
	const isOpen = phase === 'joined' || phase === 'reconnecting';
	// What only its whole link opens is no room to be found.
	const isPublic = settings.listed && view.lock === null;
	if (!isOpen || me.role !== 'host' || !isPublic || opened === null) return null;
	const { language, topics }: Settings = settings;
	return {
		...{ title: view.title, language, topics },
		nonce: fromHex(opened.nonce),
		startsAtMs: opened.createdAtMs,
		state: 'live',
		people: view.stage.length + view.listenerCount
	};
}

function readAnnounced(
	item: Readonly<Record<string, unknown>>,
	publicKey: Uint8Array
): KeptRoom | null {
	const nonce = hexIn(item['nonce'], NONCE_BYTES);
	const title = textIn(item['title']);
	if (nonce === null || title === '') return null;
	const topics: unknown = item['topics'];
	return {
		room: roomIdOf(publicKey, fromHex(nonce)),
		nonce,
		title,
		language: textIn(item['language']),
		topics: Array.isArray(topics) ? topics.map(textIn).filter((topic) => topic !== '') : [],
		startsAtMs: numberIn(item['startsAtMs']),
		calledOff: item['calledOff'] === true
	};
}
