import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import {
	createServer,
	request,
	type IncomingHttpHeaders,
	type IncomingMessage,
	type Server
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filePathOf } from '../../../src/seed/app-files.ts';
import { createPages } from '../../../src/seed/pages.ts';

const INLINE = 'start("the app");';
const SHELL = `<!doctype html><link rel="icon" href="x"><script>${INLINE}</script><script src="/a.js"></script>`;
const SCRIPT = `console.log(${JSON.stringify('grape '.repeat(1_000))});`;
/** Told from what the seed itself would make of SCRIPT. */
const BETTER = `${SCRIPT}//`;
const INFO = { peer: 'me', addrs: [], seeds: [], stun: 1, version: '0' };

let folder = '';
let server: Server;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'grapevine-pages-'));
	mkdirSync(join(folder, 'app/_app/immutable'), { recursive: true });
	writeFileSync(join(folder, 'secret.txt'), 'secret');
	writeFileSync(join(folder, 'app/200.html'), SHELL);
	writeFileSync(join(folder, 'app/_app/immutable/a.js'), SCRIPT);
	for (const name of ['made', 'outdated']) {
		writeFileSync(join(folder, `app/_app/immutable/${name}.js`), SCRIPT);
		writeFileSync(join(folder, `app/_app/immutable/${name}.js.br`), brotliCompressSync(BETTER));
	}
	utimesSync(join(folder, 'app/_app/immutable/outdated.js.br'), 1, 1);
	writeFileSync(join(folder, 'app/tiny.wasm'), Uint8Array.of(0, 97, 115, 109));
	writeFileSync(join(folder, 'app/model.onnx'), new Uint8Array(3 << 20));
	writeFileSync(join(folder, 'app/model.onnx.gz'), 'packed');
	writeFileSync(join(folder, 'app/.hidden'), 'hidden');
	server = createServer(createPages(join(folder, 'app'), () => INFO));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
});

afterAll(() => {
	server.close();
	server.closeAllConnections();
	rmSync(folder, { recursive: true });
});

interface Answer {
	readonly status: number | undefined;
	readonly headers: IncomingHttpHeaders;
	readonly body: Buffer;
}

