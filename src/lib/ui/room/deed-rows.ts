/** Deeds as a list to be read: the latest first, and the blocks that a room begins with as one. */
import type { DeedView } from '#lib/p2p/peer/view.ts';

export type DeedRow =
	| { readonly type: 'deed'; readonly key: string; readonly deed: DeedView }
	/** So many people nobody here has met, blocked by the host from the beginning. */
	| { readonly type: 'blocked-before'; readonly key: string; readonly count: number };

export function rowsOf(deeds: readonly DeedView[]): readonly DeedRow[] {
	const rows: DeedRow[] = [];
	for (const deed of deeds) {
		const last = rows.at(-1);
		if (!isOldBlock(deed)) rows.push({ type: 'deed', key: deed.id, deed });
		else if (last?.type === 'blocked-before') {
			rows[rows.length - 1] = { ...last, count: last.count + 1 };
		} else rows.push({ type: 'blocked-before', key: deed.id, count: 1 });
	}
	return rows.reverse();
}

/** Whoever is put out of this room has been in it, and told a name. */
const isOldBlock = ({ what, whom, on }: DeedView): boolean =>
	what === 'remove' && on && whom !== null && whom.name === '' && !whom.me;
