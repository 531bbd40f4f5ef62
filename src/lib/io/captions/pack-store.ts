/**
 * Brings the files of a pack here: from what this browser keeps, else from where the app came from. Only what has the
 * hash that its pack.json tells is used or kept, so what is kept needs no network any more.
 */
import type { CaptionPack } from '../ports.ts';
import { readLanguagePack, readPack, readPackList } from './pack.ts';
import type { LanguagePack, PackFile, PackOfFiles } from './pack.ts';

/** Apart from the app's own files, which each build replaces: these are large and seldom change. */
export const PACK_CACHE = 'grapevine-captions';
/** Where a seed lays packs out, below the app's own address. */
export const PACK_FOLDER = 'captions/';

export interface Progress {
	/** Bytes as they are sent: what a person pays for. */
	readonly doneBytes: number;
	readonly totalBytes: number;
}

/** One pack and the bytes of its files. */
export interface LoadedPack<P extends PackOfFiles> {
	readonly pack: P;
	readonly files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
}

export interface PackStore {
	/** The packs there are; those known before where nobody answers. */
	list(signal: AbortSignal): Promise<readonly CaptionPack[]>;
	/** Bytes that are still to be loaded for that pack, with the runtime; null where there is no such pack. */
	missingBytes(path: string, signal: AbortSignal): Promise<number | null>;
	/** The runtime and that pack. Rejects where a file is not to be had, or is not what it should be. */
	load(
		path: string,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal
	): Promise<{ engine: LoadedPack<PackOfFiles>; language: LoadedPack<LanguagePack> }>;
}

const ENGINE = 'engine/pack.json';
const ENGINE_FILES = ['runtime', 'voiceActivity'];

/** `base`: address of the folder with the list. */
export async function openPackStore(base: string): Promise<PackStore> {
	// Without a secure context there is no cache, and no microphone either.
	const cache = await caches.open(PACK_CACHE);
	const shelf: Shelf = { base, cache };
	const engine = async (signal: AbortSignal) =>
		readPack(await json(shelf, ENGINE, signal), ENGINE_FILES);
	const language = async (path: string, signal: AbortSignal) =>
		readLanguagePack(await json(shelf, path, signal));
	return {
		list: async (signal) => readPackList(await json(shelf, 'packs.json', signal)) ?? [],
		async missingBytes(path, signal) {
			const [one, other] = await Promise.all([engine(signal), language(path, signal)]);
			if (one === null || other === null) return null;
			const wanted = [...wantedOf(ENGINE, one), ...wantedOf(path, other)];
			const missing = await Promise.all(
				wanted.map(async ({ url, file }) => ((await isKept(shelf, url)) ? 0 : file.transferBytes))
			);
			return sum(missing);
		},
		async load(path, onProgress, signal) {
			const [one, other] = await Promise.all([engine(signal), language(path, signal)]);
			if (one === null || other === null) throw new Error('This pack cannot be read.');
			const wanted = [...wantedOf(ENGINE, one), ...wantedOf(path, other)];
			const meter = createMeter(wanted, onProgress);
			const bytes = await Promise.all(
				wanted.map((each) => fetchFile(shelf, each, (done) => meter(each, done), signal))
			);
			const filesFrom = (at: number, pack: PackOfFiles) =>
				Object.fromEntries(
					Object.keys(pack.files).map((name, i) => [name, bytes[at + i] ?? new Uint8Array(0)])
				);
			return {
				engine: { pack: one, files: filesFrom(0, one) },
				language: { pack: other, files: filesFrom(Object.keys(one.files).length, other) }
			};
		}
	};
}

interface Shelf {
	readonly base: string;
	readonly cache: Cache;
}

interface Wanted {
	/** Below the base. */
	readonly url: string;
	readonly file: PackFile;
}

const wantedOf = (packPath: string, { files }: PackOfFiles): Wanted[] =>
	Object.values(files).map((file) => ({
		url: packPath.replace(/[^/]*$/, file.path),
		file
	}));

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** In bytes as they are sent, though they are counted as they come out. */
function createMeter(
	wanted: readonly Wanted[],
	onProgress: (progress: Progress) => void
): (of: Wanted, doneBytes: number) => void {
	const done = new Map(wanted.map((one) => [one.url, 0]));
	const totalBytes = sum(wanted.map(({ file }) => file.transferBytes));
	return ({ url, file }, bytes) => {
		done.set(url, Math.round((bytes / file.bytes) * file.transferBytes));
		onProgress({ doneBytes: sum([...done.values()]), totalBytes });
	};
}

const isKept = async ({ base, cache }: Shelf, url: string): Promise<boolean> =>
	(await cache.match(base + url)) !== undefined;

/** Small, and asked for anew each time, so that a new pack is found; the one known before where nobody answers. */
async function json({ base, cache }: Shelf, url: string, signal: AbortSignal): Promise<unknown> {
	const request = base + url;
	try {
		const answer = await fetch(request, { cache: 'no-cache', signal });
		// An app without packs answers each address with its page.
		const isJson = answer.headers.get('content-type')?.includes('json') === true;
		if (!answer.ok || !isJson) return null;
		await cache.put(request, answer.clone());
		return (await answer.json()) as unknown;
	} catch (error) {
		const known = await cache.match(request);
		if (known === undefined || signal.aborted) throw error;
		return (await known.json()) as unknown;
	}
}

async function fetchFile(
	{ base, cache }: Shelf,
	{ url, file }: Wanted,
	onBytes: (done: number) => void,
	signal: AbortSignal
): Promise<Uint8Array<ArrayBuffer>> {
	const request = base + url;
	const kept = await cache.match(request);
	if (kept !== undefined) {
		const bytes = new Uint8Array(await kept.arrayBuffer());
		if (await isWhole(bytes, file)) {
			onBytes(file.bytes);
			return bytes;
		}
		await cache.delete(request);
	}
	const answer = await fetch(request, { signal });
	if (!answer.ok || answer.body === null) throw new Error(`${url}: ${answer.status}`);
	const bytes = await readInto(answer.body, file.bytes, onBytes);
	if (!(await isWhole(bytes, file))) throw new Error(`${url} is not what its pack says.`);
	// Where there is no room for it, it is loaded again the next time.
	await cache.put(request, new Response(bytes)).catch(() => undefined);
	return bytes;
}

/** No more than was told to come is taken. */
async function readInto(
	body: ReadableStream<Uint8Array<ArrayBuffer>>,
	length: number,
	onBytes: (done: number) => void
): Promise<Uint8Array<ArrayBuffer>> {
	const bytes = new Uint8Array(length);
	const reader = body.getReader();
	let done = 0;
	for (let next = await reader.read(); !next.done; next = await reader.read()) {
		if (done + next.value.length > length) {
			await reader.cancel();
			return new Uint8Array(0);
		}
		bytes.set(next.value, done);
		done += next.value.length;
		onBytes(done);
	}
	return bytes.subarray(0, done);
}

async function isWhole(bytes: Uint8Array<ArrayBuffer>, file: PackFile): Promise<boolean> {
	if (bytes.length !== file.bytes) return false;
	const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
	const hex = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
	return hex === file.sha256;
}
