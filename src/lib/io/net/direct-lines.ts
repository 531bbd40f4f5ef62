/**
 * libp2p's own WebRTC, used by hand. As a transport in libp2p's list it would be asked whenever somebody is
 * dialled, and whoever calls a peer while such a call is under way would have to wait for it. So it is loaded
 * when the first room is entered, answers at its protocol, and calls whom we tell it to. It needs no listening
 * address: the relayed connection over which it is introduced stands already.
 */
import type { Connection, Startable, Transport } from '@libp2p/interface';
import type { WebRTCTransportComponents } from '@libp2p/webrtc';
import { multiaddr } from '@multiformats/multiaddr';
import type { PeerId } from '#lib/p2p/wire/ids.ts';

/** Gossip, among members of a room; sharing, among those who hand out recordings and those who fetch them. */
export type LineUse = 'gossip' | 'sharing';

export interface DirectLines {
	/** A service for libp2p that does nothing but learn what a transport needs. */
	readonly service: (components: WebRTCTransportComponents) => object;
	/** Loads the transport and answers calls from now on, until whoever asked for it has closed it. */
	open(use: LineUse): Promise<void>;
	/** Calls a peer that some connection stands to. Rejects where there is no way through. */
	call(peer: PeerId, signal: AbortSignal): Promise<Connection>;
	/** Answers no more calls where nobody else uses them; connections stay. */
	close(use: LineUse): void;
}

type Line = Transport & Startable;

export function createDirectLines(
	iceServers: readonly RTCIceServer[],
	relayOnly: boolean
): DirectLines {
	let components: WebRTCTransportComponents | null = null;
	let line: Promise<Line> | null = null;
	const uses = new Set<LineUse>();
	let started = false;
	const load = async (): Promise<Line> => {
		const { webRTC } = await import('@libp2p/webrtc');
		if (components === null) throw new Error('libp2p was started without our service.');
		// A list of our own each time: without any, libp2p would write its public servers into it.
		const rtcConfiguration = (): RTCConfiguration => ({
			iceServers: [...iceServers],
			iceTransportPolicy: relayOnly ? 'relay' : 'all'
		});
		return webRTC({ rtcConfiguration })(components) as Line;
	};
	/** Starting and stopping are a matter of one handler, and end as what was asked for last. */
	const settle = async (): Promise<void> => {
		const transport = await (line ??= load());
		const wanted = uses.size > 0;
		if (started === wanted) return;
		started = wanted;
		await (wanted ? transport.start() : transport.stop());
	};
	return {
		service(given) {
			components = given;
			return {};
		},
		open(use) {
			uses.add(use);
			return settle();
		},
		async call(peer, signal) {
			const transport = await (line ??= load());
			if (components === null) throw new Error('libp2p was started without our service.');
			const { upgrader } = components;
			return transport.dial(multiaddr(`/webrtc/p2p/${peer}`), { upgrader, signal });
		},
		close(use) {
			if (!uses.delete(use)) return;
			settle().catch(() => undefined);
		}
	};
}
