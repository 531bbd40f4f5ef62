/** Serves one scene after the other, drawn from fakes: `?scene=listening&locale=fr`. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { createServer, type ViteDevServer } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));

export function servePictures(): Promise<ViteDevServer> {
	return createServer({
		configFile: false,
		root,
		logLevel: 'warn',
		cacheDir: fileURLToPath(new URL('../../node_modules/.vite-shots', import.meta.url)),
		plugins: [svelte({ configFile: false })],
		resolve: { alias: { '$app/paths': `${root}paths.ts` } },
		server: { port: 0, host: '127.0.0.1', fs: { strict: false } },
		optimizeDeps: { include: ['uqr'] }
	}).then((made) => made.listen());
}
