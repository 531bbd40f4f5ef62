/** Recordings without a disk. */
import type { Shelf, ShelvedRecording } from '#lib/app/recordings/shelf.ts';
import type { RecordingId } from '#lib/p2p/wire/ids.ts';
import { FAKE_ROOM } from './fake-session.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 10, 2, 18);

export function fakeRecording(
	number: number,
	changes: Partial<ShelvedRecording> = {}
): ShelvedRecording {
	return {
		id: number.toString(16).padStart(32, '0') as RecordingId,
		room: FAKE_ROOM,
		title: `Talk ${number}`,
		startedAtMs: START_MS,
		endedAtMs: START_MS + 3_723_000,
		durationMs: 3_723_000,
		bytes: 12_300_000,
		people: [],
		...{ sealed: false, fetched: false },
		deletedAtMs: START_MS + 30 * DAY_MS,
		...changes
	};
}

export function fakeShelf(
	act: (call: string) => Promise<void>,
	first: readonly ShelvedRecording[] = [fakeRecording(1), fakeRecording(2, { deletedAtMs: null })]
): Shelf {
	let list = first;
	let persistence: 'granted' | 'denied' = 'denied';
	const listeners = new Set<() => void>();
	const set = (next: readonly ShelvedRecording[]): void => {
		list = next;
		for (const tell of listeners) tell();
	};
	return {
		available: true,
		list: () => Promise.resolve(list),
		async keep(id, kept) {
			await act(`keep ${id} ${kept}`);
			const deletedAtMs = kept ? null : START_MS + 30 * DAY_MS;
			set(list.map((one) => (one.id === id ? { ...one, deletedAtMs } : one)));
		},
		async remove(id) {
			await act(`remove ${id}`);
			set(list.filter((one) => one.id !== id));
		},
		space: () => Promise.resolve({ used: 24_600_000, left: 5_000_000_000 }),
		async persistence(ask) {
			if (ask) await act('askToPersist');
			if (ask) persistence = 'granted';
			return persistence;
		},
		sweep: () => Promise.resolve(0),
		start: () => undefined,
		onChange(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		}
	};
}