/** Node's own client sends the path as it is written, `..` and all. */
async function ask(path: string, headers = {}, method = 'GET'): Promise<Answer> {
	const { port } = server.address() as AddressInfo;
	const asked = request({ host: '127.0.0.1', port, path, headers, method }).end();
	const [response] = (await once(asked, 'response')) as [IncomingMessage];
	const chunks: Buffer[] = [];
	for await (const chunk of response) chunks.push(chunk as Buffer);
	return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

describe('the pages of a seed', () => {
	it.each(['/', '/r/somekey', '/people', '/r/somekey?fanout=1'])('%s is the app', async (path) => {
		const { status, headers, body } = await ask(path);
		expect(status).toBe(200);
		expect(headers['content-type']).toBe('text/html; charset=utf-8');
		expect(headers['cache-control']).toBe('no-cache');
		expect(body.toString()).toBe(SHELL);
	});

	it('lets exactly the scripts of the page run', async () => {
		const { headers } = await ask('/');
		const hash = createHash('sha256').update(INLINE).digest('base64');
		expect(headers['content-security-policy']).toContain(
			`script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}';`
		);
		expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*unsafe-inline/);
	});

	it.each(['/', '/seed.json', '/nothing.js', '/_app/immutable/a.js'])(
		'%s keeps browsers from guessing, telling and lending',
		async (path) => {
			expect((await ask(path)).headers).toMatchObject({
				'x-content-type-options': 'nosniff',
				'referrer-policy': 'no-referrer',
				'permissions-policy': expect.stringContaining('microphone=(self)') as string,
				'content-security-policy': expect.stringContaining("frame-ancestors 'none'") as string
			});
		}
	);

	it('says 404 for a file that is not there, not the app', async () => {
		expect((await ask('/_app/immutable/old.js')).status).toBe(404);
	});

	it('lets hashed files be kept for good', async () => {
		const { headers } = await ask('/_app/immutable/a.js');
		expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
		expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
	});

	it('calls WebAssembly by its type', async () => {
		expect((await ask('/tiny.wasm')).headers['content-type']).toBe('application/wasm');
	});

	it.each([
		['br, gzip', 'br', brotliDecompressSync],
		['gzip, br;q=0', 'gzip', gunzipSync]
	] as const)('compresses for "%s" by %s', async (accept, encoding, unpack) => {
		const { headers, body } = await ask('/_app/immutable/a.js', { 'accept-encoding': accept });
		expect(headers['content-encoding']).toBe(encoding);
		expect(Number(headers['content-length'])).toBe(body.length);
		expect(body.length).toBeLessThan(SCRIPT.length / 10);
		expect(unpack(body).toString()).toBe(SCRIPT);
	});

	it.each([
		['made', BETTER],
		['outdated', SCRIPT]
	])(
		'sends what the build has compressed, unless it is of another build: %s',
		async (name, sent) => {
			const accept = { 'accept-encoding': 'br' };
			const { body } = await ask(`/_app/immutable/${name}.js`, accept);
			expect(brotliDecompressSync(body).toString()).toBe(sent);
		}
	);

	it('sends large files packed where that was done beforehand', async () => {
		const packed = await ask('/model.onnx', { 'accept-encoding': 'br, gzip' });
		expect(packed.headers['content-encoding']).toBe('gzip');
		expect(packed.body.toString()).toBe('packed');
		const plain = await ask('/model.onnx');
		expect(plain.headers['content-encoding']).toBeUndefined();
		expect(plain.body).toHaveLength(3 << 20);
	});

	it.each(['/', '/model.onnx'])('does not send %s again to who has it', async (path) => {
		const { headers } = await ask(path);
		const again = await ask(path, { 'if-none-match': headers.etag });
		expect(again.status).toBe(304);
		expect(again.body).toHaveLength(0);
		expect((await ask(path, { 'if-none-match': '"other"' })).status).toBe(200);
	});

	it('notices a new build while it runs', async () => {
		writeFileSync(join(folder, 'app/fresh.txt'), 'one');
		expect((await ask('/fresh.txt')).body.toString()).toBe('one');
		writeFileSync(join(folder, 'app/fresh.txt'), 'two');
		utimesSync(join(folder, 'app/fresh.txt'), new Date(), new Date(Date.now() + 1_000));
		expect((await ask('/fresh.txt')).body.toString()).toBe('two');
	});

	it('answers HEAD like GET, without the body', async () => {
		const { status, headers, body } = await ask('/', {}, 'HEAD');
		expect(status).toBe(200);
		expect(headers['content-length']).toBe(String(SHELL.length));
		expect(body).toHaveLength(0);
	});

	it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('has no use for %s', async (method) => {
		const { status, headers } = await ask('/', {}, method);
		expect(status).toBe(405);
		expect(headers.allow).toBe('GET, HEAD');
	});

	it('gives seed.json to every origin', async () => {
		const { headers, body } = await ask('/seed.json');
		expect(headers['access-control-allow-origin']).toBe('*');
		expect(JSON.parse(body.toString())).toEqual(INFO);
	});

	it.each([
		'/../secret.txt',
		'/%2e%2e/secret.txt',
		'/..%2fsecret.txt',
		'/_app/../../secret.txt',
		'/..\\secret.txt',
		'/.hidden',
		'/%00',
		'/%ff',
		'//../secret.txt',
		'/c:/secret.txt'
	])('gives nothing away for %s', async (path) => {
		const { status, body } = await ask(path);
		expect(status).toBe(400);
		expect(body.toString()).not.toMatch(/secret$|^hidden/);
	});

	it('says what to do where the app is not built', async () => {
		const bare = createServer(createPages(join(folder, 'nowhere'), () => INFO));
		bare.listen(0, '127.0.0.1');
		await once(bare, 'listening');
		const response = await fetch(`http://127.0.0.1:${(bare.address() as AddressInfo).port}/`);
		expect(response.status).toBe(503);
		expect(await response.text()).toContain('npm run build');
		bare.close();
		bare.closeAllConnections();
	});
});

describe('the file that an address asks for', () => {
	it('may have a name with spaces and accents', () => {
		expect(filePathOf('/caf%C3%A9%20noir.svg')).toBe('café noir.svg');
	});
});
