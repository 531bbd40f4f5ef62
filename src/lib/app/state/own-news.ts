/** What somebody else has just done to us: told until it is read, or no longer true. */
import type { DeedView, RoomView } from '#lib/p2p/peer/view.ts';

export interface OwnNews {
	readonly what: 'muted' | 'unseated' | 'hand-declined' | 'named-cohost' | 'unnamed-cohost';
	/** Who did it; empty where the name is not known here. */
	readonly byName: string;
}

/** The last of what is new in `after`; null where nothing is. */
export function ownNewsBetween(before: RoomView, after: RoomView): OwnNews | null {
	if (before.phase !== 'joined') return null;
	const known = new Set(before.deeds.map(({ id }) => id));
	const fresh = after.deeds.filter(({ id, by }) => !known.has(id) && !by.me);
	const news = fresh.flatMap((deed): OwnNews[] => {
		const what = whatItMeans(deed, before, after);
		return what === null ? [] : [{ what, byName: deed.by.name }];
	});
	return news.at(-1) ?? null;
}

/** What has been answered by what we did since is not told any longer. */
export function isStillTrue(news: OwnNews, { me }: RoomView): boolean {
	switch (news.what) {
		case 'muted':
			return me.role !== 'listener' && me.muted;
		case 'unseated':
			return me.role === 'listener';
		case 'hand-declined':
			return me.role === 'listener' && !me.handUp && me.invitation === null;
		case 'named-cohost':
			return me.cohost;
		case 'unnamed-cohost':
			return !me.cohost;
	}
}

function whatItMeans(deed: DeedView, before: RoomView, after: RoomView): OwnNews['what'] | null {
	const mine = deed.whom?.me === true;
	const closed = !before.me.muted && after.me.muted;
	switch (deed.what) {
		case 'mute':
			return mine && closed ? 'muted' : null;
		case 'mute-all':
			return closed ? 'muted' : null;
		case 'unseat':
			return mine && before.me.role !== 'listener' ? 'unseated' : null;
		case 'lower':
			return mine && before.me.handUp ? 'hand-declined' : null;
		case 'clear':
			return before.me.handUp && !after.me.handUp ? 'hand-declined' : null;
		case 'name-cohost':
			return mine && !before.me.cohost ? 'named-cohost' : null;
		case 'unname-cohost':
			return mine && before.me.cohost ? 'unnamed-cohost' : null;
		case 'invite':
		case 'floor':
		case 'speakers':
		case 'remove':
		case 'readmit':
		case 'pin':
		case 'unpin':
		case 'settings':
		case 'lock':
		case 'door':
		case 'captions':
		case 'chat':
		case 'recording':
		case 'end':
			return null;
	}
}
