/** How long a tone is still heard after a press: by the samples that listeners' pages play. */
import type { Locator, Page } from 'playwright';
import type { Person } from './drive.ts';
import { SHORT_SILENT_DBFS, SHORT_WINDOW_SAMPLES } from './ear.ts';

/** Where a tone is, hardly anything of it is this far beside; a joint of stretched sound is as loud there. */
const BESIDE_HZ = 200;
const ABOVE_BESIDE_DB = 6;

/**
 * Timers of a page that has a processor when it needs one ring this late at most, two seconds long: who has just come is
 * still being linked with for as long, in bursts.
 */
const SETTLED_LATE_MAX_MS = 30;
const SETTLED_TIMERS = 100;
const TIMER_MS = 20;
/** A page that never gets there is timed as it is. */
const SETTLED_WITHIN_MS = 20_000;

/** Presses `button` and gives, for each of `listeners`, the time from there to the last moment the tone was still heard. */
export async function timesUntilGone(
	button: Locator,
	listeners: readonly Person[],
	hz: number
): Promise<number[]> {
	// Pages that have just come still compile, and time would tell of that.
	await Promise.all([button.page(), ...listeners.map(({ page }) => page)].map(settled));
	const watching = listeners.map((listener) => watchTone(listener.page, hz));
	await button.evaluate((node) => {
		(window as unknown as { pressedAtMs: number }).pressedAtMs = Date.now();
		(node as HTMLButtonElement).click();
	});
	const pressedMs = await pressedAtMs(button.page());
	return (await Promise.all(watching)).map((lastHeardMs) => lastHeardMs - pressedMs);
}

/** The epoch time at which the last button of `timesUntilGone` was pressed in this page. */
export const pressedAtMs = (page: Page): Promise<number> =>
	page.evaluate(() => (window as unknown as { pressedAtMs: number }).pressedAtMs);

/** Resolves when the page has come to rest, or is not going to. */
export const settled = (page: Page): Promise<void> =>
	page.evaluate(settle, {
		lateMaxMs: SETTLED_LATE_MAX_MS,
		timers: SETTLED_TIMERS,
		timerMs: TIMER_MS,
		withinMs: SETTLED_WITHIN_MS
	});

interface Settling {
	readonly lateMaxMs: number;
	readonly timers: number;
	readonly timerMs: number;
	readonly withinMs: number;
}

/** In the page: resolves once so many of its timers in a row rang in time, or when it has taken too long. */
async function settle({ lateMaxMs, timers, timerMs, withinMs }: Settling): Promise<void> {
	const endMs = performance.now() + withinMs;
	let inTime = 0;
	while (inTime < timers && performance.now() < endMs) {
		const dueMs = performance.now() + timerMs;
		await new Promise((resolve) => setTimeout(resolve, timerMs));
		inTime = performance.now() - dueMs <= lateMaxMs ? inTime + 1 : 0;
	}
}

const watchTone = (page: Page, hz: number): Promise<number> =>
	page.evaluate(watch, {
		hz: [hz, hz - BESIDE_HZ, hz + BESIDE_HZ],
		samples: SHORT_WINDOW_SAMPLES,
		threshold: SHORT_SILENT_DBFS,
		aboveBeside: ABOVE_BESIDE_DB
	});

interface Watched {
	/** The tone, and what is beside it on both sides. */
	readonly hz: readonly number[];
	readonly samples: number;
	readonly threshold: number;
	readonly aboveBeside: number;
}

/** In the page: resolves with the epoch time the tone was last heard, once a second and a half was played without it. */
function watch({ hz, samples, threshold, aboveBeside }: Watched): Promise<number> {
	const { ear } = window as unknown as {
		ear: { tones(hz: readonly number[], count: number): number[]; playedS(): number };
	};
	let lastHeardMs = Date.now();
	let heardAtS = ear.playedS();
	let lookedAtS = heardAtS;
	return new Promise((resolve) => {
		const timer = setInterval(() => {
			const nowS = ear.playedS();
			// Where the sound output stands still, its last samples are still there, and nobody hears them.
			if (nowS === lookedAtS) return;
			lookedAtS = nowS;
			const [level = -Infinity, ...beside] = ear.tones(hz, samples);
			if (level > Math.max(threshold, ...beside.map((one) => one + aboveBeside))) {
				lastHeardMs = Date.now();
				heardAtS = nowS;
			}
			if (nowS - heardAtS < 1.5) return;
			clearInterval(timer);
			resolve(lastHeardMs);
		}, 20);
	});
}
