/** The built app on disk, ready to be sent: found safely, compressed once, remembered within a bound. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { securityHeaders } from './headers.ts';

/** Larger files (speech models) are streamed, as they are or from a `.br` or `.gz` beside them. */
const KEPT_FILE_BYTES_MAX = 2 * 1024 * 1024;
/** The whole app has about 3 MB; its compressed forms come on top. */
const KEPT_BYTES_MAX = 32 * 1024 * 1024;
/** Below this a header costs more than compression saves. */
const COMPRESSED_BYTES_MIN = 1024;
/** 5 of 11: nine tenths of the gain in a tenth of the time; each file is compressed once. */
const BROTLI_QUALITY = 5;

const TYPES: Readonly<Record<string, string>> = {
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript; charset=utf-8',
	'.mjs': 'text/javascript; charset=utf-8',
	'.css': 'text/css; charset=utf-8',
	'.json': 'application/json; charset=utf-8',
	'.webmanifest': 'application/manifest+json; charset=utf-8',
	'.txt': 'text/plain; charset=utf-8',
	'.svg': 'image/svg+xml; charset=utf-8',
	'.png': 'image/png',
	'.jpg': 'image/jpeg',
	'.webp': 'image/webp',
	'.ico': 'image/x-icon',
	'.wasm': 'application/wasm',
	'.woff2': 'font/woff2',
	'.mp3': 'audio/mpeg',
	'.opus': 'audio/ogg',
	'.wav': 'audio/wav'
};
const COMPRESSIBLE = /^text\/|json|svg|wasm|octet-stream/;

