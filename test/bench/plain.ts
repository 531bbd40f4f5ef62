/** The baseline: plain simple-peer pages, served and introduced to each other by a small server of the bench. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { BenchBrowser, BenchPage } from './browsers.ts';
import { installPlain } from './plain-page.ts';

const BUNDLE = fileURLToPath(import.meta.resolve('simple-peer/simplepeer.min.js'));

export interface PlainServer {
	/** A page that others reach under `name`. */
	page(browser: BenchBrowser, name: string): Promise<BenchPage>;
	close(): Promise<void>;
}

export async function startPlainServer(): Promise<PlainServer> {
	const readers = new Map<string, ServerResponse>();
	const server = createServer((request, response) => {
		void answer(request, response, readers);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		async page(browser, name) {
			const opened = await browser.page();
			await opened.page.goto(`http://127.0.0.1:${port}/`);
			await opened.page.evaluate((me) => window.plain.enter(me), name);
			return opened;
		},
		async close() {
			server.close();
			server.closeAllConnections();
			await once(server, 'close');
		}
	};
}

/** `/of/NAME` streams the letters for NAME, `/to/NAME` delivers one. */
async function answer(
	request: IncomingMessage,
	response: ServerResponse,
	readers: Map<string, ServerResponse>
): Promise<void> {
	const [, verb, name = ''] = (request.url ?? '/').split('/');
	if (verb === 'of') {
		readers.set(name, response);
		response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
	} else if (verb === 'to') {
		readers.get(name)?.write(`data: ${await text(request)}\n\n`);
		response.writeHead(204).end();
	} else if (verb === 'simple-peer.js') {
		response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(BUNDLE));
	} else {
		const script = `<script src="/simple-peer.js"></script><script>(${String(installPlain)})()</script>`;
		response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html>${script}`);
	}
}
