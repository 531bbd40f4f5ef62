/** The channels of all links: what may be sent is sent at once, what cannot is dropped and counted. */
import type { DataChannel, LinkChannels } from '#lib/io/ports.ts';
import type { PeerInput } from '#lib/p2p/peer/io.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';

/**
 * Sound that waits in a channel's own queue is late already: 4 KiB is about half a second of one speaker,
 * and an unreliable channel would still deliver all of it, old first. In Node SCTP has 64 KiB before that
 * (`io/link/node-simple-peer.ts`).
 */
const AUDIO_QUEUED_MAX_BYTES = 4 * 1024;
/** A neighbour that takes no control messages for this many bytes is as good as gone. */
const CONTROL_QUEUED_MAX_BYTES = 1024 * 1024;

export interface EngineLinks {
	take(peer: PeerId, channels: LinkChannels): void;
	drop(peer: PeerId): void;
	control(peer: PeerId, bytes: Uint8Array<ArrayBuffer>): void;
	datagram(peers: readonly PeerId[], bytes: Uint8Array<ArrayBuffer>): void;
	/** Messages that were dropped, on either channel. */
	readonly unsent: number;
	/** What the channels have taken. */
	readonly sentBytes: number;
}

export interface EngineLinksOptions {
	readonly onInput: (input: PeerInput) => void;
	/** The link is of no use any more: close its connection. */
	readonly onUseless: (peer: PeerId) => void;
}

export function createEngineLinks(options: EngineLinksOptions): EngineLinks {
	const links = new Map<PeerId, LinkChannels>();
	let unsent = 0;
	let sentBytes = 0;
	/** Whether it went. */
	const sent = (
		channel: DataChannel | undefined,
		bytes: Uint8Array<ArrayBuffer>,
		queuedMaxBytes: number
	): boolean => {
		const went = channel !== undefined && sendOn(channel, bytes, queuedMaxBytes);
		if (went) sentBytes += bytes.length;
		else unsent++;
		return went;
	};
	return {
		take(peer, channels) {
			links.set(peer, channels);
			wire(peer, channels, options, () => links.get(peer) === channels);
		},
		drop: (peer) => void links.delete(peer),
		control(peer, bytes) {
			const channel = links.get(peer)?.control;
			const went = sent(channel, bytes, CONTROL_QUEUED_MAX_BYTES);
			if (!went && channel !== undefined) options.onUseless(peer);
		},
		datagram(peers, bytes) {
			for (const peer of peers) sent(links.get(peer)?.audio, bytes, AUDIO_QUEUED_MAX_BYTES);
		},
		get unsent() {
			return unsent;
		},
		get sentBytes() {
			return sentBytes;
		}
	};
}

function sendOn(
	channel: DataChannel,
	bytes: Uint8Array<ArrayBuffer>,
	queuedMaxBytes: number
): boolean {
	if (channel.readyState !== 'open' || channel.bufferedAmount > queuedMaxBytes) return false;
	try {
		channel.send(bytes);
		return true;
	} catch {
		// Closed between the question and the sending: the same as not open.
		return false;
	}
}

function wire(
	peer: PeerId,
	channels: LinkChannels,
	options: EngineLinksOptions,
	isCurrent: () => boolean
): void {
	const { audio, control } = channels;
	let opened = false;
	const onOpen = (): void => {
		if (opened || !isCurrent()) return;
		if (audio.readyState !== 'open' || control.readyState !== 'open') return;
		opened = true;
		options.onInput({ type: 'opened', peer });
	};
	const onClose = (): void => {
		if (isCurrent()) options.onUseless(peer);
	};
	for (const channel of [audio, control]) {
		channel.binaryType = 'arraybuffer';
		channel.onopen = onOpen;
		channel.onclose = onClose;
	}
	audio.onmessage = (event) => {
		const bytes = bytesOf(event.data);
		if (bytes !== null && isCurrent()) options.onInput({ type: 'datagram', from: peer, bytes });
	};
	control.onmessage = (event) => {
		const bytes = bytesOf(event.data);
		if (bytes !== null && isCurrent()) options.onInput({ type: 'control', from: peer, bytes });
	};
	onOpen();
}

/** Null for text, which no peer of ours sends. */
function bytesOf(data: unknown): Uint8Array<ArrayBuffer> | null {
	if (data instanceof ArrayBuffer) return new Uint8Array(data);
	if (data instanceof Uint8Array && data.buffer instanceof ArrayBuffer) {
		return data as Uint8Array<ArrayBuffer>;
	}
	return null;
}
