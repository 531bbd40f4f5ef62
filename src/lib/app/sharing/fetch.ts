/**
 * Fetches one recording: looks for those who have it, asks several at once, checks each piece, and writes it down. It
 * goes on where it stopped. Kept at all times:
 * 1. no piece is written that is not what the host signed for;
 * 2. who brings something else is left at once, and not asked again by this run;
 * 3. pieces are taken of the host alone where others may not pass it on.
 */
import { createFetchPlan, type FetchPlan } from '#lib/p2p/archive/fetch-plan.ts';
import { pieceCount } from '#lib/p2p/archive/manifest.ts';
import { rootOf } from '#lib/p2p/archive/merkle.ts';
import { SHARE_MAP_MS, SHARE_SEARCH_MIN_MS } from '#lib/p2p/archive/share-limits.ts';
import {
	decodeAnswer,
	encodeQuestion,
	type ShareAnswer,
	type ShareQuestion
} from '#lib/p2p/archive/share-message.ts';
import { sameBytes } from '#lib/p2p/wire/bytes.ts';
import { peerIdOf, type PeerId } from '#lib/p2p/wire/ids.ts';
import {
	ban,
	end,
	fail,
	finish,
	isOver,
	progressOf,
	tell,
	type FetchParts,
	type FetchProgress,
	type Running,
	type Source
} from './fetch-run.ts';
import { searchSoon } from './fetch-sources.ts';
import { ifRight, type Held } from './held.ts';

export type { FetchProgress, ShareNetwork } from './fetch-run.ts';

export interface Fetch {
	/** What is here, for others. */
	readonly held: Held | null;
	readonly progress: FetchProgress;
	/** Lets go of everybody. Resolves when nothing is written any more. */
	stop(): Promise<void>;
}

export function startFetch(parts: FetchParts): Fetch {
	const { copy, clock, network } = parts;
	const run: Running = {
		...parts,
		onSource: (source) => void askMap(run, source),
		onGone(peer) {
			run.plan?.gone(peer);
			pump(run);
		},
		count: pieceCount(copy.signed.manifest.bytes),
		host: peerIdOf(copy.link.hostKey),
		...{ plan: null, planning: null },
		known: [],
		...{ sources: new Map(), meeting: new Set(), banned: new Set(), stay: new AbortController() },
		...{ writing: Promise.resolve(), searching: false, alone: false },
		pauseMs: SHARE_SEARCH_MIN_MS,
		...{ cancelSearch: () => undefined, cancelMaps: () => undefined }
	};
	const stopSeeds = network.seeds.onChange((reached) => {
		if (reached > 0) searchSoon(run);
	});
	run.stay.signal.addEventListener('abort', stopSeeds, { once: true });
	begin(run).catch((error: unknown) => fail(run, error));
	// A map is as good as new for a moment; what was asked and never came is asked of another.
	const again = (): void => {
		run.cancelMaps = clock.wake(clock.nowMs() + SHARE_MAP_MS, () => {
			for (const source of run.sources.values()) if (!source.whole) void askMap(run, source);
			pump(run);
			again();
		});
	};
	again();
	return {
		get held() {
			return heldOf(run);
		},
		get progress() {
			return progressOf(run);
		},
		async stop() {
			end(run);
			await run.writing.catch(() => undefined);
		}
	};
}

async function begin(run: Running): Promise<void> {
	if (isRooted(run, run.hashes)) await planned(run, run.hashes);
	searchSoon(run);
}

const isRooted = ({ count, copy }: Running, hashes: readonly Uint8Array[]): boolean =>
	hashes.length === count && sameBytes(rootOf(hashes), copy.signed.manifest.root);

/** Made once, from hashes that lead to the root. */
function planned(run: Running, hashes: readonly Uint8Array[]): Promise<FetchPlan<PeerId> | null> {
	run.planning ??= makePlan(run, hashes).catch((error: unknown) => {
		fail(run, error);
		return null;
	});
	return run.planning;
}

