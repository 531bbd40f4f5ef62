/** A newer build of the app: offered, never in a room, and again after it. */
import { flushSync } from 'svelte';
import { describe, expect, it, onTestFinished } from 'vitest';
import { InstallState } from '#lib/app/state/install-state.svelte.ts';
import { createAppUpdate } from '#lib/io/system/app-update.ts';

function setup() {
	let inRoom = $state(false);
	const calls: string[] = [];
	let ready: () => void = () => undefined;
	const install = new InstallState(() => inRoom, {
		onReady: (listener) => (ready = listener),
		take: () => Promise.resolve(void calls.push('take')),
		look: () => Promise.resolve(void calls.push('look'))
	});
	onTestFinished(() => install.close());
	const offers: boolean[] = [];
	onTestFinished(
		$effect.root(() => {
			$effect(() => void offers.push(install.offered));
		})
	);
	flushSync();
	return {
		...{ install, calls, offers },
		ready: () => flushSync(() => ready()),
		setInRoom: (is: boolean) => flushSync(() => (inRoom = is))
	};
}

describe('a newer build', () => {
	it('is offered once it waits, and taken by a press', () => {
		const { install, offers, calls, ready } = setup();
		ready();
		expect(offers).toEqual([false, true]);
		install.take();
		expect(calls).toEqual(['take']);
		expect(install.taking).toBe(true);
	});

	it('is not offered in a room, and again after it, even to whoever said later', () => {
		const { install, offers, ready, setInRoom } = setup();
		ready();
		flushSync(() => install.postpone());
		setInRoom(true);
		setInRoom(false);
		flushSync(() => install.roomEnded());
		setInRoom(true);
		expect(offers).toEqual([false, true, false, true, false]);
	});

	it('is not looked for in a room', () => {
		const { install, calls, setInRoom } = setup();
		setInRoom(true);
		install.look();
		setInRoom(false);
		install.look();
		expect(calls).toEqual(['look']);
	});
});

describe('the worker that waits', () => {
	/** Answers as src/service-worker.ts does. */
	function container(answers: Record<string, unknown>) {
		const worker = {
			postMessage({ type }: { type: string }, [port]: MessagePort[]) {
				port?.postMessage(answers[type]);
				if (answers[type] === true) made.dispatchEvent(new Event('controllerchange'));
			}
		};
		const registration = Object.assign(new EventTarget(), { waiting: worker, installing: null });
		const made = Object.assign(new EventTarget(), {
			controller: {},
			ready: Promise.resolve(registration),
			getRegistration: () => Promise.resolve(registration)
		});
		return made as unknown as ServiceWorkerContainer;
	}

	it.each([
		['the only page', true],
		['one of several pages', false]
	])('is taken by %s, which is loaded anew', async (_, alone) => {
		const loaded: string[] = [];
		const waiting = container({ version: '2', 'take-over': alone });
		const update = createAppUpdate('1', waiting, () => loaded.push('anew'));
		await new Promise<void>((resolve) => update.onReady(resolve));
		await update.take();
		expect(loaded).toEqual(['anew']);
	});

	it('of the build that this page is of already is no news', async () => {
		let news = 0;
		const asked = container({ version: '1' });
		const update = createAppUpdate('1', asked, () => undefined);
		update.onReady(() => news++);
		// It has been asked, and has answered, by the time that a second question is answered.
		const second = createAppUpdate('0', asked, () => undefined);
		await new Promise<void>((resolve) => second.onReady(resolve));
		expect(news).toBe(0);
	});
});
