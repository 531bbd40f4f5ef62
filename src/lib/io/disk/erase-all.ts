/** Everything this browser keeps for the app's origin, taken away: records, files, caches, and what is kept for a tab. */

/** Another tab that holds a database open is asked to let go, and does so at once; who does not is not waited for. */
const DATABASE_PATIENCE_MS = 3_000;

/** Each part by itself: one that fails does not keep the others. Gives what could not be erased, by the browser's own words. */
export async function eraseAll(): Promise<string[]> {
	const parts = await Promise.allSettled([
		eraseDatabases(),
		eraseFiles(),
		eraseCaches(),
		forgetServiceWorkers()
	]);
	// Last: what is erased above may still write a line here.
	const words = await Promise.allSettled([Promise.resolve().then(eraseWords)]);
	return [...parts, ...words].flatMap((part) =>
		part.status === 'rejected' ? [String(part.reason)] : []
	);
}

async function eraseDatabases(): Promise<void> {
	const known = await indexedDB.databases();
	const names = known.flatMap(({ name }) => (name === undefined ? [] : [name]));
	await Promise.all(names.map(eraseOne));
}

function eraseOne(name: string): Promise<void> {
	return new Promise((resolve, reject) => {
		const request = indexedDB.deleteDatabase(name);
		const giveUp = setTimeout(() => {
			reject(new Error(`Another tab holds ${name} open.`));
		}, DATABASE_PATIENCE_MS);
		request.onsuccess = () => {
			clearTimeout(giveUp);
			resolve();
		};
		request.onerror = () => {
			clearTimeout(giveUp);
			reject(request.error ?? new Error(`${name} could not be deleted.`));
		};
	});
}

/** `entries` is not in the types of every platform's library. */
type Listed = FileSystemDirectoryHandle & { keys(): AsyncIterable<string> };

async function eraseFiles(): Promise<void> {
	if (!('getDirectory' in navigator.storage)) return;
	const root = (await navigator.storage.getDirectory()) as Listed;
	const names: string[] = [];
	for await (const name of root.keys()) names.push(name);
	for (const name of names) await root.removeEntry(name, { recursive: true });
}

async function eraseCaches(): Promise<void> {
	if (!('caches' in globalThis)) return;
	for (const name of await caches.keys()) await caches.delete(name);
}

/** Or the next page would come out of a cache that is no more. */
async function forgetServiceWorkers(): Promise<void> {
	const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
	for (const registration of (await serviceWorker?.getRegistrations()) ?? [])
		await registration.unregister();
}

function eraseWords(): void {
	localStorage.clear();
	sessionStorage.clear();
}
