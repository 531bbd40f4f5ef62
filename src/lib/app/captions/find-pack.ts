/** Whether a language can be put into words here, and what is still to be loaded for it. */
import { packFor } from '#lib/io/captions/pack.ts';
import type { CaptionPack, CaptionSource } from '#lib/io/ports.ts';

/** A list of packs, and what one weighs, come within this, or not at all. */
const LOOK_MAX_MS = 10_000;

export interface FoundPack {
	/** Null where there is none for that language. */
	readonly pack: CaptionPack | null;
	/** To be loaded; 0 where it is here already. */
	readonly bytes: number;
	/** What there is. */
	readonly languages: readonly string[];
}

/** Rejects where nobody can be asked, and nothing is known. */
export async function findPack(source: CaptionSource, language: string): Promise<FoundPack> {
	const signal = AbortSignal.timeout(LOOK_MAX_MS);
	const packs = await source.packs(signal);
	const languages = packs.map((pack) => pack.language);
	const pack = packFor(packs, language);
	const bytes = pack === null ? null : await source.missingBytes(pack.path, signal);
	return bytes === null ? { pack: null, bytes: 0, languages } : { pack, bytes, languages };
}
