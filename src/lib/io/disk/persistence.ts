/** Whether the browser keeps what we store when space is short: it says, and can be asked. */

/** Null where it does not tell. */
export async function isPersisted(): Promise<boolean | null> {
	if (!isKnown()) return null;
	return navigator.storage.persisted();
}

/** Asks for it; some browsers ask the person, others decide by themselves. Null where it cannot be asked. */
export async function askToPersist(): Promise<boolean | null> {
	if (!isKnown()) return null;
	return navigator.storage.persist();
}

const isKnown = (): boolean => typeof navigator !== 'undefined' && 'storage' in navigator;
