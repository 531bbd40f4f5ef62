/** The control plane in memory: gossip, directory and signalling among peers of one test, without libp2p. */
import type {
	Directory,
	Gossip,
	MeetingPoint,
	SignalHandlers,
	Signalling,
	SignalStream,
	Verdict
} from '#lib/io/ports.ts';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import type { PeerId, RoomId } from '#lib/p2p/wire/ids.ts';
import {
	PROVIDERS_MAX,
	SIGNAL_BYTES_MAX,
	SIGNAL_STREAM_BYTES_MAX,
	SIGNALS_PER_STREAM_MAX
} from '#lib/p2p/wire/limits.ts';

export interface NetPeer {
	readonly peer: PeerId;
	contact(): Contact;
	readonly gossip: Gossip;
	readonly directory: Directory;
	readonly signalling: Signalling;
}

export interface FakeNetwork {
	/** A peer that is reached by its id alone. */
	join(peer: PeerId): NetPeer & { leave(): void };
}

type Judge = (message: Uint8Array) => Promise<Verdict>;
type Taker = (stream: SignalStream) => void;

/** What all peers share. Messages travel in microtasks: soon, and never within the call that sends them. */
interface Wires {
	readonly takers: Map<PeerId, Taker | null>;
	readonly members: Map<MeetingPoint, Set<PeerId>>;
	readonly judges: Map<RoomId, Map<PeerId, Judge>>;
}

export function createFakeNetwork(): FakeNetwork {
	const wires: Wires = { takers: new Map(), members: new Map(), judges: new Map() };
	return {
		join(peer) {
			wires.takers.set(peer, null);
			return {
				peer,
				contact: () => ({ peer, addrs: [] }),
				gossip: fakeGossip(wires, peer),
				directory: fakeDirectory(wires, peer),
				signalling: fakeSignalling(wires, peer),
				leave() {
					wires.takers.delete(peer);
					for (const members of wires.members.values()) members.delete(peer);
					for (const judges of wires.judges.values()) judges.delete(peer);
				}
			};
		}
	};
}

function fakeGossip({ judges }: Wires, me: PeerId): Gossip {
	return {
		join(room, judge) {
			const inRoom = judges.get(room) ?? new Map<PeerId, Judge>();
			judges.set(room, inRoom);
			if (inRoom.has(me)) throw new Error('This room is joined already.');
			const seen = new Set<string>();
			const once: Judge = (message) => {
				if (seen.has(message.join())) return Promise.resolve('ignore');
				seen.add(message.join());
				return judge(message);
			};
			inRoom.set(me, once);
			return {
				async publish(message) {
					await Promise.resolve();
					if (inRoom.get(me) !== once) return;
					seen.add(message.join());
					for (const [peer, other] of inRoom) if (peer !== me) void other(message.slice());
				},
				// Everybody in memory is a neighbour already.
				befriend: () => undefined,
				leave() {
					if (inRoom.get(me) === once) inRoom.delete(me);
				}
			};
		}
	};
}

function fakeDirectory({ members }: Wires, me: PeerId): Directory {
	const of = (room: MeetingPoint): Set<PeerId> => {
		const known = members.get(room) ?? new Set();
		members.set(room, known);
		return known;
	};
	return {
		announce: (room) => void of(room).add(me),
		withdraw: (room) => void of(room).delete(me),
		async *find(room, signal) {
			const others = [...of(room)].filter((peer) => peer !== me).slice(0, PROVIDERS_MAX);
			for (const peer of others) {
				await Promise.resolve();
				if (signal.aborted) return;
				yield { peer, addrs: [] };
			}
		}
	};
}

function fakeSignalling({ takers }: Wires, me: PeerId): Signalling {
	return {
		async open(to, signal) {
			await Promise.resolve();
			signal.throwIfAborted();
			const taker = takers.get(to.peer);
			if (taker === undefined || to.peer === me) throw new Error(`Nobody answers for ${to.peer}.`);
			const [mine, theirs] = streamPair(me, to.peer);
			if (taker) taker(theirs);
			else theirs.close();
			return mine;
		},
		onStream(take) {
			takers.set(me, take);
			return () => {
				if (takers.get(me) === take) takers.set(me, null);
			};
		}
	};
}

/** The two ends of one stream: the caller's first. */
function streamPair(caller: PeerId, callee: PeerId): [SignalStream, SignalStream] {
	const ends: [End, End] = [createEnd(callee), createEnd(caller)];
	ends[0].other = ends[1];
	ends[1].other = ends[0];
	return [ends[0].stream, ends[1].stream];
}

interface End {
	readonly stream: SignalStream;
	other: End | null;
	/** Takes a message, or the end of them. */
	take(message: Uint8Array | null): void;
}

function createEnd(peer: PeerId): End {
	const queue: (Uint8Array | null)[] = [];
	let handlers: SignalHandlers | null = null;
	let closed = false;
	let messages = 0;
	let bytes = 0;
	const drain = (): void => {
		while (handlers && !closed) {
			const message = queue.shift();
			if (message === undefined) return;
			if (message === null) close();
			else handlers.message(message);
		}
	};
	const close = (): void => {
		if (closed) return;
		closed = true;
		queueMicrotask(() => end.other?.take(null));
		handlers?.closed();
	};
	const end: End = {
		other: null,
		take(message) {
			queue.push(message);
			drain();
		},
		stream: {
			peer,
			listen(to) {
				if (handlers) throw new Error('This stream is listened to already.');
				handlers = to;
				if (closed) to.closed();
				else queueMicrotask(drain);
			},
			send(message) {
				if (message.length === 0 || message.length > SIGNAL_BYTES_MAX) {
					throw new RangeError('A signalling message has 1 to 16,384 bytes.');
				}
				if (closed) return;
				messages += 1;
				bytes += message.length;
				if (messages > SIGNALS_PER_STREAM_MAX || bytes > SIGNAL_STREAM_BYTES_MAX) close();
				else queueMicrotask(() => end.other?.take(message.slice()));
			},
			close
		}
	};
	return end;
}
