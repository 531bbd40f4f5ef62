/** Another build of the app, loaded by the browser and waiting: told of, and put in force when the person says so. */
import type { AppUpdate } from './ports.ts';

/** What the page asks its service workers; see src/service-worker.ts. */
type Question = 'version' | 'take-over';

/** A worker that does not answer is of a build that knew no questions. */
const ANSWER_MAX_MS = 3_000;

/** The build that this page is of, as `app.html` says it. */
export const versionOf = (page: Document): string =>
	page.querySelector<HTMLMetaElement>('meta[name="version"]')?.content ?? '';

export function createAppUpdate(
	version = versionOf(document),
	container = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker,
	reload = () => location.reload()
): AppUpdate {
	let waiting: ServiceWorker | null = null;
	let tell: () => void = () => undefined;

	async function judge(worker: ServiceWorker): Promise<void> {
		const theirs = await ask(worker, 'version');
		// After a reload the page is new already, while other tabs hold the old worker.
		if (theirs === null || theirs === version) return;
		waiting = worker;
		tell();
	}

	function watch(registration: ServiceWorkerRegistration): void {
		if (registration.waiting !== null) void judge(registration.waiting);
		registration.addEventListener('updatefound', () => {
			const worker = registration.installing;
			worker?.addEventListener('statechange', () => {
				// The very first one is no update.
				if (worker.state === 'installed' && container?.controller) void judge(worker);
			});
		});
	}

	container?.ready.then(watch, () => undefined);
	return {
		onReady(listener) {
			tell = listener;
			if (waiting !== null) tell();
		},
		async take() {
			if (waiting === null || container === undefined) return;
			const changed = new Promise((resolve) => {
				container.addEventListener('controllerchange', resolve, { once: true });
			});
			// Where other tabs need the old one, this page is loaded anew all the same, from the network.
			if ((await ask(waiting, 'take-over')) === true) await changed;
			reload();
		},
		async look() {
			const registration = await container?.getRegistration();
			await registration?.update();
		}
	};
}

function ask(worker: ServiceWorker, question: Question): Promise<unknown> {
	const { port1, port2 } = new MessageChannel();
	return new Promise((resolve) => {
		const giveUp = setTimeout(resolve, ANSWER_MAX_MS, null);
		port1.onmessage = ({ data }: MessageEvent<unknown>) => {
			clearTimeout(giveUp);
			resolve(data);
		};
		worker.postMessage({ type: question }, [port2]);
	});
}
