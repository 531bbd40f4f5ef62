/** simple-peer over node-datachannel, for Node programs only: native code, never in the browser's bundle. */
import { setSctpSettings } from 'node-datachannel';
import * as datachannel from 'node-datachannel/polyfill';
import SimplePeer from 'simple-peer';
import { CONTROL_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import type { SimplePeerFactory } from './connection.ts';
import { heldChannel } from './held-channel.ts';

type Wrtc = NonNullable<SimplePeer.Options['wrtc']>;

/** How long the answer travels ahead of the connection it allows: longer than through a seed on one machine. */
const ANSWER_AHEAD_MS = 25;

/**
 * What SCTP (usrsctp) takes over of one link. `bufferedAmount` does not count it and no lifetime of a message reaches
 * it: after an outage all of it is still sent, old first. Left alone it is 1 MiB, 19 s of a full stage (55 kB/s); this
 * is 1.2 s of it, and cannot be less, for libdatachannel makes it as large as the largest message. One voice alone
 * (5 kB/s) would fill it in 13 s: there, what bounds it is that a link silent for 8 s is closed.
 */
const SCTP_QUEUED_MAX_BYTES = CONTROL_BYTES_MAX;
// For every connection of this process made from now on. libp2p's allow messages of 256 KiB, and so have that much.
setSctpSettings({ sendBufferSize: SCTP_QUEUED_MAX_BYTES });

interface Native {
	readonly localDescription: RTCSessionDescriptionInit | null;
	createOffer(): Promise<RTCSessionDescriptionInit>;
	createAnswer(): Promise<RTCSessionDescriptionInit>;
	setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void>;
	addIceCandidate(candidate: RTCIceCandidate): Promise<void>;
	createDataChannel(label: string, init: RTCDataChannelInit): RTCDataChannel;
}

/**
 * A connection that suits simple-peer, which writes to the `sdp` of a description (here it can only be read, so
 * it gets a copy), and that goes around two faults of libdatachannel, each of them a matter of who is first:
 * 1. A handshake that begins before the offering side has the answer is lost, and repeated after a second. So an
 *    offer says that its own side begins.
 * 2. A handshake that is done before the answer is wholly applied is refused as forged. So the answering side
 *    looks for a way to the other only when the answer had time to arrive.
 * Two Node peers on one machine, 300 links: median 54 ms, slowest 154 ms; without this half of them took a second.
 */
function createNative(config: RTCConfiguration): Native {
	const limited = { ...config, maxMessageSize: CONTROL_BYTES_MAX };
	const pc = new datachannel.RTCPeerConnection(limited) as unknown as Native;
	const prototype = Object.getPrototypeOf(pc) as Native;
	const createOffer = pc.createOffer.bind(pc);
	const createAnswer = pc.createAnswer.bind(pc);
	const setRemoteDescription = pc.setRemoteDescription.bind(pc);
	const addIceCandidate = pc.addIceCandidate.bind(pc);
	const createDataChannel = pc.createDataChannel.bind(pc);
	let ahead: Promise<void> = Promise.resolve();
	Object.defineProperty(pc, 'localDescription', {
		get: () => {
			const local = Reflect.get(prototype, 'localDescription', pc);
			return local && described(local);
		}
	});
	return Object.assign(pc, {
		createOffer: async () => described(await createOffer()),
		createAnswer: async () => described(await createAnswer()),
		async setRemoteDescription(description: RTCSessionDescriptionInit) {
			if (description.type !== 'offer') return setRemoteDescription(description);
			ahead = new Promise((resolve) => setTimeout(resolve, ANSWER_AHEAD_MS));
			return setRemoteDescription(withoutCandidates(description));
		},
		async addIceCandidate(candidate: RTCIceCandidate) {
			await ahead;
			return addIceCandidate(candidate);
		},
		createDataChannel(label: string, init: RTCDataChannelInit) {
			const channel = createDataChannel(label, init);
			return init.ordered === false ? channel : heldChannel(channel);
		}
	});
}

function described({ type, sdp = '' }: RTCSessionDescriptionInit): RTCSessionDescriptionInit {
	// RFC 8842, section 5.2 lets an offer say so.
	return { type, sdp: type === 'offer' ? sdp.replace('a=setup:actpass', 'a=setup:active') : sdp };
}

/** They come again on their own, as every peer of ours sends them. */
function withoutCandidates({ type, sdp = '' }: RTCSessionDescriptionInit): RTCSessionDescription {
	const lines = sdp
		.split(/(?<=\n)/)
		.filter((line) => !/^a=(candidate|end-of-candidates)/.test(line));
	return new datachannel.RTCSessionDescription({ type, sdp: lines.join('') });
}

const wrtc = {
	RTCPeerConnection: createNative,
	RTCSessionDescription: datachannel.RTCSessionDescription,
	RTCIceCandidate: datachannel.RTCIceCandidate
} as unknown as Wrtc;

export const nodeSimplePeer: SimplePeerFactory = ({ initiator, iceServers }) =>
	new SimplePeer({ initiator, trickle: true, wrtc, config: { iceServers: [...iceServers] } });
