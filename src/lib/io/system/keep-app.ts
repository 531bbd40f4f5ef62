/** The app is kept for when there is no network, by its service worker (src/service-worker.ts). */

/**
 * So long after it was opened: to keep it is as much work as to open it, and who comes by a link wants to hear somebody
 * first, which takes a second or two, and several on a slow phone.
 */
export const KEEP_AFTER_MS = 10_000;

/** Call it once. What was kept before is in force already; the browser looks for another build by itself. */
export function keepApp(
	container = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker,
	// Built while it is served, it has no list of what to keep.
	isBuilt = !import.meta.env.DEV
): void {
	if (container === undefined || !isBuilt) return;
	setTimeout(() => {
		// Private windows of some browsers keep nothing: the app needs its seed there whenever it is opened.
		container.register('/service-worker.js').catch((error: unknown) => console.warn(error));
	}, KEEP_AFTER_MS);
}
