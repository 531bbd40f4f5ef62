/** The channels of all links: what may be sent is sent at once, what cannot is dropped and counted. */
import type { Clock, DataChannel, LinkChannels } from '#lib/io/ports.ts';
import type { PeerInput } from '#lib/p2p/peer/io.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { isLastWord, lastWord } from '#lib/p2p/wire/last-word.ts';
import { EARLY_MESSAGES_MAX, LAST_WORDS_MS } from '#lib/p2p/wire/limits.ts';

/**
 * Sound that waits in a channel's own queue is late already: 4 KiB is about half a second of one speaker,
 * and an unreliable channel would still deliver all of it, old first. In Node SCTP has 64 KiB before that
 * (`io/link/node-simple-peer.ts`).
 */
const AUDIO_QUEUED_MAX_BYTES = 4 * 1024;
/** A neighbour that takes no control messages for this many bytes is as good as gone. */
const CONTROL_QUEUED_MAX_BYTES = 1024 * 1024;

/** Datagrams on one link since it was made: those that were due, and of these the ones that were dropped. */
export interface LinkCounts {
	readonly due: number;
	readonly unsent: number;
}

export interface EngineLinks {
	take(peer: PeerId, channels: LinkChannels): void;
	/** Its connection is gone. */
	drop(peer: PeerId): void;
	/**
	 * Nothing more is heard of it or said to it; what was said still goes, and then the last word. Whoever has that
	 * closes the connection; after LAST_WORDS_MS `onUseless` is called, or at once where there is no way to say it.
	 */
	close(peer: PeerId): void;
	/** Waits no longer for last words to this peer, who is to have another link. */
	cutShort(peer: PeerId): void;
	/** Resolves when the last of all links is closed. */
	closeAll(): Promise<void>;
	control(peer: PeerId, bytes: Uint8Array<ArrayBuffer>): void;
	datagram(peers: readonly PeerId[], bytes: Uint8Array<ArrayBuffer>): void;
	/** Messages that were dropped, on either channel. */
	readonly unsent: number;
	/** By neighbour, for as long as there is a link with it: as many at most as there are links. */
	readonly unsentBy: Readonly<Record<PeerId, LinkCounts>>;
	/** What the channels have taken. */
	readonly sentBytes: number;
}

export interface EngineLinksOptions {
	readonly clock: Clock;
	readonly onInput: (input: PeerInput) => void;
	/** The link is of no use any more: close its connection. */
	readonly onUseless: (peer: PeerId) => void;
}

interface OpenLink {
	readonly channels: LinkChannels;
	due: number;
	unsent: number;
}

export function createEngineLinks(options: EngineLinksOptions): EngineLinks {
	const links = new Map<PeerId, OpenLink>();
	const closing = createClosing(options);
	const find = (peer: PeerId): LinkChannels | undefined => links.get(peer)?.channels;
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
	const close = (peer: PeerId): void => {
		const channels = find(peer);
		links.delete(peer);
		// What was never open has had no words, and loses none.
		const wasOpen = channels?.control.readyState === 'open';
		if (wasOpen && sent(channels.control, lastWord(), CONTROL_QUEUED_MAX_BYTES))
			closing.begin(peer, channels);
		else options.onUseless(peer);
	};
	return {
		take(peer, channels) {
			closing.forget(peer);
			links.set(peer, { channels, due: 0, unsent: 0 });
			wire(peer, channels, options, { find, closing });
		},
		drop(peer) {
			closing.forget(peer);
			links.delete(peer);
		},
		close,
		cutShort: closing.end,
		closeAll() {
			for (const peer of [...links.keys()]) close(peer);
			return closing.over();
		},
		control(peer, bytes) {
			const channel = find(peer)?.control;
			const went = sent(channel, bytes, CONTROL_QUEUED_MAX_BYTES);
			if (!went && channel !== undefined) options.onUseless(peer);
		},
		datagram(peers, bytes) {
			for (const peer of peers) {
				const link = links.get(peer);
				const went = sent(link?.channels.audio, bytes, AUDIO_QUEUED_MAX_BYTES);
				if (link === undefined) continue;
				link.due++;
				if (!went) link.unsent++;
			}
		},
		get unsent() {
			return unsent;
		},
		get unsentBy() {
			const counts = [...links].map(([peer, { due, unsent }]) => [peer, { due, unsent }] as const);
			return Object.fromEntries(counts);
		},
		get sentBytes() {
			return sentBytes;
		}
	};
}