const ENCODERS = {
	br: (bytes: Buffer) =>
		promisify(brotliCompress)(bytes, {
			params: {
				[constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
				[constants.BROTLI_PARAM_SIZE_HINT]: bytes.length
			}
		}),
	gzip: (bytes: Buffer) => promisify(gzip)(bytes)
};
type Encoding = keyof typeof ENCODERS;
const SUFFIX: Record<Encoding, string> = { br: '.br', gzip: '.gz' };

export interface FileAnswer {
	readonly headers: Record<string, string | number>;
	readonly etag: string;
	/** Called at most once, and only where the body is sent. */
	readonly body: () => Buffer | Readable;
}

export interface AppFiles {
	/** Null where there is no such file. `acceptEncoding` is the request's header. */
	open(path: string, acceptEncoding: string): Promise<FileAnswer | null>;
}

interface Kept {
	readonly modifiedMs: number;
	readonly bytes: Buffer;
	readonly etag: string;
	readonly encoded: Map<Encoding, Promise<Buffer>>;
}

/**
 * The path below the app's folder that a URL's path asks for; null for one that no app has: with `..`, hidden
 * parts, backslashes, drive letters or bad escapes.
 */
export function filePathOf(urlPath: string): string | null {
	let path: string;
	try {
		path = decodeURIComponent(urlPath);
	} catch {
		return null;
	}
	const parts = path.split('/').filter((part) => part !== '');
	// eslint-disable-next-line no-control-regex -- control characters are what this refuses
	return parts.some((part) => part.startsWith('.') || /[\\:\u0000-\u001f]/.test(part))
		? null
		: parts.join('/');
}

export function createAppFiles(folder: string): AppFiles {
	const kept = new Map<string, Kept>();
	let keptBytes = 0;

	const forget = (path: string): void => {
		keptBytes -= 2 * (kept.get(path)?.bytes.length ?? 0);
		kept.delete(path);
	};
	const keep = (path: string, file: Kept): void => {
		forget(path);
		kept.set(path, file);
		// Twice: as it is, and compressed.
		keptBytes += 2 * file.bytes.length;
		for (const oldest of kept.keys()) {
			if (keptBytes <= KEPT_BYTES_MAX) return;
			forget(oldest);
		}
	};
	const load = async (path: string, modifiedMs: number): Promise<Kept> => {
		const known = kept.get(path);
		if (known?.modifiedMs === modifiedMs) return known;
		const bytes = await readFile(join(folder, path));
		const file = { modifiedMs, bytes, etag: hashOf(bytes), encoded: new Map() };
		keep(path, file);
		return file;
	};

	return {
		async open(path, acceptEncoding) {
			const found = await statFile(join(folder, path));
			if (found === null) return null;
			const encodings = COMPRESSIBLE.test(typeOf(path)) ? accepted(acceptEncoding) : [];
			if (found.size > KEPT_FILE_BYTES_MAX) return streamed(folder, path, encodings);
			return answer(folder, path, await load(path, found.mtimeMs), encodings);
		}
	};
}

async function answer(
	folder: string,
	path: string,
	file: Kept,
	encodings: readonly Encoding[]
): Promise<FileAnswer> {
	const encoding = file.bytes.length >= COMPRESSED_BYTES_MIN ? encodings[0] : undefined;
	const whole = join(folder, path);
	const bytes = encoding === undefined ? file.bytes : await encoded(file, encoding, whole);
	const html = extname(path) === '.html' ? file.bytes.toString('utf8') : null;
	const etag = `"${file.etag}${encoding === undefined ? '' : `-${encoding}`}"`;
	return {
		etag,
		headers: { ...securityHeaders(html), ...headersOf(path, bytes.length, etag, encoding) },
		body: () => bytes
	};
}

async function streamed(
	folder: string,
	path: string,
	encodings: readonly Encoding[]
): Promise<FileAnswer | null> {
	for (const encoding of [...encodings, undefined]) {
		const file = join(folder, path) + (encoding === undefined ? '' : SUFFIX[encoding]);
		const found = await statFile(file);
		if (found === null) continue;
		const etag = `W/"${found.size.toString(36)}-${found.mtimeMs.toString(36)}"`;
		return {
			etag,
			headers: { ...securityHeaders(null), ...headersOf(path, found.size, etag, encoding) },
			body: () => createReadStream(file)
		};
	}
	return null;
}

function headersOf(
	path: string,
	length: number,
	etag: string,
	encoding: Encoding | undefined
): Record<string, string | number> {
	return {
		'content-type': typeOf(path),
		'content-length': length,
		// SvelteKit puts a hash of the content into the names of these.
		'cache-control': path.startsWith('_app/immutable/')
			? 'public, max-age=31536000, immutable'
			: 'no-cache',
		etag,
		vary: 'accept-encoding',
		...(encoding === undefined ? {} : { 'content-encoding': encoding })
	};
}

function encoded(file: Kept, encoding: Encoding, path: string): Promise<Buffer> {
	const ready = file.encoded.get(encoding) ?? encode(file, encoding, path);
	file.encoded.set(encoding, ready);
	return ready;
}

/** The build may have taken the time to do it better (`scripts/compress-app.mjs`). */
async function encode(file: Kept, encoding: Encoding, path: string): Promise<Buffer> {
	const beside = path + SUFFIX[encoding];
	const made = await statFile(beside);
	const isCurrent = made !== null && made.mtimeMs >= file.modifiedMs;
	return isCurrent ? readFile(beside) : ENCODERS[encoding](file.bytes);
}

/** Best first. An encoding refused by `q=0` is not among them. */
function accepted(header: string): Encoding[] {
	const offers = header
		.toLowerCase()
		.split(',')
		.map((offer) => offer.replace(/\s/g, ''));
	const takes = (encoding: Encoding): boolean =>
		offers.some((offer) => offer.split(';')[0] === encoding && !/;q=0(\.0*)?$/.test(offer));
	return (['br', 'gzip'] as const).filter(takes);
}

function typeOf(path: string): string {
	return TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';
}

function hashOf(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
}

async function statFile(path: string) {
	const found = await stat(path).catch(() => null);
	return found?.isFile() === true ? found : null;
}
