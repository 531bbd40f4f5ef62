/**
 * Fetches one recording: looks for those who have it, asks several at once, checks each piece, and writes it down. It
 * goes on where it stopped. Kept at all times:
 * 1. no piece is written that is not what the host signed for;
 * 2. who brings something else is left at once, and not asked again by this run;
 * 3. pieces are taken of the host alone where others may not pass it on.
 */
import type { FetchedFiles } from '#lib/io/disk/fetched-files.ts';
import type { Rendezvous } from '#lib/io/net/rendezvous.ts';
import type { Clock, Directory, ShareLine, Sharing } from '#lib/io/ports.ts';
import { createFetchPlan, type FetchPlan } from '#lib/p2p/archive/fetch-plan.ts';
import { SOURCES_MAX } from '#lib/p2p/archive/limits.ts';
import { pieceCount } from '#lib/p2p/archive/manifest.ts';
import { rootOf } from '#lib/p2p/archive/merkle.ts';
import {
	SHARE_MAP_MS,
	SHARE_SEARCH_MAX_MS,
	SHARE_SEARCH_MIN_MS,
	SHARE_SEARCH_MS
} from '#lib/p2p/archive/share-limits.ts';
import {
	decodeAnswer,
	encodeQuestion,
	type ShareAnswer,
	type ShareQuestion
} from '#lib/p2p/archive/share-message.ts';
import { sameBytes } from '#lib/p2p/wire/bytes.ts';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import { peerIdOf, type PeerId } from '#lib/p2p/wire/ids.ts';
import { ifRight, type Held } from './held.ts';
import type { Copy } from './share-book.ts';

export interface ShareNetwork {
	readonly sharing: Sharing;
	readonly directory: Directory;
	readonly seeds: Pick<Rendezvous, 'reached' | 'onChange'>;
}

export interface FetchProgress {
	readonly done: number;
	readonly pieces: number;
	/** Whom we are connected with. */
	readonly sources: number;
	/** Who brought something that was not signed. */
	readonly dropped: number;
	/** Nobody was found who has it, the last time we looked. */
	readonly alone: boolean;
}

export interface FetchParts {
	readonly copy: Copy;
	readonly network: ShareNetwork;
	readonly clock: Clock;
	readonly files: FetchedFiles;
	readonly me: PeerId;
	/** Those that were kept from an earlier run; none. */
	readonly hashes: readonly Uint8Array[];
	/** They lead to the root: to be kept. */
	readonly onHashes: (hashes: readonly Uint8Array[]) => Promise<void>;
	/** What somebody offers, before anything is asked of them; false where nothing is to be fetched any more. */
	readonly onOffer: (offer: Extract<ShareAnswer, { type: 'offer' }>) => Promise<boolean>;
	readonly onProgress: (progress: FetchProgress) => void;
	readonly onWhole: () => void;
	/** The disk does not take it. */
	readonly onFailed: (why: unknown) => void;
	/** Where it begins, by chance. */
	readonly start: number;
}

export interface Fetch {
	/** What is here, for others. */
	readonly held: Held | null;
	readonly progress: FetchProgress;
	/** Lets go of everybody. Resolves when nothing is written any more. */
	stop(): Promise<void>;
}

interface Source {
	readonly line: ShareLine;
	/** It has everything: nobody needs to ask it again. */
	whole: boolean;
}

interface Running extends FetchParts {
	readonly count: number;
	readonly host: PeerId;
	plan: FetchPlan<PeerId> | null;
	planning: Promise<FetchPlan<PeerId> | null> | null;
	known: readonly Uint8Array[];
	readonly sources: Map<PeerId, Source>;
	/** Whom we are trying to reach. */
	readonly meeting: Set<PeerId>;
	readonly banned: Set<PeerId>;
	readonly stay: AbortController;
	writing: Promise<void>;
	searching: boolean;
	alone: boolean;
	pauseMs: number;
	cancelSearch: () => void;
	cancelMaps: () => void;
}

