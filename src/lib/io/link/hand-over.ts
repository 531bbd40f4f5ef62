/**
 * Gives the channels of a link to a Worker. Where the browser can, the channels themselves go (Chrome 130,
 * Firefox 144, Safari); where it cannot, they stay on the page, and their bytes travel through ports.
 */
import type { DataChannel, LinkChannels } from '#lib/io/ports.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { EARLY_MESSAGES_MAX } from '#lib/p2p/wire/limits.ts';
import { forwardChannel, forwardedChannel } from './forwarded-channel.ts';

const TYPE = 'link-channels';

interface HandOver {
	readonly type: typeof TYPE;
	readonly peer: PeerId;
	readonly how: 'transferred' | 'forwarded';
	readonly audio: unknown;
	readonly control: unknown;
}

/** What can be posted to: a Worker, or a port that leads to one. */
export interface PostTarget {
	postMessage(message: unknown, transfer: Transferable[]): void;
}

/**
 * To be called within the 'channels' event, and only then. Says which way it went; after 'transferred' the page's
 * own channel objects are dead.
 */
export function handOver(
	worker: PostTarget,
	peer: PeerId,
	channels: LinkChannels
): HandOver['how'] {
	const { audio, control } = channels as unknown as Record<'audio' | 'control', Transferable>;
	try {
		const message: HandOver = { type: TYPE, peer, how: 'transferred', audio, control };
		worker.postMessage(message, [audio, control]);
		return 'transferred';
	} catch {
		const ports = {
			audio: forwardChannel(channels.audio),
			control: forwardChannel(channels.control)
		};
		const message: HandOver = { type: TYPE, peer, how: 'forwarded', ...ports };
		worker.postMessage(message, [ports.audio, ports.control]);
		return 'forwarded';
	}
}

/**
 * In the Worker: the channels a message brought, or null where it is about something else. They must be taken at
 * once, for what a channel receives before it has a handler is lost.
 */
export function takeOver(data: unknown): { peer: PeerId; channels: LinkChannels } | null {
	if (!isHandOver(data)) return null;
	const { peer, how, audio, control } = data;
	const take = (channel: unknown): DataChannel =>
		how === 'forwarded'
			? forwardedChannel(channel as MessagePort)
			: openFirst(channel as RTCDataChannel);
	return { peer, channels: { audio: take(audio), control: take(control) } };
}

/**
 * Chromium tells a Worker that is slow to start of a channel's first messages before it tells that the channel is
 * open (and while `send` still throws). This puts them back in order; once open, the channel is as it was.
 */
function openFirst(channel: RTCDataChannel): RTCDataChannel {
	if (channel.readyState !== 'connecting') return channel;
	const early: MessageEvent[] = [];
	const hold = (event: MessageEvent): void => {
		event.stopImmediatePropagation();
		if (early.length < EARLY_MESSAGES_MAX) early.push(event);
		else channel.close();
	};
	const open = (event: Event): void => {
		channel.removeEventListener('message', hold);
		event.stopImmediatePropagation();
		channel.dispatchEvent(new Event('open'));
		for (const { data } of early as MessageEvent<unknown>[]) {
			channel.dispatchEvent(new MessageEvent('message', { data }));
		}
	};
	channel.addEventListener('message', hold);
	channel.addEventListener('open', open, { once: true });
	return channel;
}

function isHandOver(data: unknown): data is HandOver {
	return typeof data === 'object' && data !== null && 'type' in data && data.type === TYPE;
}
