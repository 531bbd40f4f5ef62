/**
 * The offline shell: the app opens without a network, or with its seed gone. It knows no room.
 *
 * 1. Only files of this build, and pages, are ever answered from here; all else goes its own way untouched.
 * 2. A page comes from the network where there is one, so that an update is seen at the next visit.
 * 3. A new worker waits until no page uses the old one, or the only one that does asks for it: a page and its pieces are
 *    of the same build.
 * 4. What another app shares stands in the address of `/open`, and is asked of no network: it may hold a secret.
 */
/// <reference no-default-lib="true"/>
/// <reference lib="esnext" />
/// <reference lib="webworker" />
/// <reference types="@sveltejs/kit" />
import { base, build, files, version } from '$service-worker';

const worker = globalThis as unknown as ServiceWorkerGlobalScope;
const CACHE = `grapevine-${version}`;
/** What captions have loaded (io/captions/pack-store): checked there, and good for every build. */
const LOADED = 'grapevine-captions';
/** Any path answers with the app; this one is asked for once and kept for all. */
const SHELL = `${base}/`;
/** Receives links, see the manifest. */
const OPEN = `${base}/open`;
const KEPT: ReadonlySet<string> = new Set([...build, ...files]);
/** Asked for at once, while a room may be going on beside it. */
const FETCHED_AT_ONCE = 4;
/** A seed that answers more slowly than this to a page we have at hand is not worth waiting for. */
const NETWORK_PATIENCE_MS = 3_000;

worker.addEventListener('install', (event) => {
	event.waitUntil(keepBuild());
});

worker.addEventListener('activate', (event) => {
	event.waitUntil(forgetOldBuilds());
});

worker.addEventListener('fetch', (event) => {
	const { request } = event;
	const url = new URL(request.url);
	if (request.method !== 'GET' || url.origin !== location.origin) return;
	if (KEPT.has(url.pathname)) event.respondWith(fromCache(request, url.pathname));
	else if (url.pathname === OPEN) event.respondWith(fromCache(request, SHELL));
	else if (isPage(request, url)) event.respondWith(fromNetwork(request));
});

async function keepBuild(): Promise<void> {
	const cache = await caches.open(CACHE);
	// Files without a hash in their name may have been of an older build: asked for again, not taken as they lie.
	const unhashed = [SHELL, ...files].map((path) => new Request(path, { cache: 'no-cache' }));
	const wanted = [...build, ...unhashed];
	while (wanted.length > 0) await cache.addAll(wanted.splice(0, FETCHED_AT_ONCE));
}

/** Pages have no dot in their last part; what has one (/seed.json) is data, even when looked at in a tab. */
function isPage(request: Request, url: URL): boolean {
	return request.mode === 'navigate' && !/\.[^/]*$/.test(url.pathname);
}

async function forgetOldBuilds(): Promise<void> {
	const old = (await caches.keys()).filter((name) => name !== CACHE && name !== LOADED);
	for (const name of old) await caches.delete(name);
}

async function fromCache(request: Request, path: string): Promise<Response> {
	const cache = await caches.open(CACHE);
	return (await cache.match(path)) ?? fetch(request);
}

// What a page asks, see io/system/app-update.
worker.addEventListener('message', ({ data, ports: [port] }) => {
	const { type } = (data ?? {}) as { readonly type?: unknown };
	if (type === 'version') port?.postMessage(version);
	if (type === 'take-over') void takeOver().then((taken) => port?.postMessage(taken));
});

async function takeOver(): Promise<boolean> {
	const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
	if (pages.length > 1) return false;
	await worker.skipWaiting();
	return true;
}

async function fromNetwork(request: Request): Promise<Response> {
	const cache = await caches.open(CACHE);
	const shell = await cache.match(SHELL);
	if (shell === undefined) return fetch(request);
	try {
		const answer = await Promise.race([fetch(request), patience()]);
		return answer === null || answer.status >= 500 ? shell : answer;
	} catch {
		// No network, or the seed is gone: what we have is what they get.
		return shell;
	}
}

function patience(): Promise<null> {
	return new Promise((resolve) => {
		setTimeout(() => {
			resolve(null);
		}, NETWORK_PATIENCE_MS);
	});
}

// Pressing a notification leads to the page that showed it, or opens one.
worker.addEventListener('notificationclick', (event) => {
	const { notification } = event;
	const data: unknown = notification.data;
	const path =
		typeof data === 'object' && data !== null && 'path' in data ? String(data.path) : SHELL;
	notification.close();
	event.waitUntil(lead(path));
});

async function lead(path: string): Promise<void> {
	// At the first visit the page is older than its worker, and none of ours by that.
	const [page] = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
	if (page === undefined) await worker.clients.openWindow(path);
	else {
		page.postMessage({ type: 'notice-pressed', path });
		await page.focus();
	}
}
