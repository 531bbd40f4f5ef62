/**
 * The recordings of this device: what there is, until when, and how much space they take. What is over goes by itself,
 * when the app starts and while it is open.
 */
import { openFolder, META, RESERVE } from '#lib/io/disk/recording-files.ts';
import type { Clock, Disk, DiskSpace, Store } from '#lib/io/ports.ts';
import { encodeMeta, type RecordedPerson, type RecordingMeta } from '#lib/p2p/archive/meta.ts';
import { deletedAtMs } from '#lib/p2p/archive/retention.ts';
import type { RecordingId, RoomId } from '#lib/p2p/wire/ids.ts';
import { createVault, EPOCH_KEY_BYTES, type Vault } from '#lib/p2p/lock/vault.ts';
import { TITLE_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';
import { forgetRecordingKeys, loadRecordingKeys } from '../engine/recording-keys.ts';
import type { KeepNews } from '../people/keep-desk.ts';
import type { SharingDesk } from '../sharing/sharing-desk.ts';
import { keepNewsOf } from './keep-news.ts';

/** How often an open app looks for what is over: a day more or less is promised, not a minute. */
const SWEEP_EVERY_MS = 30 * 60_000;
/** As folders of recordings are named. */
const ID = /^[0-9a-f]{32}$/;

export interface ShelvedRecording {
	readonly id: RecordingId;
	readonly room: RoomId;
	/** Empty where it is sealed, and its key is not here. */
	readonly title: string;
	readonly startedAtMs: number;
	/** Null while it may still go on. */
	readonly endedAtMs: number | null;
	readonly durationMs: number;
	readonly bytes: number;
	readonly people: readonly RecordedPerson[];
	readonly sealed: boolean;
	/** It was recorded by somebody else, and fetched: it goes when its host says so. */
	readonly fetched: boolean;
	/** When it goes by itself, epoch ms; null where it is kept. */
	readonly deletedAtMs: number | null;
}

export type Persistence = 'granted' | 'denied' | 'unknown';

export interface Shelf {
	/** False where this browser keeps no files for us. */
	readonly available: boolean;
	/** The latest first. */
	list(): Promise<readonly ShelvedRecording[]>;
	/** Beyond its day, or no longer: then its thirty days count from its end all the same. */
	keep(id: RecordingId, kept: boolean): Promise<void>;
	/** At once and for good. */
	remove(id: RecordingId): Promise<void>;
	space(): Promise<DiskSpace>;
	/** Whether the browser would take it all away when space is short; asks it not to where `ask`. */
	persistence(ask: boolean): Promise<Persistence>;
	/** Removes what is over. Gives how many that were. */
	sweep(): Promise<number>;
	/** Sweeps now and from now on. */
	start(): void;
	/** Called when something was kept or removed. Returns how to stop. */
	onChange(listener: () => void): () => void;
}

export interface ShelfParts {
	readonly disk: Disk | null;
	readonly store: Store;
	readonly clock: Clock;
	readonly isPersisted: () => Promise<boolean | null>;
	readonly askToPersist: () => Promise<boolean | null>;
	/** The one that is being recorded now. */
	readonly current: () => RecordingId | null;
	/** What is shared of it, or where it came from. */
	readonly sharing: Pick<SharingDesk, 'copy' | 'letGo' | 'remove' | 'renew'>;
	/** Those who spoke are told how long it is kept. */
	readonly tell: (news: KeepNews) => Promise<void>;
	readonly note: (error: unknown) => void;
}

export function createShelf(parts: ShelfParts): Shelf {
	const { disk, clock } = parts;
	const listeners = new Set<() => void>();
	const changed = (): void => {
		for (const listener of [...listeners]) listener();
	};
	/** One after the other, or two would remove the same. */
	let sweeping: Promise<number> = Promise.resolve(0);
	const sweepOnce = async (): Promise<number> => {
		const nowMs = clock.nowMs();
		const over = (await shelf.list()).filter(
			// Who fetched it sees to what its host says.
			({ id, fetched, deletedAtMs: atMs }) =>
				!fetched && atMs !== null && nowMs >= atMs && id !== parts.current()
		);
		for (const { id } of over) await removeOwn(parts, id);
		await removeLeftReserve(parts);
		if (over.length > 0) changed();
		return over.length;
	};
	const shelf: Shelf = {
		available: disk !== null,
		async list() {
			const found = await Promise.all((await idsOn(disk)).map((id) => describe(parts, id)));
			const there = found.filter((one) => one !== null);
			return there.sort((a, b) => b.startedAtMs - a.startedAtMs);
		},
		async keep(id, kept) {
			await writeKept(parts, id, kept ? Math.floor(clock.nowMs()) : null);
			await parts.sharing.renew(id);
			await tellSpeakers(parts, id);
			changed();
		},
		async remove(id) {
			if (parts.sharing.copy(id) !== null) await parts.sharing.remove(id);
			else {
				// Others have it by our leave, which ends with it.
				await parts.sharing.letGo(id);
				await tellSpeakers(parts, id, Math.floor(clock.nowMs()));
				await removeOwn(parts, id);
			}
			changed();
		},
		space: () => disk?.space() ?? Promise.resolve({ used: null, left: null }),
		async persistence(ask) {
			const answer = await (ask ? parts.askToPersist() : parts.isPersisted());
			if (answer === null) return 'unknown';
			return answer ? 'granted' : 'denied';
		},
		sweep() {
			sweeping = sweeping.then(sweepOnce, sweepOnce);
			return sweeping;
		},
		start() {
			shelf.sweep().catch(parts.note);
			clock.wake(clock.nowMs() + SWEEP_EVERY_MS, () => shelf.start());
		},
		onChange(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		}
	};
	return shelf;
}

/** Of a recording that was cut off. One that goes on in another tab holds its own, which is refused. */
async function removeLeftReserve({ disk, current, note }: ShelfParts): Promise<void> {
	if (current() === null) await disk?.removeFolder(RESERVE).catch(note);
}

async function idsOn(disk: Disk | null): Promise<readonly RecordingId[]> {
	const folders = (await disk?.folders()) ?? [];
	return folders.filter((name) => ID.test(name)) as RecordingId[];
}

async function describe(
	{ disk, store, sharing }: ShelfParts,
	id: RecordingId
): Promise<ShelvedRecording | null> {
	const reader = disk === null ? null : await openFolder(disk, id);
	if (disk === null || reader === null) return null;
	const { meta, durationMs, lastMs } = reader.recording;
	const files = await disk.files(id);
	const copy = sharing.copy(id);
	return {
		...{ id, durationMs, room: meta.room, people: meta.people },
		title: await titleOf(store, meta),
		startedAtMs: meta.startedAtMs,
		endedAtMs: meta.endedAtMs,
		bytes: files.reduce((sum, { size }) => sum + size, 0),
		sealed: meta.sealed,
		fetched: copy !== null,
		deletedAtMs: copy === null ? deletedAtMs(meta, lastMs) : copy.manifest.expiresAtMs
	};
}

async function titleOf(store: Store, meta: RecordingMeta): Promise<string> {
	const vault = await vaultOf(store, meta);
	return cleanText(vault.openText(meta.title) ?? '', TITLE_BYTES_MAX);
}

async function vaultOf(store: Store, { id, room }: RecordingMeta): Promise<Vault> {
	const vault = createVault(room, new Uint8Array(EPOCH_KEY_BYTES));
	for (const { epoch, key } of await loadRecordingKeys(store, id)) vault.learn(epoch, key);
	return vault;
}

/** `goneAtMs`: it is deleted now, whatever its day. */
async function tellSpeakers(
	{ disk, store, tell }: ShelfParts,
	id: RecordingId,
	goneAtMs?: number
): Promise<void> {
	const reader = disk === null ? null : await openFolder(disk, id);
	if (reader === null) return;
	const { recording } = reader;
	const { meta, lastMs } = recording;
	const atMs = goneAtMs ?? deletedAtMs(meta, lastMs);
	const news = keepNewsOf(recording, await vaultOf(store, meta), atMs);
	if (news !== null) await tell(news);
}

/** Rejects for the one that is being recorded: its files are the recorder's. */
async function writeKept(
	{ disk }: ShelfParts,
	id: RecordingId,
	keptAtMs: number | null
): Promise<void> {
	const reader = disk === null ? null : await openFolder(disk, id);
	if (disk === null || reader === null) return;
	const file = await disk.open(id, META);
	try {
		await file.append(encodeMeta({ ...reader.recording.meta, keptAtMs }));
		await file.flush();
	} finally {
		await file.close();
	}
}

async function removeOwn({ disk, store }: ShelfParts, id: RecordingId): Promise<void> {
	await disk?.removeFolder(id);
	await forgetRecordingKeys(store, id);
}
