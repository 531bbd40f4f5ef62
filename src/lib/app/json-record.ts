/** Small lists kept on this device as JSON, one record each. */
import type { Store } from '#lib/io/ports.ts';

/** Null for what is none of the list's. */
export type ReadItem<T> = (item: Readonly<Record<string, unknown>>) => T | null;

/** Makes a new list of one, whatever is in it. */
export type Edit<T> = (items: readonly T[]) => readonly T[];

export interface ListFormat<T> {
	readonly record: string;
	readonly read: ReadItem<T>;
	/** As it is where it is plain data. */
	readonly write?: (item: T) => unknown;
}

/** The list in a record; empty where there is none. Rejects where the browser does not let us look. */
export async function loadList<T>(store: Store, record: string, read: ReadItem<T>): Promise<T[]> {
	const bytes = await store.get(record);
	return bytes === null ? [] : listIn(parsed(bytes), read);
}

/** Item by item as `read` makes of it; what cannot be read is left out, and only that. */
export function listIn<T>(json: unknown, read: ReadItem<T>): T[] {
	if (!Array.isArray(json)) return [];
	return json.map((item) => (isRecord(item) ? read(item) : null)).filter((item) => item !== null);
}

/** Null where it is cut or foreign: the same as nothing kept. */
export function parsed(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder().decode(bytes));
	} catch {
		return null;
	}
}

/** Of what is kept by then: another tab may have changed it. What came of it; rejects where the browser refuses to keep it. */
export async function changeList<T>(
	store: Store,
	{ record, read, write = (item) => item }: ListFormat<T>,
	edit: Edit<T>
): Promise<readonly T[]> {
	let list: readonly T[] = [];
	await store.change(record, (bytes) => {
		list = edit(bytes === null ? [] : listIn(parsed(bytes), read));
		return new TextEncoder().encode(JSON.stringify(list.map(write)));
	});
	return list;
}

/** Rejects where the browser refuses to keep it. */
export async function saveList(
	store: Store,
	record: string,
	list: readonly unknown[]
): Promise<void> {
	await store.put(record, new TextEncoder().encode(JSON.stringify(list)));
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
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
