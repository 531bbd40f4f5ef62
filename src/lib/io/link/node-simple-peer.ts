/** simple-peer over node-datachannel, for Node programs only: native code, never in the browser's bundle. */
import { setSctpSettings } from 'node-datachannel';
import * as datachannel from 'node-datachannel/polyfill';
import SimplePeer from 'simple-peer';
import { CONTROL_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import type { SimplePeerFactory } from './connection.ts';
import { heldChannel } from './held-channel.ts';

type Wrtc = NonNullable<SimplePeer.Options['wrtc']>;

/** How long the answer travels ahead of our looking for a way to whom it is for: as through a seed, on a busy machine. */
const ANSWER_AHEAD_MS = 100;

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
 * it gets a copy), and that goes around a fault of libdatachannel: a handshake that reaches a side before ICE has
 * connected it is lost, and repeated after a second; or it is refused as forged. The answering side begins the handshake
 * (RFC 8842, section 5.3, where the offer leaves it open), so the offering side has to be connected first. It is, where
 * its checks come first: those of the answering side begin only when the answer had time to arrive, and by then it is
 * mostly connected as well, by the checks of the other. `npm run bench -- node-links` shows it beside plain connections.
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
			return local && copyOf(local);
		}
	});
	return Object.assign(pc, {
		createOffer: async () => copyOf(await createOffer()),
		createAnswer: async () => copyOf(await createAnswer()),
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

const copyOf = ({ type, sdp = '' }: RTCSessionDescriptionInit): RTCSessionDescriptionInit => ({
	type,
	sdp
});

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
