/**
 * A list on this device that several tabs of one browser may change: each change is made to what is kept by then, so
 * that no tab puts its old list over what another has added.
 */
import type { Store } from '#lib/io/ports.ts';
import { listIn, loadList, parsed, type ReadItem } from './json-record.ts';

export interface KeptList<T> {
	readonly items: readonly T[];
	/** Holds at once; rejects where the browser refuses to keep it for the next time. */
	change(edit: Edit<T>): Promise<void>;
}

/** Makes a new list of one, whatever is in it. */
export type Edit<T> = (items: readonly T[]) => readonly T[];

export interface ListFormat<T> {
	readonly record: string;
	readonly read: ReadItem<T>;
	/** As it is where it is plain data. */
	readonly write?: (item: T) => unknown;
	/** Those beyond it are forgotten. */
	readonly max: number;
}

/** Changes that could not be kept, to be made with the next one; the newest. A full disk is cleared before so many. */
const UNKEPT_MAX = 100;

/** `onChange` is called after each change, by this tab or found to be made by another. Rejects where nothing can be read. */
export async function openKeptList<T>(
	store: Store,
	{ record, read, write = (item) => item, max }: ListFormat<T>,
	onChange: () => void = () => undefined
): Promise<KeptList<T>> {
	let items: readonly T[] = (await loadList(store, record, read)).slice(0, max);
	let unkept: readonly Edit<T>[] = [];
	let underWay = 0;
	const textOf = (list: readonly T[]): string => JSON.stringify(list.map(write));
	const keep = async (edits: readonly Edit<T>[]): Promise<readonly T[]> => {
		let kept: readonly T[] = [];
		await store.change(record, (bytes) => {
			kept = bytes === null ? [] : listIn(parsed(bytes), read);
			for (const edit of edits) kept = edit(kept).slice(0, max);
			return new TextEncoder().encode(textOf(kept));
		});
		return kept;
	};
	return {
		get items() {
			return items;
		},
		async change(edit) {
			items = edit(items).slice(0, max);
			onChange();
			const edits = [...unkept, edit];
			unkept = [];
			underWay++;
			try {
				const kept = await keep(edits);
				// What was changed meanwhile holds, and is kept next.
				if (underWay > 1 || unkept.length > 0 || textOf(kept) === textOf(items)) return;
				items = kept;
				onChange();
			} catch (error) {
				unkept = [...edits, ...unkept].slice(-UNKEPT_MAX);
				throw error;
			} finally {
				underWay--;
			}
		}
	};
}
