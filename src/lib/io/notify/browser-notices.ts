/** Notifications of the system, where the browser gives them and the person allowed them. */
import type { NoticePermission, SystemNotices } from '#lib/io/ports.ts';

/** What our service worker tells the page when a notification was pressed. */
export interface NoticePressed {
	readonly type: 'notice-pressed';
	readonly path: string;
}

export function createBrowserNotices(
	container = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker
): SystemNotices {
	const supported = 'Notification' in globalThis;
	let open: (path: string) => void = () => undefined;
	container?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
		if (isPressed(data)) open(data.path);
	});
	const permission = (): NoticePermission => {
		if (!supported) return 'unsupported';
		return Notification.permission === 'default' ? 'ask' : Notification.permission;
	};
	return {
		permission,
		async ask() {
			if (supported) await Notification.requestPermission();
			return permission();
		},
		show({ title, body, tag, path }) {
			if (permission() !== 'granted') return;
			const options = { body, tag, data: { path }, icon: '/icon-192.png' };
			const byPage = (): void => {
				const notice = new Notification(title, options);
				notice.onclick = () => {
					focus();
					notice.close();
					open(path);
				};
			};
			const byWorker = (worker: ServiceWorkerRegistration): Promise<void> =>
				worker.showNotification(title, options);
			// A system that takes it from neither takes none.
			showSomehow(container, byWorker, byPage).catch(() => undefined);
		},
		onPressed(listener) {
			open = listener;
		}
	};
}

/**
 * Phones take notifications from service workers only, and the app's first one comes some seconds after the app: better a
 * late notification than none.
 */
async function showSomehow(
	container: ServiceWorkerContainer | undefined,
	byWorker: (worker: ServiceWorkerRegistration) => Promise<void>,
	byPage: () => void
): Promise<void> {
	const worker = await container?.getRegistration();
	if (worker?.active != null) return byWorker(worker);
	try {
		byPage();
	} catch {
		if (container !== undefined) await byWorker(await container.ready);
	}
}

function isPressed(data: unknown): data is NoticePressed {
	return (
		typeof data === 'object' &&
		data !== null &&
		'type' in data &&
		data.type === 'notice-pressed' &&
		'path' in data &&
		typeof data.path === 'string'
	);
}
