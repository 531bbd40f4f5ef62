/** Links in memory, for tests of what stands above them: real knocks and rules, fake signalling and WebRTC. */
import type { Clock, LinkEvent, Links } from '#lib/io/ports.ts';
import { createLinks } from '#lib/io/link/simple-peer-links.ts';
import type { NetPeer } from './fake-network.ts';
import type { FakeWebRtc } from './fake-simple-peer.ts';

export interface FakeLinksOptions {
	readonly net: NetPeer;
	readonly webRtc: FakeWebRtc;
	readonly clock: Clock;
	readonly onEvent: (event: LinkEvent) => void;
}

export function createFakeLinks({ net, webRtc, clock, onEvent }: FakeLinksOptions): Links {
	return createLinks({
		me: net.peer,
		signalling: net.signalling,
		simplePeer: webRtc.simplePeer,
		iceServers: [],
		clock,
		onEvent
	});
}
