/** Small lists kept on this device as JSON, one record each. */
import type { Store } from '#lib/io/ports.ts';

/** The list in a record, item by item as `read` makes of it; what cannot be read is left out, and only that. */
export async function loadList<T>(
	store: Store,
	record: string,
	read: (item: Readonly<Record<string, unknown>>) => T | null
): Promise<T[]> {
	try {
		const bytes = await store.get(record);
		const json: unknown = bytes === null ? [] : JSON.parse(new TextDecoder().decode(bytes));
		if (!Array.isArray(json)) return [];
		return json.map((item) => (isRecord(item) ? read(item) : null)).filter((item) => item !== null);
	} catch {
		// Cut or foreign: the same as nothing kept.
		return [];
	}
}

/** Rejects where the browser refuses to keep it. */
export async function saveList(
	store: Store,
	record: string,
	list: readonly unknown[]
): Promise<void> {
	await store.put(record, new TextEncoder().encode(JSON.stringify(list)));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null;
}

export const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');
export const numberIn = (value: unknown): number =>
	typeof value === 'number' && Number.isFinite(value) ? value : 0;
/** Hex of exactly so many bytes, or null. */
export function hexIn(value: unknown, bytes: number): string | null {
	const text = textIn(value);
	return text.length === 2 * bytes && /^[0-9a-f]*$/.test(text) ? text : null;
}
