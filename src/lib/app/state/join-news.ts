/** Who came to listen, told together: a room that fills up is no reason to be read to without end. */
import type { RoomView } from '#lib/p2p/peer/view.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import type { Notice } from './notices.ts';

/** Told so often at most; and so long after we came ourselves nobody is new: those who were there become known one by one. */
export const JOINS_EVERY_MS = 15_000;

/** Call it with every view, whether it has changed or not. */
export function createJoinNews(): (view: RoomView, nowMs: number) => Notice | null {
	/** Everybody in the room, as last seen; null before we are in it. */
	let known: ReadonlySet<PeerId> | null = null;
	/** Who came since somebody was told last; no more than a view has listeners. */
	const fresh = new Map<PeerId, string>();
	let settled = false;
	let sinceMs = 0;

	function look({ listeners, stage }: RoomView): void {
		const here = new Set(listeners.map(({ peer }) => peer));
		for (const { peer, name, me } of listeners)
			if (known?.has(peer) === false && !me) fresh.set(peer, name);
		for (const peer of fresh.keys()) if (!here.has(peer)) fresh.delete(peer);
		// Who comes down from the stage has been here all along.
		known = new Set([...here, ...stage.map(({ peer }) => peer)]);
	}

	return (view, nowMs) => {
		if (view.phase !== 'joined') {
			known = null;
			settled = false;
			return null;
		}
		if (known === null) sinceMs = nowMs;
		look(view);
		if (nowMs - sinceMs < JOINS_EVERY_MS) return null;
		const came = [...fresh.values()];
		fresh.clear();
		if (came.length > 0 || !settled) sinceMs = nowMs;
		const isNews = settled && came.length > 0;
		settled = true;
		return isNews ? { type: 'came', names: came } : null;
	};
}
