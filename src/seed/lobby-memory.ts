/** Announced rooms outlive the seed: kept in its data folder, and checked again when they are read. */
import type { Clock, Keys, Store } from '#lib/io/ports.ts';
import type { Board } from '#lib/p2p/lobby/board.ts';
import { reader, writer } from '#lib/p2p/wire/bytes.ts';
import { markVerified } from '#lib/p2p/wire/envelope.ts';
import { LISTING_BYTES_MAX, LISTINGS_MAX } from '#lib/p2p/wire/limits.ts';
import { readListing } from '#lib/p2p/wire/listing.ts';

const RECORD = 'announced';
/** A seed that is killed forgets what was announced since. */
const SAVE_EVERY_MS = 60_000;

export interface LobbyMemory {
	/** Saves once more. */
	stop(): Promise<void>;
}

export interface LobbyMemoryParts {
	readonly board: Board;
	readonly store: Store;
	readonly keys: Pick<Keys, 'verify'>;
	readonly clock: Clock;
	/** Told when the disk refuses; the lobby goes on in memory. */
	readonly onFailure: (error: unknown) => void;
}

/** Resolves when what was kept is on the board. */
export async function keepLobby(parts: LobbyMemoryParts): Promise<LobbyMemory> {
	const { board, clock } = parts;
	await load(parts).catch(parts.onFailure);
	let saved = board.revision;
	let cancelAlarm: () => void = () => undefined;
	const save = async (): Promise<void> => {
		if (board.revision === saved) return;
		saved = board.revision;
		await write(parts).catch(parts.onFailure);
	};
	const next = (): void => {
		cancelAlarm = clock.wake(clock.nowMs() + SAVE_EVERY_MS, () => {
			void save();
			next();
		});
	};
	next();
	return {
		async stop() {
			cancelAlarm();
			await save();
		}
	};
}

async function write({ board, store, clock }: LobbyMemoryParts): Promise<void> {
	const out = writer();
	for (const { listing } of board.list(clock.nowMs()))
		if (listing.state === 'announced') out.blob(listing.bytes);
	await store.put(RECORD, out.finish());
}

async function load({ board, store, keys, clock }: LobbyMemoryParts): Promise<void> {
	const input = reader((await store.get(RECORD)) ?? new Uint8Array(0));
	for (let i = 0; i < LISTINGS_MAX; i++) {
		const reading = readListing(input.blob(LISTING_BYTES_MAX));
		if (!input.ok) return;
		if (reading === null) continue;
		const { listing, signed, signature } = reading;
		// Whoever can write into the folder has still to sign.
		if (await keys.verify(listing.hostKey, signed, signature))
			board.put(markVerified(listing), { source: null }, clock.nowMs());
	}
}
