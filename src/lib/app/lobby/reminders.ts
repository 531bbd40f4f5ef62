/** Rooms I want to be told of when they begin. Kept on this device; told while the app is open. */
import type { Clock, Store } from '#lib/io/ports.ts';
import { ROOM_ID_BYTES, type RoomId } from '#lib/p2p/wire/ids.ts';
import { ANNOUNCED_LATE_MS } from '#lib/p2p/wire/limits.ts';
import { encodeRoomKey } from '#lib/p2p/wire/room-key.ts';
import { changeList, hexIn, loadList, numberIn, textIn, type Edit } from '../json-record.ts';
import { createListeners } from '../listeners.ts';

const RECORD = 'reminders';
/** What a lobby announces to one person; the ones that begin last are not taken. */
export const REMINDERS_MAX = 64;
/** Time to finish a sentence elsewhere. */
const AHEAD_MS = 2 * 60_000;

export interface Reminder {
	readonly room: RoomId;
	readonly roomKey: string;
	readonly title: string;
	readonly startsAtMs: number;
}

export interface Reminders {
	has(room: RoomId): boolean;
	/** False where there are REMINDERS_MAX. Rejects where the browser keeps nothing. */
	add(reminder: Omit<Reminder, 'roomKey'>): Promise<boolean>;
	remove(room: RoomId): Promise<void>;
	onChange(listener: () => void): () => void;
	/** Called two minutes before a room is to begin, or at once where the app is opened later than that. */
	onDue(listener: (reminder: Reminder) => void): () => void;
	/** From now on they are told. */
	start(): void;
}

export async function openReminders(store: Store, clock: Clock): Promise<Reminders> {
	const format = { record: RECORD, read: readReminder };
	let list: readonly Reminder[] = await loadList(store, RECORD, readReminder);
	const changes = createListeners<undefined>();
	const due = createListeners<Reminder>();
	let started = false;
	let cancelAlarm: () => void = () => undefined;

	const change = async (edit: Edit<Reminder>): Promise<void> => {
		list = await changeList(store, format, edit);
		changes.tell(undefined);
		ring();
	};
	const ring = (): void => {
		cancelAlarm();
		if (!started) return;
		const nowMs = clock.nowMs();
		const told = list.filter(({ startsAtMs }) => startsAtMs - AHEAD_MS <= nowMs);
		if (told.length > 0) {
			const isToCome = ({ room }: Reminder): boolean => told.every((one) => one.room !== room);
			list = list.filter(isToCome);
			// Told twice is better than not at all, where it cannot be kept.
			changeList(store, format, (kept) => kept.filter(isToCome)).catch(() => undefined);
			changes.tell(undefined);
		}
		const [next] = [...list].sort((a, b) => a.startsAtMs - b.startsAtMs);
		if (next !== undefined) cancelAlarm = clock.wake(next.startsAtMs - AHEAD_MS, ring);
		for (const one of told) if (one.startsAtMs + ANNOUNCED_LATE_MS > nowMs) due.tell(one);
	};
	return {
		has: (room) => list.some((one) => one.room === room),
		async add({ room, title, startsAtMs }) {
			const without = (kept: readonly Reminder[]): Reminder[] =>
				kept.filter((one) => one.room !== room);
			if (without(list).length >= REMINDERS_MAX) return false;
			const reminder = { room, title, startsAtMs, roomKey: encodeRoomKey(room) };
			await change((kept) => [...without(kept), reminder].slice(0, REMINDERS_MAX));
			return list.some((one) => one.room === room);
		},
		remove: (room) => change((kept) => kept.filter((one) => one.room !== room)),
		onChange: (listener) => changes.add(listener),
		onDue: (listener) => due.add(listener),
		start() {
			started = true;
			ring();
		}
	};
}

function readReminder(item: Readonly<Record<string, unknown>>): Reminder | null {
	const room = hexIn(item['room'], ROOM_ID_BYTES) as RoomId | null;
	if (room === null) return null;
	const title = textIn(item['title']);
	return { room, title, roomKey: encodeRoomKey(room), startsAtMs: numberIn(item['startsAtMs']) };
}
