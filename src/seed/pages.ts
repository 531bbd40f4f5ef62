/** What the seed answers to plain HTTP: the app, `/seed.json`, `/healthz`. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { pipeline } from 'node:stream';
import type { SeedJson } from '#lib/io/net/seed-info.ts';
import { createAppFiles, filePathOf, type AppFiles, type FileAnswer } from './app-files.ts';
import { securityHeaders } from './headers.ts';

/** SvelteKit's page for every address that is not a file: the app finds its way by itself. */
const SHELL = '200.html';
const NOT_BUILT = 'The app is not built here. Run `npm run build` on this computer.\n';

/** `info` is asked at each request: the seeds it knows change. */
export function createPages(folder: string, info: () => SeedJson): RequestListener {
	const files = createAppFiles(folder);
	return (request, response) => {
		void handle(request, response, files, info).catch(() => {
			// The disk failed us, or the asker went away.
			if (response.headersSent) response.destroy();
			else text(response, 500, 'The seed could not read this file.\n');
		});
	};
}

async function handle(
	request: IncomingMessage,
	response: ServerResponse,
	files: AppFiles,
	info: () => SeedJson
): Promise<void> {
	if (request.method !== 'GET' && request.method !== 'HEAD') {
		response.setHeader('allow', 'GET, HEAD');
		text(response, 405, 'Only GET and HEAD are answered here.\n');
		return;
	}
	const urlPath = (request.url ?? '/').split(/[?#]/)[0] ?? '/';
	if (urlPath === '/seed.json') {
		json(response, info());
	} else if (urlPath === '/healthz') {
		text(response, 200, 'ok\n');
	} else {
		await page(request, response, files, urlPath);
	}
}

async function page(
	request: IncomingMessage,
	response: ServerResponse,
	files: AppFiles,
	urlPath: string
): Promise<void> {
	const path = filePathOf(urlPath);
	if (path === null) {
		text(response, 400, 'This address is malformed.\n');
		return;
	}
	const accept = request.headers['accept-encoding'] ?? '';
	const wanted = path === '' ? 'index.html' : path;
	const file = await files.open(wanted, accept);
	if (file !== null) {
		send(request, response, file);
	} else if (extname(path) !== '') {
		text(response, 404, 'There is no such file.\n');
	} else {
		const shell = await files.open(SHELL, accept);
		if (shell === null) text(response, 503, NOT_BUILT);
		else send(request, response, shell);
	}
}

function send(request: IncomingMessage, response: ServerResponse, file: FileAnswer): void {
	const fresh = matches(request.headers['if-none-match'], file.etag);
	response.writeHead(fresh ? 304 : 200, file.headers);
	if (fresh || request.method === 'HEAD') {
		response.end();
		return;
	}
	const body = file.body();
	if (body instanceof Buffer) response.end(body);
	// Either end may break off: nothing is left to be said to it then.
	else pipeline(body, response, () => undefined);
}

/** Weak comparison (RFC 9110, section 13.1.2). */
function matches(header: string | undefined, etag: string): boolean {
	const bare = etag.replace(/^W\//, '');
	return (header ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === bare);
}

function json(response: ServerResponse, value: unknown): void {
	response.setHeader('access-control-allow-origin', '*');
	response.setHeader('cache-control', 'no-store');
	reply(response, 200, 'application/json; charset=utf-8', JSON.stringify(value));
}

function text(response: ServerResponse, status: number, line: string): void {
	reply(response, status, 'text/plain; charset=utf-8', line);
}

function reply(response: ServerResponse, status: number, type: string, body: string): void {
	response.writeHead(status, {
		...securityHeaders(null),
		'content-type': type,
		'content-length': Buffer.byteLength(body)
	});
	response.end(body);
}
