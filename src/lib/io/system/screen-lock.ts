/** Keeps the screen on (Screen Wake Lock), where the browser can and the system lets it. */
import type { ScreenLock } from './ports.ts';

interface Sentinel extends EventTarget {
	release(): Promise<void>;
}

interface WakeLock {
	request(type: 'screen'): Promise<Sentinel>;
}

/** Browsers take it back whenever the page is hidden: it is asked for again when it is seen. */
export function createScreenLock(
	wakeLock = (navigator as { wakeLock?: WakeLock }).wakeLock,
	page: Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'> = document
): ScreenLock {
	let wanted = false;
	let asking = false;
	let held: Sentinel | null = null;

	async function settle(): Promise<void> {
		if (wakeLock === undefined || asking) return;
		if (!wanted) {
			await held?.release();
			held = null;
			return;
		}
		if (held !== null || page.visibilityState !== 'visible') return;
		asking = true;
		try {
			const lock = await wakeLock.request('screen');
			held = lock;
			lock.addEventListener('release', () => {
				if (held === lock) held = null;
			});
		} finally {
			asking = false;
		}
		// It may not be wanted any more by now.
		await settle();
	}

	const look = (): void => {
		// A low battery is reason enough to be refused, and no trouble.
		settle().catch(() => undefined);
	};
	page.addEventListener('visibilitychange', look);
	return {
		hold(on) {
			wanted = on;
			look();
		},
		close() {
			page.removeEventListener('visibilitychange', look);
			wanted = false;
			look();
		}
	};
}