export function startFetch(parts: FetchParts): Fetch {
	const { copy, clock, network } = parts;
	const run: Running = {
		...parts,
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
			for (const [peer, source] of run.sources) if (!source.whole) void askMap(run, peer, source);
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

const progressOf = ({ files, count, sources, banned, alone }: Running): FetchProgress => ({
	done: Math.min(files.count, count),
	pieces: count,
	sources: sources.size,
	dropped: banned.size,
	alone: alone && sources.size === 0
});

const isOver = ({ stay }: Running): boolean => stay.signal.aborted;

const tell = (run: Running): void => run.onProgress(progressOf(run));

function end(run: Running): void {
	run.stay.abort();
	run.cancelSearch();
	run.cancelMaps();
	for (const { line } of [...run.sources.values()]) line.close();
	run.sources.clear();
}

function finish(run: Running): void {
	if (isOver(run)) return;
	end(run);
	run.onWhole();
}

function fail(run: Running, why: unknown): void {
	if (isOver(run)) return;
	end(run);
	run.onFailed(why);
}

function searchSoon(run: Running): void {
	if (isOver(run)) return;
	run.pauseMs = SHARE_SEARCH_MIN_MS;
	run.cancelSearch();
	void search(run);
}

/** The host first, by its id alone; then whoever is announced. */
async function search(run: Running): Promise<void> {
	if (run.searching || isOver(run)) return;
	run.searching = true;
	const meetings = [meet(run, { peer: run.host, addrs: [] })];
	const signal = AbortSignal.any([run.stay.signal, AbortSignal.timeout(SHARE_SEARCH_MS)]);
	try {
		for await (const contact of run.network.directory.find(run.copy.key, signal)) {
			meetings.push(meet(run, contact));
		}
	} catch {
		// No seed answers; the next search may fare better.
	}
	await Promise.all(meetings);
	run.searching = false;
	if (isOver(run)) return;
	run.alone = true;
	tell(run);
	run.cancelSearch = run.clock.wake(run.clock.nowMs() + run.pauseMs, () => void search(run));
	run.pauseMs = Math.min(2 * run.pauseMs, SHARE_SEARCH_MAX_MS);
}

/** Asks what it has, and for a line where it gives something. */
async function meet(run: Running, contact: Contact): Promise<void> {
	const { peer } = contact;
	const { sources, meeting, banned, copy, network, stay } = run;
	const isKnown = sources.has(peer) || meeting.has(peer) || banned.has(peer) || peer === run.me;
	if (isKnown || sources.size + meeting.size >= 2 * SOURCES_MAX || isOver(run)) return;
	if (!copy.signed.manifest.passedOn && peer !== run.host) return;
	meeting.add(peer);
	try {
		const { signed } = copy.signed;
		const look = encodeQuestion({ type: 'look', key: copy.key, manifest: signed });
		const answer = decodeAnswer(await network.sharing.ask(contact, look, stay.signal));
		if (answer?.type !== 'offer' || !(await run.onOffer(answer)) || !answer.gives) return;
		if (isOver(run)) return;
		take(run, await network.sharing.line(contact, stay.signal));
	} catch {
		// It is not there, or there is no way through; the next search tries again.
	} finally {
		meeting.delete(peer);
	}
}

function take(run: Running, line: ShareLine): void {
	const { peer } = line;
	if (isOver(run) || run.sources.has(peer) || run.sources.size >= SOURCES_MAX) {
		line.close();
		return;
	}
	const source: Source = { line, whole: false };
	run.sources.set(peer, source);
	line.onClose(() => {
		if (run.sources.get(peer) !== source) return;
		run.sources.delete(peer);
		run.plan?.gone(peer);
		if (isOver(run)) return;
		tell(run);
		pump(run);
		if (run.sources.size === 0) searchSoon(run);
	});
	tell(run);
	void askMap(run, peer, source);
}

/** The source says something else than the truth: it is left. */
function ban(run: Running, peer: PeerId): void {
	run.banned.add(peer);
	run.sources.get(peer)?.line.close();
	tell(run);
}

async function askMap(run: Running, peer: PeerId, source: Source): Promise<void> {
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
