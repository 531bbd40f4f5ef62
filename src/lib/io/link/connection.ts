/**
 * One simple-peer and the two channels beside its own. The only file that touches the private `_pc`: simple-peer
 * makes one channel, and ours must be made in the same task as the connection, or no Worker may have them.
 */
import type SimplePeer from 'simple-peer';
import type { LinkChannels } from '#lib/io/ports.ts';
import type { Signal } from './signals.ts';

/** Makes a simple-peer: in the browser from its bundle, in Node over node-datachannel. */
export type SimplePeerFactory = (options: SimplePeerOptions) => SimplePeer.Instance;

export interface SimplePeerOptions {
	readonly initiator: boolean;
	readonly iceServers: readonly RTCIceServer[];
	/** By those of them that relay (TURN), or not at all. */
	readonly relayOnly?: boolean;
}

/** Both sides make the channels under these numbers, without asking each other (RFC 8832 is not needed). */
const AUDIO_CHANNEL: RTCDataChannelInit = {
	negotiated: true,
	id: 100,
	ordered: false,
	maxRetransmits: 0
};
const CONTROL_CHANNEL: RTCDataChannelInit = { negotiated: true, id: 101, ordered: true };

export interface Connection {
	readonly channels: LinkChannels;
	/** Takes what the other side says; never throws. */
	signal(signal: Signal): void;
	/** Without a word to `handlers`. The other side notices within a round trip. */
	close(): void;
}

export interface ConnectionHandlers {
	/** To be brought to the other side. */
	signal(signal: Signal): void;
	open(): void;
	/** The connection failed or the other side closed it; once, and nothing after it. */
	closed(reason: string): void;
}

/** Null where the browser refuses another connection (Chromium: 500 that are not collected yet). */
export function createConnection(
	simplePeer: SimplePeerFactory,
	options: SimplePeerOptions,
	handlers: ConnectionHandlers
): Connection | null {
	let made: SimplePeer.Instance;
	try {
		made = simplePeer(options);
	} catch {
		return null;
	}
	let closed = false;
	let reason = 'closed by the other side';
	const end = (why: string): void => {
		if (closed) return;
		closed = true;
		handlers.closed(why);
	};
	// Always first: an 'error' that nobody listens to is thrown.
	made.on('error', (error: Error) => (reason = error.message));
	const channels = makeChannels(made);
	if (channels === null) {
		closed = true;
		made.destroy();
		return null;
	}
	made.on('close', () => {
		end(reason);
	});
	made.on('signal', (signal: unknown) => {
		if (!closed) handlers.signal(signal as Signal);
	});
	made.on('connect', () => {
		if (!closed) handlers.open();
	});
	return {
		channels,
		signal(signal) {
			if (closed) return;
			try {
				made.signal(signal as SimplePeer.SignalData);
			} catch (error) {
				reason = error instanceof Error ? error.message : 'a signal made no sense';
				made.destroy();
			}
		},
		close() {
			closed = true;
			made.destroy();
		}
	};
}

function makeChannels(made: SimplePeer.Instance): LinkChannels | null {
	const pc = (made as unknown as { readonly _pc?: RTCPeerConnection | null })._pc;
	if (!pc) return null;
	return {
		audio: pc.createDataChannel('audio', AUDIO_CHANNEL),
		control: pc.createDataChannel('control', CONTROL_CHANNEL)
	};
}
