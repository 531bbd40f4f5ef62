/** Who is above us and who below: the way of what goes along the tree and between speakers, and to each peer once. */
import type { PeerId } from '../wire/ids.ts';
import { mySeat, positionOf, type PeerState } from './state.ts';

/** From which side of the tree it came. */
export type Side = 'above' | 'below';

/** As presence is told. */
export function sidesOf(peer: PeerState): {
	readonly above: readonly PeerId[];
	readonly below: readonly PeerId[];
} {
	const { parent, children, mesh } = positionOf(peer);
	const isRoot = mySeat(peer) !== undefined && mesh.length > 0;
	const above = isRoot ? mesh : parent === null ? [] : [parent];
	return { above, below: children.filter((child) => !above.includes(child)) };
}

export function sideOf(peer: PeerState, from: PeerId): Side | null {
	const { above, below } = sidesOf(peer);
	if (above.includes(from)) return 'above';
	return below.includes(from) ? 'below' : null;
}

/** Who is to hear what `from` told us, or what we say ourselves (null). */
export function onwardsFrom(peer: PeerState, from: PeerId | null): PeerId[] {
	const { above, below } = sidesOf(peer);
	const isFromAbove = from !== null && above.includes(from);
	// Speakers tell each other what is theirs; what one has said the others have heard.
	return (isFromAbove ? below : [...above, ...below]).filter((to) => to !== from);
}
