/**
 * A list on this device that several tabs of one browser may change: each change is made to what is kept by then, so
 * that no tab puts its old list over what another has added.
 */
import type { Store } from '#lib/io/ports.ts';
import { changeList, loadList, type Edit, type ListFormat } from './json-record.ts';

export interface KeptList<T> {
	readonly items: readonly T[];
	/** Holds at once; rejects where the browser refuses to keep it for the next time. */
	change(edit: Edit<T>): Promise<void>;
}

/** Changes that could not be kept, to be made with the next one; the newest. A full disk is cleared before so many. */
const UNKEPT_MAX = 100;

/**
 * The first `max` are kept, the others forgotten. `onChange` is called after each change, by this tab or found to be made
 * by another. Rejects where nothing can be read.
 */
export async function openKeptList<T>(
	store: Store,
	format: ListFormat<T> & { readonly max: number },
	onChange: () => void = () => undefined
): Promise<KeptList<T>> {
	const { record, read, write = (item: T): unknown => item, max } = format;
	let items: readonly T[] = (await loadList(store, record, read)).slice(0, max);
	let unkept: readonly Edit<T>[] = [];
	let underWay = 0;
	const textOf = (list: readonly T[]): string => JSON.stringify(list.map(write));
	const allOf =
		(edits: readonly Edit<T>[]): Edit<T> =>
		(list) =>
			edits.reduce((before, edit) => edit(before).slice(0, max), list);
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
				const kept = await changeList(store, format, allOf(edits));
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
