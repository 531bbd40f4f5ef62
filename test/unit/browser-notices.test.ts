/** Which way a notification goes to the system, and where a press on it leads. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createBrowserNotices } from '#lib/io/notify/browser-notices.ts';

const NOTICE = { title: 'Figs and vines', body: 'Hanna invites you', tag: 'room', path: '/room' };

/** Notifications that the page itself made. */
let made: PageNotice[] = [];

class PageNotice {
	static permission: NotificationPermission = 'granted';
	onclick: () => void = () => undefined;
	readonly close = vi.fn();

	constructor() {
		made.push(this);
	}
}

/** Phones have the class, but nobody may make one of it. */
function PhoneNotice(): never {
	throw new TypeError('Illegal constructor.');
}
PhoneNotice.permission = 'granted';

beforeEach(() => {
	made = [];
	PageNotice.permission = 'granted';
	vi.stubGlobal('Notification', PageNotice);
	vi.stubGlobal('focus', vi.fn());
});
afterEach(() => vi.unstubAllGlobals());

/** A service worker that runs already, or that will. */
function kept(when: 'now' | 'later') {
	const showNotification = vi.fn(() => Promise.resolve());
	const registration = { active: {}, showNotification };
	let start = (): void => undefined;
	const ready = new Promise((resolve) => (start = () => resolve(registration)));
	const container = {
		addEventListener: () => undefined,
		getRegistration: () => Promise.resolve(when === 'now' ? registration : undefined),
		ready
	} as unknown as ServiceWorkerContainer;
	return { container, showNotification, start };
}

it('is shown by the service worker, which outlives the page', async () => {
	const { container, showNotification } = kept('now');
	createBrowserNotices(container).show(NOTICE);
	await vi.waitFor(() => expect(showNotification).toHaveBeenCalledOnce());
	expect(showNotification).toHaveBeenCalledWith(
		NOTICE.title,
		expect.objectContaining({ body: NOTICE.body, data: { path: NOTICE.path } })
	);
	expect(made).toHaveLength(0);
});

it('is shown by the page while there is no service worker, and leads where it points', async () => {
	const notices = createBrowserNotices(kept('later').container);
	const open = vi.fn();
	notices.onPressed(open);
	notices.show(NOTICE);
	await vi.waitFor(() => expect(made).toHaveLength(1));
	made[0]!.onclick();
	expect(open.mock.calls).toEqual([[NOTICE.path]]);
	expect(made[0]!.close).toHaveBeenCalledOnce();
});

it('waits for the service worker on a phone, which takes none from a page', async () => {
	vi.stubGlobal('Notification', PhoneNotice);
	const { container, showNotification, start } = kept('later');
	createBrowserNotices(container).show(NOTICE);
	start();
	await vi.waitFor(() => expect(showNotification).toHaveBeenCalledOnce());
});

it('is not shown to somebody who has not allowed it', async () => {
	PageNotice.permission = 'default';
	const { container, showNotification } = kept('now');
	const notices = createBrowserNotices(container);
	notices.show(NOTICE);
	PageNotice.permission = 'granted';
	// What is allowed comes, and the one before it did not.
	notices.show({ ...NOTICE, title: 'Allowed' });
	await vi.waitFor(() => expect(showNotification).toHaveBeenCalled());
	expect(showNotification.mock.calls).toEqual([['Allowed', expect.anything()]]);
});
