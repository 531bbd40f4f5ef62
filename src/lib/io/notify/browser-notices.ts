/** Notifications of the system, where the browser gives them and the person allowed them. */
import type { NoticePermission, SystemNotices } from '#lib/io/ports.ts';

/** What our service worker tells the page when a notification was pressed. */
export interface NoticePressed {
	readonly type: 'notice-pressed';
	readonly path: string;
}

export function createBrowserNotices(): SystemNotices {
	const supported = 'Notification' in globalThis;
	const worker = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
	let open: (path: string) => void = () => undefined;
	worker?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
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
			showByWorker(worker, title, options)
				.then((shown) => {
					if (!shown) byPage();
				})
				// Some browsers give notifications to service workers alone, and have none of ours running.
				.catch(() => undefined);
		},
		onPressed(listener) {
			open = listener;
		}
	};
}

/** Phones take notifications from service workers only. */
async function showByWorker(
	worker: ServiceWorkerContainer | undefined,
	title: string,
	options: NotificationOptions
): Promise<boolean> {
	const registration = await worker?.getRegistration();
	if (registration?.active == null) return false;
	await registration.showNotification(title, options);
	return true;
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
