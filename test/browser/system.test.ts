/** What the system is asked for, in a real browser: its media controls, the screen kept on, the title of the tab, a chime. */
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { MediaPlaying } from '#lib/io/system/ports.ts';
import { ring } from '#lib/io/system/chime.ts';
import { createMediaControls } from '#lib/io/system/media-controls.ts';
import { createScreenLock } from '#lib/io/system/screen-lock.ts';
import { createWaitingMarks } from '#lib/io/system/waiting-marks.ts';

afterEach(() => {
	vi.restoreAllMocks();
});

describe('media controls', () => {
	const playing: MediaPlaying = {
		title: 'Tea',
		artist: 'Ana',
		app: 'Grapevine',
		silent: false,
		microphone: null
	};

	/** What the system may do, by name. */
	function listenToSystem(): Map<string, (() => void) | null> {
		const handlers = new Map<string, (() => void) | null>();
		vi.spyOn(navigator.mediaSession, 'setActionHandler').mockImplementation((action, handler) => {
			handlers.set(action, handler && (() => handler({ action })));
		});
		return handlers;
	}
	const offered = (handlers: Map<string, unknown>): string[] =>
		[...handlers].filter(([, handler]) => handler !== null).map(([action]) => action);

	it('say what plays, and take it back', () => {
		const handlers = listenToSystem();
		const show = createMediaControls(() => undefined);
		show(playing);
		const { mediaSession } = navigator;
		expect(mediaSession.metadata).toMatchObject({ title: 'Tea', artist: 'Ana' });
		expect(mediaSession.metadata?.artwork.map(({ sizes }) => sizes)).toEqual([
			'192x192',
			'512x512'
		]);
		expect(mediaSession.playbackState).toBe('playing');
		expect(offered(handlers)).toEqual(['play', 'pause', 'hangup']);
		show({ ...playing, silent: true, microphone: true });
		expect(mediaSession.playbackState).toBe('paused');
		expect(offered(handlers)).toEqual(['play', 'pause', 'togglemicrophone', 'hangup']);
		show(null);
		expect(mediaSession.metadata).toBeNull();
		expect(mediaSession.playbackState).toBe('none');
		expect(offered(handlers)).toEqual([]);
	});

	it('hand on what is pressed there', () => {
		const handlers = listenToSystem();
		const deeds: string[] = [];
		createMediaControls((deed) => deeds.push(deed))({ ...playing, microphone: false });
		for (const action of offered(handlers)) handlers.get(action)?.();
		expect(deeds).toEqual(['play', 'pause', 'toggle-microphone', 'hang-up']);
	});

	it('are shown for an element that plays, longer than the 5 s that Chromium asks for', async () => {
		const play = vi.spyOn(HTMLMediaElement.prototype, 'play');
		const show = createMediaControls(() => undefined);
		show(playing);
		const element = play.mock.contexts[0] as HTMLMediaElement;
		await play.mock.results[0]?.value;
		expect(element.duration).toBe(10);
		expect([element.paused, element.loop, element.muted]).toEqual([false, true, false]);
		show(null);
		expect(element.paused).toBe(true);
	});
});

describe('the screen', () => {
	const SEEN: { visibilityState: DocumentVisibilityState } = { visibilityState: 'visible' };

	function fakeLock() {
		const asked: EventTarget[] = [];
		let refusing = false;
		const page = Object.assign(new EventTarget(), SEEN);
		const wakeLock = {
			request: () => {
				if (refusing) return Promise.reject(new DOMException('Low battery', 'NotAllowedError'));
				const sentinel = Object.assign(new EventTarget(), {
					released: false,
					release() {
						sentinel.released = true;
						sentinel.dispatchEvent(new Event('release'));
						return Promise.resolve();
					}
				});
				asked.push(sentinel);
				return Promise.resolve(sentinel);
			}
		};
		const lock = createScreenLock(wakeLock, page);
		onTestFinished(() => lock.close());
		return {
			lock,
			refuse: () => (refusing = true),
			allow: () => (refusing = false),
			asked: () => asked.map((one) => (one as EventTarget & { released: boolean }).released),
			see: (state: DocumentVisibilityState): void => {
				page.visibilityState = state;
				// The browser takes it back by itself.
				if (state === 'hidden') for (const one of asked) one.dispatchEvent(new Event('release'));
				page.dispatchEvent(new Event('visibilitychange'));
			}
		};
	}

	it('is held once, and let go', async () => {
		const { lock, asked } = fakeLock();
		lock.hold(true);
		lock.hold(true);
		await expect.poll(asked).toEqual([false]);
		lock.hold(false);
		await expect.poll(asked).toEqual([true]);
	});

	it('is held again when the page is seen again, and only then', async () => {
		const { lock, asked, see } = fakeLock();
		lock.hold(true);
		await expect.poll(asked).toHaveLength(1);
		see('hidden');
		lock.hold(true);
		expect(asked()).toHaveLength(1);
		see('visible');
		await expect.poll(asked).toHaveLength(2);
	});

	it('that is refused is no error, and is asked for again later', async () => {
		const { lock, asked, refuse, allow, see } = fakeLock();
		refuse();
		lock.hold(true);
		await Promise.resolve();
		allow();
		see('visible');
		await expect.poll(asked).toEqual([false]);
	});

	it('is let go where it was not wanted any more by the time it came', async () => {
		const { lock, asked } = fakeLock();
		lock.hold(true);
		lock.hold(false);
		await expect.poll(asked).toEqual([true]);
	});
});

describe('what waits', () => {
	it('stands before the title of any page, and on the icon of the app', async () => {
		const badge: (number | null)[] = [];
		const before = document.title;
		onTestFinished(() => {
			document.title = before;
		});
		document.title = 'Tea';
		const mark = createWaitingMarks({
			setAppBadge: (count) => Promise.resolve(void badge.push(count)),
			clearAppBadge: () => Promise.reject(new Error(String(badge.push(null))))
		});
		mark(2);
		expect(document.title).toBe('(2) Tea');
		document.title = 'People';
		await expect.poll(() => document.title).toBe('(2) People');
		mark(0);
		expect(document.title).toBe('People');
		expect(badge).toEqual([2, null]);
	});
});

describe('the chime', () => {
	it('is two notes, not loud, and over within a second and a half', async () => {
		const analyser: { node: AnalyserNode | null } = { node: null };
		// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the node as `this` below
		const connect = AudioNode.prototype.connect as (...words: unknown[]) => unknown;
		vi.spyOn(AudioNode.prototype, 'connect').mockImplementation(function (
			this: AudioNode,
			...words: unknown[]
		) {
			if (words[0] instanceof AudioDestinationNode) {
				analyser.node ??= new AnalyserNode(this.context, { fftSize: 2048 });
				connect.call(this, analyser.node);
			}
			return connect.call(this, ...words) as AudioNode;
		});
		let closed = 0;
		// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the context as `this` below
		const close = AudioContext.prototype.close;
		vi.spyOn(AudioContext.prototype, 'close').mockImplementation(function (this: AudioContext) {
			closed++;
			return close.call(this);
		});
		ring();
		const levels = new Float32Array(2048);
		let loudest = 0;
		await expect
			.poll(
				() => {
					analyser.node?.getFloatTimeDomainData(levels);
					loudest = Math.max(loudest, ...levels);
					return closed;
				},
				{ interval: 20, timeout: 2_500 }
			)
			.toBe(1);
		expect(loudest).toBeGreaterThan(0.05);
		expect(loudest).toBeLessThan(0.4);
	});
});
