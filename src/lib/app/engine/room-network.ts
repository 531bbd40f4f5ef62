/**
 * The network side of a room: carries the engine's orders over to the directory, the gossip and the links,
 * and their news back. On the page in the browser, in the same thread in Node.
 */
import type { RoutedDrops } from '#lib/io/link/conversation.ts';
import { createIntroductions } from '#lib/io/link/introductions.ts';
import { createRoutedSignalling } from '#lib/io/link/routed-signalling.ts';
import type {
	Clock,
	Directory,
	Gossip,
	GossipRoom,
	Keys,
	KnockTicket,
	LinkChannels,
	LinkEvent,
	Links,
	Signalling,
	Verdict
} from '#lib/io/ports.ts';
import type { PeerId, RoomId } from '#lib/p2p/wire/ids.ts';
import type { NetworkNews, NetworkOrder } from './messages.ts';

/** Messages waiting for the engine's verdict; beyond it the engine is overwhelmed and gossip is ignored. */
const JUDGING_MAX = 1024;
/** A search that has found nobody by then will not. */
const SEARCH_MAX_MS = 6_000;

export interface RoomNetworkParts {
	readonly me: PeerId;
	readonly room: RoomId;
	/** Those of `me`: what goes over the links of others is signed. */
	readonly keys: Pick<Keys, 'sign' | 'verify'>;
	readonly clock: Clock;
	readonly gossip: Gossip;
	readonly directory: Directory;
	/** Calls through seeds and direct connections. */
	readonly calls: Signalling;
	/** Whether a call to this peer can get through now, as far as we know. */
	readonly mayCall: (peer: PeerId) => boolean;
	/** Makes the links, which report to `onEvent`. */
	readonly links: (signalling: Signalling, onEvent: (event: LinkEvent) => void) => Links;
	readonly onNews: (news: NetworkNews) => void;
	/** New channels: to be taken synchronously. */
	readonly onChannels: (peer: PeerId, channels: LinkChannels) => void;
}

export interface RoomNetwork {
	carry(order: NetworkOrder): void;
	/** What came over the links of others, and was none of ours. */
	readonly introductionDrops: Readonly<RoutedDrops>;
	/** Closes every link, leaves gossip and withdraws from the directory. */
	stop(): void;
}

export function createRoomNetwork(parts: RoomNetworkParts): RoomNetwork {
	const { room, directory, onNews } = parts;
	const judging = createJudging((ticket, bytes) => onNews({ type: 'gossip', ticket, bytes }));
	const gossip = parts.gossip.join(room, (message) => judging.judge(message));
	const routed = createRoutedSignalling({
		me: parts.me,
		room,
		keys: parts.keys,
		clock: parts.clock,
		send: (passage) => onNews({ type: 'route', ...passage })
	});
	const links = parts.links(createIntroductions({ ...parts, routed }), (event) => {
		if (event.type === 'channels') gossip.befriend([{ peer: event.peer, addrs: [] }]);
		tell(event, parts);
	});
	const searching = new AbortController();
	return {
		introductionDrops: routed.drops,
		carry(order): void {
			switch (order.type) {
				case 'find':
					return void search(parts, gossip, searching.signal);
				case 'announce':
					return directory.announce(room);
				case 'withdraw':
					return directory.withdraw(room);
				case 'open':
					gossip.befriend([order.to]);
					routed.know(order.to.peer, order.routes ?? []);
					return links.open(order.to, order.knock);
				case 'admit':
					return links.answer(order.ticket as KnockTicket, { admit: true });
				case 'refuse':
					return links.answer(order.ticket as KnockTicket, {
						admit: false,
						refusal: order.refusal
					});
				case 'routed':
					return routed.take(order);
				case 'close':
					return links.close(order.peer);
				case 'publish':
					return publish(gossip, order.envelope);
				case 'verdict':
					return judging.settle(order.ticket, order.verdict);
			}
		},
		stop() {
			searching.abort();
			judging.stop();
			gossip.leave();
			directory.withdraw(room);
			links.stop();
			routed.stop();
		}
	};
}

/** Neighbours compare logs, so a message that gossip could not take is late and not lost. */
function publish(gossip: GossipRoom, envelope: Uint8Array): void {
	gossip.publish(envelope).catch(() => undefined);
}

function tell(event: LinkEvent, parts: RoomNetworkParts): void {
	switch (event.type) {
		case 'channels':
			return parts.onChannels(event.peer, event.channels);
		case 'knock': {
			const { ticket, from, knock } = event;
			return parts.onNews({ type: 'knock', ticket, from, bytes: knock });
		}
		case 'refused':
			return parts.onNews({ type: 'refused', peer: event.peer, bytes: event.refusal });
		case 'failed':
		case 'closed':
			return parts.onNews({ type: event.type, peer: event.peer });
	}
}

async function search(
	parts: RoomNetworkParts,
	gossip: GossipRoom,
	ended: AbortSignal
): Promise<void> {
	const signal = AbortSignal.any([ended, AbortSignal.timeout(SEARCH_MAX_MS)]);
	try {
		for await (const contact of parts.directory.find(parts.room, signal)) {
			gossip.befriend([contact]);
			parts.onNews({ type: 'members', contacts: [contact] });
		}
	} catch {
		// Out of reach or out of time: the same as nobody found, and the engine asks again.
	}
	parts.onNews({ type: 'search-ended' });
}

/** Holds gossip messages until the engine has judged them. */
function createJudging(ask: (ticket: number, bytes: Uint8Array) => void): {
	judge(bytes: Uint8Array): Promise<Verdict>;
	settle(ticket: number, verdict: Verdict): void;
	stop(): void;
} {
	const waiting = new Map<number, (verdict: Verdict) => void>();
	let lastTicket = 0;
	return {
		judge(bytes) {
			if (waiting.size >= JUDGING_MAX) return Promise.resolve('ignore');
			const ticket = ++lastTicket;
			return new Promise((resolve) => {
				waiting.set(ticket, resolve);
				ask(ticket, bytes);
			});
		},
		settle(ticket, verdict) {
			waiting.get(ticket)?.(verdict);
			waiting.delete(ticket);
		},
		stop() {
			for (const resolve of waiting.values()) resolve('ignore');
			waiting.clear();
		}
	};
}
