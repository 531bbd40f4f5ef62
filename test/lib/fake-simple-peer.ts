/** WebRTC in memory: simple-peers of one test find each other by their descriptions, and are open at once. */
import { EventEmitter } from 'node:events';
import type SimplePeer from 'simple-peer';
import type { DataChannel } from '#lib/io/ports.ts';
import type { SimplePeerFactory } from '#lib/io/link/connection.ts';

export interface FakeWebRtc {
	readonly simplePeer: SimplePeerFactory;
	/** Connections that are not closed. */
	living(): number;
	/** From now on nothing gets through, as behind a NAT that lets nobody in. */
	block(): void;
	/** From now on no more connections are made. */
	refuse(): void;
}

interface FakePeer extends EventEmitter {
	readonly name: string;
	readonly channels: Map<number, FakeChannel>;
	destroyed: boolean;
	other: FakePeer | null;
	destroy(): void;
	signal(data: { type: string; sdp?: string }): void;
}

export function createFakeWebRtc(): FakeWebRtc {
	const peers = new Map<string, FakePeer>();
	const state = { blocked: false, refusing: false };
	return {
		simplePeer({ initiator }) {
			if (state.refusing) throw new Error('Cannot create so many PeerConnections');
			const peer = createFakePeer(`peer-${peers.size}`, peers, state);
			peers.set(peer.name, peer);
			if (initiator) setTimeout(() => peer.destroyed || peer.emit('signal', offer(peer)), 0);
			return peer as unknown as SimplePeer.Instance;
		},
		living: () => [...peers.values()].filter((peer) => !peer.destroyed).length,
		block: () => void (state.blocked = true),
		refuse: () => void (state.refusing = true)
	};
}

const offer = (peer: FakePeer) => ({ type: 'offer', sdp: peer.name });

function createFakePeer(
	name: string,
	peers: Map<string, FakePeer>,
	state: { readonly blocked: boolean }
): FakePeer {
	const channels = new Map<number, FakeChannel>();
	const peer: FakePeer = Object.assign(new EventEmitter(), {
		name,
		channels,
		destroyed: false,
		other: null,
		_pc: {
			createDataChannel(_: string, { id = 0 }: RTCDataChannelInit) {
				const channel = createFakeChannel(() => peer.other?.channels.get(id) ?? null);
				channels.set(id, channel);
				return channel;
			}
		},
		destroy() {
			queueMicrotask(() => {
				if (peer.destroyed) return;
				peer.destroyed = true;
				for (const channel of channels.values()) channel.end();
				setTimeout(() => peer.other?.destroy(), 0);
				peer.emit('close');
			});
		},
		signal({ type, sdp = '' }: { type: string; sdp?: string }) {
			if (type !== 'offer' && type !== 'answer') return;
			peer.other = peers.get(sdp) ?? null;
			if (type === 'offer') peer.emit('signal', { type: 'answer', sdp: name });
			else if (!state.blocked) connect(peer);
		}
	});
	return peer;
}

function connect(peer: FakePeer): void {
	const { other } = peer;
	if (!other || other.destroyed || peer.destroyed) return;
	for (const end of [peer, other]) {
		for (const channel of end.channels.values()) channel.begin();
		end.emit('connect');
	}
}

interface FakeChannel extends DataChannel {
	begin(): void;
	end(): void;
}

function createFakeChannel(other: () => FakeChannel | null): FakeChannel {
	let readyState: RTCDataChannelState = 'connecting';
	const channel: FakeChannel = {
		get readyState() {
			return readyState;
		},
		bufferedAmount: 0,
		binaryType: 'arraybuffer',
		onopen: null,
		onclose: null,
		onmessage: null,
		send(data) {
			if (readyState !== 'open') throw new Error('The channel is not open.');
			const view = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
			const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
			setTimeout(() => other()?.onmessage?.(new MessageEvent('message', { data: bytes })), 0);
		},
		close() {
			other()?.end();
			channel.end();
		},
		begin() {
			readyState = 'open';
			channel.onopen?.(new Event('open'));
		},
		end() {
			if (readyState === 'closed') return;
			readyState = 'closed';
			channel.onclose?.(new Event('close'));
		}
	};
	return channel;
}