/** Links that we are done with, whose other side is still to have our last words. As many at most as there were links. */
interface Closing {
	begin(peer: PeerId, channels: LinkChannels): void;
	/** Whether it is the link with these channels that is being closed. */
	has(peer: PeerId, channels: LinkChannels): boolean;
	/** Its connection is gone, or another has taken its place. */
	forget(peer: PeerId): void;
	/** It is waited for no longer. */
	readonly end: (peer: PeerId) => void;
	/** Resolves when there is none. */
	over(): Promise<void>;
}

function createClosing({ clock, onUseless }: EngineLinksOptions): Closing {
	const links = new Map<PeerId, { readonly channels: LinkChannels; cancel(): void }>();
	const waiting: (() => void)[] = [];
	const forget = (peer: PeerId): boolean => {
		links.get(peer)?.cancel();
		const was = links.delete(peer);
		if (links.size === 0) for (const resolve of waiting.splice(0)) resolve();
		return was;
	};
	const end = (peer: PeerId): void => {
		if (forget(peer)) onUseless(peer);
	};
	return {
		begin(peer, channels) {
			const cancel = clock.wake(clock.nowMs() + LAST_WORDS_MS, () => end(peer));
			links.set(peer, { channels, cancel });
		},
		has: (peer, channels) => links.get(peer)?.channels === channels,
		forget,
		end,
		over: () =>
			links.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))
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

interface WiredTo {
	/** The channels of the link with this peer now. */
	readonly find: (peer: PeerId) => LinkChannels | undefined;
	readonly closing: Closing;
}

function wire(
	peer: PeerId,
	channels: LinkChannels,
	{ onInput, onUseless }: EngineLinksOptions,
	{ find, closing }: WiredTo
): void {
	const { audio, control } = channels;
	const isCurrent = (): boolean => find(peer) === channels;
	let opened = false;
	/** A side whose channels are both open speaks at once, while the other may still wait for one of them. */
	const early: Uint8Array<ArrayBuffer>[] = [];
	const begin = (): void => {
		if (opened || !isCurrent()) return;
		opened = true;
		onInput({ type: 'opened', peer });
		for (const bytes of early.splice(0)) {
			if (isCurrent()) onInput({ type: 'control', from: peer, bytes });
		}
	};
	const onOpen = (): void => {
		if (audio.readyState === 'open' && control.readyState === 'open') begin();
	};
	/** What was never open has no outcome but that of its connection, which ends with it. */
	const onClose = (): void => {
		if (opened && isCurrent()) onUseless(peer);
	};
	for (const channel of [audio, control]) {
		channel.binaryType = 'arraybuffer';
		channel.onopen = onOpen;
		channel.onclose = onClose;
	}
	audio.onmessage = (event) => {
		const bytes = bytesOf(event.data);
		// Before the link is open nothing could be asked back; some hundredths of a second later the next is here.
		if (bytes !== null && opened && isCurrent()) onInput({ type: 'datagram', from: peer, bytes });
	};
	control.onmessage = (event) => {
		const bytes = bytesOf(event.data);
		if (bytes === null) return;
		if (isLastWord(bytes)) {
			// Both may close at once: then each has said all that it had to say, and neither wants to hear it.
			if (closing.has(peer, channels)) closing.end(peer);
			// What came before it was said to us, and counts.
			begin();
			onClose();
		} else if (opened) {
			if (isCurrent()) onInput({ type: 'control', from: peer, bytes });
		} else if (early.length < EARLY_MESSAGES_MAX) early.push(bytes);
		else {
			begin();
			onClose();
		}
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
