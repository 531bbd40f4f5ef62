/** Serves the page of the comparison, with worklet and worker built from the sources as they are now. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';
import type { BenchBrowser, BenchPage } from './browsers.ts';
import { installNeteq } from './neteq-page.ts';

const WORKLET = new URL('../../src/lib/io/audio/playout.worklet.ts', import.meta.url);
const WORKER = new URL('./neteq.worker.ts', import.meta.url);

export interface NeteqServer {
	page(browser: BenchBrowser): Promise<BenchPage>;
	close(): Promise<void>;
}

export async function startNeteqServer(): Promise<NeteqServer> {
	const script = `<script>(${String(installNeteq)})()</script>`;
	const files: Readonly<Record<string, readonly [string, string]>> = {
		'/': ['text/html', `<!doctype html>${script}`],
		'/worklet.js': ['text/javascript', await bundle(WORKLET)],
		'/worker.js': ['text/javascript', await bundle(WORKER)]
	};
	const server = createServer((request, response) => {
		const [type, body] = files[request.url ?? '/'] ?? ['text/plain', ''];
		response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		async page(browser) {
			const opened = await browser.page();
			await opened.page.goto(`http://127.0.0.1:${port}/`);
			return opened;
		},
		async close() {
			server.close();
			server.closeAllConnections();
			await once(server, 'close');
		}
	};
}

async function bundle(entry: URL): Promise<string> {
	const made = (await build({
		configFile: false,
		logLevel: 'error',
		build: {
			write: false,
			target: 'es2022',
			rolldownOptions: { input: fileURLToPath(entry), output: { format: 'es' } }
		}
	})) as Rolldown.RolldownOutput;
	return made.output[0].code;
}