/** What an earlier run left is checked first: a disk may be damaged as well. */
async function makePlan(
	run: Running,
	hashes: readonly Uint8Array[]
): Promise<FetchPlan<PeerId> | null> {
	const { files } = run;
	const { bytes } = run.copy.signed.manifest;
	for (const [piece, hash] of hashes.entries()) {
		if (isOver(run)) return null;
		const content = files.has(piece) ? await files.read(piece) : null;
		if (content !== null && ifRight(hash, bytes, { piece, content }) === null) files.drop(piece);
	}
	if (hashes !== run.hashes) await run.onHashes(hashes);
	const have = (piece: number): boolean => files.has(piece);
	run.known = hashes;
	run.plan = createFetchPlan<PeerId>({ hashes, bytes, have, start: run.start });
	tell(run);
	if (run.plan.missing === 0) finish(run);
	return run.plan;
}

function heldOf({ known, files, copy, plan: made }: Running): Held | null {
	if (made === null) return null;
	const { bytes } = copy.signed.manifest;
	return {
		hashes: known,
		has: (piece) => files.has(piece),
		read: async (piece) => ifRight(known[piece], bytes, { piece, content: await files.read(piece) })
	};
}

async function askMap(run: Running, source: Source): Promise<void> {
	const { peer } = source.line;
	const answer = await ask(run, source, { type: 'map', key: run.copy.key });
	if (answer === null) return;
	if (answer.type !== 'map' || answer.has.length !== run.count) {
		if (answer.type === 'none') source.line.close();
		else ban(run, peer);
		return;
	}
	const { has } = answer;
	source.whole = has.every(Boolean);
	const made = run.plan ?? (await fetchHashes(run, peer, source));
	if (made === null || run.sources.get(peer) !== source) return;
	if (!made.offer(peer, (piece) => has[piece] ?? false)) ban(run, peer);
	pump(run);
}

/** All of one source, which answers for them. Null where it did not bring them. */
async function fetchHashes(
	run: Running,
	peer: PeerId,
	source: Source
): Promise<FetchPlan<PeerId> | null> {
	const hashes: Uint8Array[] = [];
	while (hashes.length < run.count) {
		const from = hashes.length;
		const answer = await ask(run, source, { type: 'hashes', key: run.copy.key, from });
		if (answer === null || run.plan !== null) return run.plan;
		if (answer.type !== 'hashes' || answer.from !== from) break;
		hashes.push(...answer.hashes);
	}
	if (!isRooted(run, hashes)) {
		ban(run, peer);
		return null;
	}
	return planned(run, hashes);
}

/** Null where the line is closed, or the answer is none. */
async function ask(
	run: Running,
	{ line }: Source,
	question: ShareQuestion
): Promise<ShareAnswer | null> {
	try {
		const answer = decodeAnswer(await line.ask(encodeQuestion(question)));
		if (answer === null) ban(run, line.peer);
		return isOver(run) ? null : answer;
	} catch {
		return null;
	}
}

function pump(run: Running): void {
	if (isOver(run)) return;
	for (const { source: peer, piece } of run.plan?.asks(run.clock.nowMs()) ?? []) {
		const source = run.sources.get(peer);
		if (source === undefined) run.plan?.gone(peer);
		else void fetchPiece(run, source, piece);
	}
}

async function fetchPiece(run: Running, source: Source, piece: number): Promise<void> {
	const answer = await ask(run, source, { type: 'piece', key: run.copy.key, piece });
	const { plan: made } = run;
	if (answer === null || made === null) return;
	const { peer } = source.line;
	if (answer.type === 'lacks' || answer.type === 'busy' || answer.type === 'none') {
		source.whole = false;
		made.lacks(peer, piece);
	} else if (answer.type === 'piece' && answer.piece === piece) {
		accept(run, peer, { piece, bytes: answer.bytes });
	} else ban(run, peer);
	pump(run);
}

function accept(
	run: Running,
	peer: PeerId,
	{ piece, bytes }: { readonly piece: number; readonly bytes: Uint8Array }
): void {
	const outcome = run.plan?.arrived(peer, piece, bytes);
	if (outcome === 'bad') ban(run, peer);
	if (outcome !== 'good') return;
	run.writing = run.writing.then(async () => {
		await run.files.put(piece, bytes);
		tell(run);
		if (run.files.count >= run.count) finish(run);
	});
	run.writing.catch((error: unknown) => fail(run, error));
}
