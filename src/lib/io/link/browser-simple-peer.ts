/** simple-peer as its own browser bundle: 29 kB with all it needs, so that Vite has nothing to stand in for. */
import SimplePeer from 'simple-peer/simplepeer.min.js';
import type { Links } from '#lib/io/ports.ts';
import type { SimplePeerFactory } from './connection.ts';

/** An empty list of servers means none; the package's own default would call strangers. */
export const browserSimplePeer: SimplePeerFactory = ({ initiator, iceServers, relayOnly }) =>
	new SimplePeer({
		initiator,
		trickle: true,
		config: {
			iceServers: [...iceServers],
			iceTransportPolicy: relayOnly === true ? 'relay' : 'all'
		}
	});

/**
 * Closes all links when the page goes away: neighbours notice in 10 ms, and not after 17 seconds. A page that is
 * put into the back/forward cache loses its links as well. The result takes the listener away.
 */
export function closeOnPagehide(links: Links): () => void {
	const close = (): void => {
		links.stop();
	};
	addEventListener('pagehide', close);
	return () => {
		removeEventListener('pagehide', close);
	};
}
