/** simple-peer over node-datachannel, for Node programs only: native code, never in the browser's bundle. */
import * as datachannel from 'node-datachannel/polyfill';
import SimplePeer from 'simple-peer';
import type { SimplePeerFactory } from './connection.ts';

type Wrtc = NonNullable<SimplePeer.Options['wrtc']>;

interface Describing {
	readonly localDescription: RTCSessionDescriptionInit | null;
	createOffer(): Promise<RTCSessionDescriptionInit>;
	createAnswer(): Promise<RTCSessionDescriptionInit>;
}

/** simple-peer writes to the `sdp` of a description; node-datachannel's can only be read, so it gets a copy. */
function WritableConnection(config: RTCConfiguration): Describing {
	const pc = new datachannel.RTCPeerConnection(config) as unknown as Describing;
	const native = Object.getPrototypeOf(pc) as Describing;
	const described = (description: RTCSessionDescriptionInit) => ({
		type: description.type,
		sdp: description.type === 'offer' ? asClient(description.sdp ?? '') : (description.sdp ?? '')
	});
	Object.defineProperty(pc, 'localDescription', {
		get: () => {
			const local = Reflect.get(native, 'localDescription', pc);
			return local && described(local);
		}
	});
	const createOffer = pc.createOffer.bind(pc);
	const createAnswer = pc.createAnswer.bind(pc);
	return Object.assign(pc, {
		createOffer: async () => described(await createOffer()),
		createAnswer: async () => described(await createAnswer())
	});
}

/**
 * Who offers begins the DTLS handshake (RFC 8842 lets an offer say so). Left to choose, who answers would begin,
 * often before its answer has arrived, and libdatachannel drops that first message and waits a second for the next.
 */
function asClient(sdp: string): string {
	return sdp.replace('a=setup:actpass', 'a=setup:active');
}

const wrtc = {
	RTCPeerConnection: WritableConnection,
	RTCSessionDescription: datachannel.RTCSessionDescription,
	RTCIceCandidate: datachannel.RTCIceCandidate
} as unknown as Wrtc;

export const nodeSimplePeer: SimplePeerFactory = ({ initiator, iceServers }) =>
	new SimplePeer({ initiator, trickle: true, wrtc, config: { iceServers: [...iceServers] } });
