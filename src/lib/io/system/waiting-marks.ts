/** How many things wait for the person, where it is seen without looking at the page: app icon and title of the tab. */
import type { ShowWaiting } from './ports.ts';

/** Younger than many a browser. */
interface Badging {
	setAppBadge?(count: number): Promise<void>;
	clearAppBadge?(): Promise<void>;
}

const MARK = /^\(\d+\) /;

export function createWaitingMarks(
	badging: Badging = navigator,
	page: Document = document
): ShowWaiting {
	let count = 0;
	const title = (): void => {
		const bare = page.title.replace(MARK, '');
		const marked = count === 0 ? bare : `(${count}) ${bare}`;
		if (page.title !== marked) page.title = marked;
	};
	// Each page says its own title; the mark goes in front of any.
	new MutationObserver(title).observe(page.head, {
		childList: true,
		subtree: true,
		characterData: true
	});
	return (next) => {
		if (next === count) return;
		count = next;
		title();
		const shown = next === 0 ? badging.clearAppBadge?.() : badging.setAppBadge?.(next);
		// Refused where the app is not installed.
		shown?.catch(() => undefined);
	};
}
