/** A fetch while it runs: what it is made of, whom it has, and how it ends. */
import type { FetchedFiles } from '#lib/io/disk/fetched-files.ts';
import type { Rendezvous } from '#lib/io/net/rendezvous.ts';
import type { Clock, Directory, ShareLine, Sharing } from '#lib/io/ports.ts';
import type { FetchPlan } from '#lib/p2p/archive/fetch-plan.ts';
import type { ShareAnswer } from '#lib/p2p/archive/share-message.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import type { Copy } from './share-book.ts';

/** What of the network sharing needs. */
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

export interface Source {
	readonly line: ShareLine;
	/** It has everything: nobody needs to ask it again. */
	whole: boolean;
}

export interface Running extends FetchParts {
	readonly count: number;
	readonly host: PeerId;
	plan: FetchPlan<PeerId> | null;
	planning: Promise<FetchPlan<PeerId> | null> | null;
	known: readonly Uint8Array[];
	readonly sources: Map<PeerId, Source>;
	/** Whom we are trying to reach. */
	readonly meeting: Set<PeerId>;
	readonly banned: Set<PeerId>;
	/** Aborted when all is over. */
	readonly stay: AbortController;
	/** Somebody gives: they are asked what they have. */
	readonly onSource: (source: Source) => void;
	/** They are gone: what they were asked for is asked of others. */
	readonly onGone: (peer: PeerId) => void;
	writing: Promise<void>;
	searching: boolean;
	alone: boolean;
	pauseMs: number;
	cancelSearch: () => void;
	cancelMaps: () => void;
}

export const progressOf = ({ files, count, sources, banned, alone }: Running): FetchProgress => ({
	done: Math.min(files.count, count),
	pieces: count,
	sources: sources.size,
	dropped: banned.size,
	alone: alone && sources.size === 0
});

export const isOver = ({ stay }: Running): boolean => stay.signal.aborted;

export const tell = (run: Running): void => run.onProgress(progressOf(run));

/** Lets go of everybody; nothing more is told. */
export function end(run: Running): void {
	run.stay.abort();
	run.cancelSearch();
	run.cancelMaps();
	for (const { line } of [...run.sources.values()]) line.close();
	run.sources.clear();
}

export function finish(run: Running): void {
	if (isOver(run)) return;
	end(run);
	run.onWhole();
}

export function fail(run: Running, why: unknown): void {
	if (isOver(run)) return;
	end(run);
	run.onFailed(why);
}

/** The source says something else than the truth: it is left. */
export function ban(run: Running, peer: PeerId): void {
	run.banned.add(peer);
	run.sources.get(peer)?.line.close();
	tell(run);
}
