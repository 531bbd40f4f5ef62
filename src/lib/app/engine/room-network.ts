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
import type { Contact } from '#lib/p2p/wire/contact.ts';
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
	const { room, onNews } = parts;
	const judging = createJudging((ticket, bytes) => onNews({ type: 'gossip', ticket, bytes }));
	const meeting = createMeeting(parts, (message) => judging.judge(message));
	const routed = createRoutedSignalling({
		me: parts.me,
		room,
		keys: parts.keys,
		clock: parts.clock,
		send: (passage) => onNews({ type: 'route', ...passage })
	});
	const links = parts.links(createIntroductions({ ...parts, routed }), (event) => {
		if (event.type === 'channels') meeting.befriend([{ peer: event.peer, addrs: [] }]);
		tell(event, parts);
	});
	const searching = new AbortController();
	return {
		introductionDrops: routed.drops,
		carry(order): void {
			switch (order.type) {
				case 'meet':
					return meeting.moveTo(order.at);
				case 'find':
					return void search(parts, meeting, searching.signal);
				case 'announce':
					return meeting.announce();
				case 'withdraw':
					return meeting.withdraw();
				case 'open':
					meeting.befriend([order.to]);
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
					return meeting.publish(order.envelope);
				case 'verdict':
					return judging.settle(order.ticket, order.verdict);
			}
		},
		stop() {
			searching.abort();
			judging.stop();
			meeting.leave();
			links.stop();
			routed.stop();
		}
	};
}

/** Where the members of the room meet: under its own name, or one that only they know. */
interface Meeting {
	/** Null before the engine has said. */
	readonly at: RoomId | null;
	moveTo(at: RoomId): void;
	announce(): void;
	withdraw(): void;
	befriend(contacts: readonly Contact[]): void;
	publish(envelope: Uint8Array): void;
	leave(): void;
}

function createMeeting(
	{ gossip, directory }: RoomNetworkParts,
	judge: (message: Uint8Array) => Promise<Verdict>
): Meeting {
	let at: RoomId | null = null;
	let joined: GossipRoom | null = null;
	let announced = false;
	const leave = (): void => {
		joined?.leave();
		if (at !== null) directory.withdraw(at);
		joined = at = null;
	};
	return {
		get at() {
			return at;
		},
		moveTo(next) {
			if (next === at) return;
			leave();
			at = next;
			joined = gossip.join(next, judge);
			if (announced) directory.announce(next);
		},
		announce() {
			announced = true;
			if (at !== null) directory.announce(at);
		},
		withdraw() {
			announced = false;
			if (at !== null) directory.withdraw(at);
		},
		befriend: (contacts) => joined?.befriend(contacts),
		publish(envelope) {
			// Neighbours compare logs, so a message that gossip could not take is late and not lost.
			joined?.publish(envelope).catch(() => undefined);
		},
		leave
	};
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
		case 'failed': {
			const { type, peer, answered } = event;
			return parts.onNews({ type, peer, answered });
		}
		case 'closed':
			return parts.onNews({ type: 'closed', peer: event.peer });
	}
}

async function search(
	parts: RoomNetworkParts,
	meeting: Meeting,
	ended: AbortSignal
): Promise<void> {
	const signal = AbortSignal.any([ended, AbortSignal.timeout(SEARCH_MAX_MS)]);
	try {
		for await (const contact of parts.directory.find(meeting.at ?? parts.room, signal)) {
			meeting.befriend([contact]);
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
