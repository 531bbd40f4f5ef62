/**
 * Whom this person has blocked as a host, kept on this device: rooms it opens later are closed to them from the
 * beginning. Blocks of co-hosts count, for they were made in the host's name.
 */
import type { Store } from '#lib/io/ports.ts';
import type { RoomView } from '#lib/p2p/peer/view.ts';
import { parsePeerId, type PeerId } from '#lib/p2p/wire/ids.ts';
import { BLOCKED_MAX, NAME_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';
import { textIn } from './json-record.ts';
import { openKeptList, type KeptList } from './kept-list.ts';
import { createListeners } from './listeners.ts';
import type { Session } from './session.ts';

export interface BlockedPerson {
	readonly peer: PeerId;
	/** As it was when this person was blocked; may be empty. */
	readonly name: string;
}

export interface BlockedList {
	/** The latest first, at most BLOCKED_MAX. */
	readonly people: readonly BlockedPerson[];
	/** Takes over who is blocked and let in again in a room of ours, as long as the session lasts. */
	watch(session: Pick<Session, 'subscribe' | 'moderate'>): void;
	/** Also lets that person into the room we host now. Rejects where the browser refuses to keep it. */
	unblock(peer: PeerId): Promise<void>;
	/** Called after each change. Returns how to stop. */
	onChange(listener: () => void): () => void;
}

/**
 * Somebody on the list, or once on it. Who was unblocked is remembered: an old room of ours, entered again, still
 * says that they are blocked there.
 */
interface Entry extends BlockedPerson {
	readonly lifted: boolean;
}

/** Twice as many as a room takes, for those who were unblocked: 60 kB on the device. The oldest are forgotten. */
const ENTRIES_MAX = 2 * BLOCKED_MAX;
const RECORD = 'blocked';

interface Kept {
	readonly list: KeptList<Entry>;
	/** The room we are in, as last seen. */
	room: { readonly view: RoomView; readonly session: Pick<Session, 'moderate'> } | null;
}

export async function loadBlockedList(store: Store): Promise<BlockedList> {
	const changes = createListeners<undefined>();
	const format = { record: RECORD, read: readEntry, max: ENTRIES_MAX };
	const list = await openKeptList(store, format, () => {
		people = shown(list.items);
		changes.tell(undefined);
	});
	let people = shown(list.items);
	const kept: Kept = { list, room: null };
	return {
		get people() {
			return people;
		},
		watch(session) {
			kept.room = null;
			session.subscribe(({ view }) => {
				const before = kept.room?.view ?? null;
				if (view === before) return;
				kept.room = { view, session };
				// What the browser does not keep holds until the page goes.
				take(kept, before, view).catch(() => undefined);
			});
		},
		async unblock(peer) {
			const { room } = kept;
			if (isReadmittable(room?.view ?? null, peer))
				room?.session.moderate({ type: 'readmit', peer });
			await lift(kept, [peer]);
		},
		onChange: (listener) => changes.add(listener)
	};
}

const isReadmittable = (view: RoomView | null, peer: PeerId): boolean =>
	view?.phase === 'joined' && view.removed.some((one) => one.peer === peer && one.canReadmit);

/** In the first view of a room only those are news whom we have not unblocked ourselves since. */
async function take(kept: Kept, before: RoomView | null, after: RoomView): Promise<void> {
	if (after.me.role !== 'host') return;
	const [old, now] = [blockedIn(before), blockedIn(after)];
	const known = new Set(kept.list.items.map(({ peer }) => peer));
	const isNews = ({ peer }: BlockedPerson): boolean =>
		before?.me.role === 'host' ? !old.some((one) => one.peer === peer) : !known.has(peer);
	const fresh = now.filter(isNews);
	const gone = old.filter((one) => !now.some(({ peer }) => peer === one.peer));
	if (fresh.length > 0)
		await kept.list.change((entries) => [
			...fresh.map((one) => entryOf(entries, one)),
			...without(entries, fresh)
		]);
	if (gone.length > 0 && after.phase === 'joined')
		await lift(
			kept,
			gone.map(({ peer }) => peer)
		);
}

const blockedIn = (view: RoomView | null): BlockedPerson[] =>
	(view?.removed ?? []).filter(({ blocked }) => blocked).map(({ peer, name }) => ({ peer, name }));

/** A room that begins with a block has never heard that person's name. */
function entryOf(entries: readonly Entry[], { peer, name }: BlockedPerson): Entry {
	const before = entries.find((one) => one.peer === peer);
	return { peer, name: name === '' ? (before?.name ?? '') : name, lifted: false };
}

const without = (entries: readonly Entry[], people: readonly BlockedPerson[]): Entry[] =>
	entries.filter((entry) => !people.some(({ peer }) => peer === entry.peer));

const lift = ({ list }: Kept, peers: readonly PeerId[]): Promise<void> =>
	list.change((entries) =>
		entries.map((entry) => (peers.includes(entry.peer) ? { ...entry, lifted: true } : entry))
	);

const shown = (entries: readonly Entry[]): BlockedPerson[] =>
	entries
		.filter(({ lifted }) => !lifted)
		.map(({ peer, name }) => ({ peer, name }))
		.slice(0, BLOCKED_MAX);

function readEntry({ peer, name, lifted }: Readonly<Record<string, unknown>>): Entry | null {
	const id = parsePeerId(textIn(peer));
	if (id === null) return null;
	return { peer: id, name: cleanText(textIn(name), NAME_BYTES_MAX), lifted: lifted === true };
}
