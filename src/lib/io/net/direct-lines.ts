/**
 * libp2p's own WebRTC, used by hand. As a transport in libp2p's list it would be asked whenever somebody is
 * dialled, and whoever calls a peer while such a call is under way would have to wait for it. So it is loaded
 * when the first room is entered, answers at its protocol, and calls whom we tell it to. It needs no listening
 * address: the relayed connection over which it is introduced stands already.
 */
import type { Connection, Startable, Transport } from '@libp2p/interface';
import type { WebRTCTransportComponents } from '@libp2p/webrtc';
import { multiaddr } from '@multiformats/multiaddr';
import { once } from '#lib/io/once.ts';
import type { Clock } from '#lib/io/ports.ts';
import { parsePeerId, type PeerId } from '#lib/p2p/wire/ids.ts';
import { createAskerRates, type AskerRates } from './asker-rates.ts';

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

/**
 * Calls that are answered. libp2p makes a PeerConnection for each before it knows what the caller wants, and Chromium
 * refuses the 501st that is not collected yet, which takes up to minutes: links make CONNECTIONS_MADE_MAX a minute, and
 * these at most half as many.
 */
const ANSWERED = {
	/** Who lost us calls again after 2 s, 4 s and so on. */
	one: { burst: 8, perSecond: 0.1 },
	all: { burst: 50, perSecond: 0.4 },
	askersMax: 256
};

export function createDirectLines(
	iceServers: readonly RTCIceServer[],
	relayOnly: boolean,
	clock: Clock
): DirectLines {
	const rates = createAskerRates(clock, ANSWERED);
	let components: WebRTCTransportComponents | null = null;
	const uses = new Set<LineUse>();
	let started = false;
	/** Without a seed it cannot be loaded: whoever needs it next, tries again. */
	const load = once(async (): Promise<Line> => {
		const { webRTC } = await import('@libp2p/webrtc');
		if (components === null) throw new Error('libp2p was started without our service.');
		// A list of our own each time: without any, libp2p would write its public servers into it.
		const rtcConfiguration = (): RTCConfiguration => ({
			iceServers: [...iceServers],
			iceTransportPolicy: relayOnly ? 'relay' : 'all'
		});
		return webRTC({ rtcConfiguration })(sparing(components, rates)) as Line;
	});
	/** Starting and stopping are a matter of one handler, and end as what was asked for last. */
	const settle = async (): Promise<void> => {
		const transport = await load();
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
			const transport = await load();
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

/** The same components, by which calls that come too often are hung up on before anything is made for them. */
function sparing(
	components: WebRTCTransportComponents,
	rates: AskerRates
): WebRTCTransportComponents {
	const { registrar } = components;
	type Handle = typeof registrar.handle;
	const handle: Handle = (protocol, handler, options) =>
		registrar.handle(
			protocol,
			(stream, connection) => {
				const caller = parsePeerId(connection.remotePeer.toString());
				if (caller !== null && rates.take(caller)) return handler(stream, connection);
				stream.abort(new Error('too many calls'));
			},
			options
		);
	return instead(components, 'registrar', instead(registrar, 'handle', handle));
}

/** `whole` with another part in one place. libp2p's components are no plain objects that could be spread. */
const instead = <T extends object, K extends keyof T>(whole: T, place: K, part: T[K]): T =>
	new Proxy(whole, {
		get: (target, name): unknown => (name === place ? part : Reflect.get(target, name))
	});
