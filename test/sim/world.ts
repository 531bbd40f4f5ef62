/**
 * Many real cores in one virtual world: virtual time, links with delay and loss, a directory, a gossip that
 * may be cut. Only the crypto is left out: what a peer signs is taken as signed. Same seed, same story.
 */
import { createPeer, type Peer } from '#lib/p2p/peer/peer.ts';
import type { PeerInput, PeerOutput, Wish } from '#lib/p2p/peer/io.ts';
import type { PlayoutInput } from '#lib/p2p/playout/messages.ts';
import { markVerified, openEnvelope, seal, type Verified } from '#lib/p2p/wire/envelope.ts';
import type { RoomEvent } from '#lib/p2p/wire/event.ts';
import { peerIdOf, roomIdOf, type PeerId, type RoomId, type StreamId } from '#lib/p2p/wire/ids.ts';
import { Dice } from './dice.ts';
import { createHeap } from './heap.ts';
import { createWires, pairOf, type WireOptions, type Wires } from './wires.ts';

export interface WorldOptions extends WireOptions {
	readonly seed: number;
	/** False: events travel over links alone. */
	readonly gossip: boolean;
}

export interface Member {
	readonly number: number;
	readonly id: PeerId;
	readonly peer: Peer;
	readonly fanout: number;
	/** Numbers of the frames that were played, by stream. */
	readonly heard: Map<StreamId, Set<number>>;
	/** Frames that were played more than once. */
	twice: number;
	alive: boolean;
	seq: number;
	talking: boolean;
}

interface PendingLink {
	readonly from: Member;
	readonly to: Member;
}

/** A datagram as it is handed to its receiver. */
export type Tap = (from: PeerId, to: PeerId, bytes: Uint8Array) => void;

const START_MS = 1_800_000_000_000;
/** Signalling and ICE on a good line. */
const LINK_SETUP_MS = 150;
/** A knock at nobody: the seed says so, or ICE finds no way. */
const UNREACHABLE_MS = 400;
/** How late the platform notices a link that died without a word (measured: 16-17 s). */
const LOSS_NOTICED_MS = 15_000;
/** How often rules are checked: often enough to see any loop that lasts. */
const CHECK_MS = 250;
/** A page that closes tells its links. */
const CLOSE_NOTICED_MS = 50;

export class World {
	readonly members = new Map<PeerId, Member>();
	readonly room: RoomId;
	readonly wires: Wires;
	readonly trace: string[] = [];
	readonly taps: Tap[] = [];
	nowMs = START_MS;
	knocks = 0;
	readonly #options: WorldOptions;
	readonly #dice: Dice;
	readonly #heap = createHeap();
	readonly #links = new Set<string>();
	readonly #announced = new Set<PeerId>();
	readonly #pending = new Map<number, PendingLink>();
	readonly #nonce = new Uint8Array(8).fill(7);
	readonly #lastControlMs = new Map<string, number>();

	constructor(options: WorldOptions) {
		this.#options = options;
		this.#dice = new Dice(options.seed);
		this.wires = createWires(options, this.#dice);
		this.room = roomIdOf(keyOf(0), this.#nonce);
	}

	get alive(): Member[] {
		return [...this.members.values()].filter((member) => member.alive);
	}

	/** Member number 0 is the host, and opens the room where it remembers nothing of it. */
	join(number: number, fanout: number, saved: readonly Verified<RoomEvent>[] = []): Member {
		const publicKey = keyOf(number);
		const id = peerIdOf(publicKey);
		const isNew = number === 0 && saved.length === 0;
		const opening = isNew ? { title: 'Sim', nonce: this.#nonce, createdAtMs: START_MS } : null;
		const name = `Peer ${number}`;
		const peer = createPeer({ me: id, publicKey, room: this.room, name, fanout, opening });
		const heard = new Map<StreamId, Set<number>>();
		const counts = { twice: 0, alive: true, seq: 0, talking: false };
		const member: Member = { number, id, peer, fanout, heard, ...counts };
		this.members.set(id, member);
		this.feed(member, { type: 'start', saved });
		this.feed(member, { type: 'address', addrs: [`/sim/${number}`] });
		return member;
	}

	wish(member: Member, wish: Wish): void {
		this.feed(member, { type: 'wish', wish });
	}

	/** The device dies: no goodbye, links go silent and are reported closed only much later. */
	kill(member: Member, noticedAfterMs = LOSS_NOTICED_MS): void {
		member.alive = false;
		this.#announced.delete(member.id);
		for (const other of this.members.values()) {
			if (!this.#links.delete(pairOf(member.id, other.id))) continue;
			this.#after(noticedAfterMs, () => this.feed(other, { type: 'closed', peer: member.id }));
		}
	}

	/** As the app does it: off the stage first, then goodbye. */
	leave(member: Member): void {
		const onStage = member.peer.view().stage.some((seat) => seat.me);
		if (onStage) this.wish(member, { type: 'step-down' });
		this.#after(20, () => {
			this.feed(member, { type: 'leave' });
			this.#after(40, () => this.kill(member, CLOSE_NOTICED_MS));
		});
	}

	/** The page is reloaded: the same person with what its device has kept, which is the whole log. */
	reload(member: Member, awayMs = 300): void {
		const saved = member.peer.envelopes().map((bytes) => read(bytes));
		this.kill(member, CLOSE_NOTICED_MS);
		this.#after(awayMs, () => {
			if (this.members.get(member.id) === member) this.join(member.number, member.fanout, saved);
		});
	}

	/** A link breaks, both ends notice soon. */
	cut(a: Member, b: Member): void {
		if (!this.#links.delete(pairOf(a.id, b.id))) return;
		this.#after(CLOSE_NOTICED_MS, () => this.feed(a, { type: 'closed', peer: b.id }));
		this.#after(CLOSE_NOTICED_MS, () => this.feed(b, { type: 'closed', peer: a.id }));
	}

	/** Runs on; `check` is called four times a second. */
	run(forMs: number, check?: () => void): void {
		const endMs = this.nowMs + forMs;
		while (this.nowMs < endMs) {
			this.#step(check === undefined ? endMs : Math.min(endMs, this.nowMs + CHECK_MS));
			check?.();
		}
	}

	/** Runs until `met` holds; throws with the seed where it does not within `maxMs`. */
	until(what: string, met: () => boolean, maxMs: number, check?: () => void): number {
		const startMs = this.nowMs;
		while (!met()) {
			if (this.nowMs - startMs > maxMs) {
				throw new Error(`seed ${this.#options.seed}: not within ${maxMs} ms: ${what}`);
			}
			this.run(20);
			check?.();
		}
		return this.nowMs - startMs;
	}

	/** One frame in every `everyMs`, whose content is its number. */
	talk(member: Member, everyMs = 20): void {
		member.talking = true;
		const speak = (): void => {
			if (!member.talking || !member.alive) return;
			member.seq++;
			const opus = Uint8Array.of(0x78, member.seq >> 8, member.seq & 0xff);
			this.feed(member, { type: 'voice', seq: member.seq, level: 20, opus });
			this.#after(everyMs, speak);
		};
		speak();
	}

	feed(member: Member, input: PeerInput): void {
		if (!member.alive) return;
		for (const output of member.peer.handle(input, this.nowMs)) this.#carry(member, output);
	}

	#step(endMs: number): void {
		for (let next = this.#heap.popUntil(endMs); next !== null; next = this.#heap.popUntil(endMs)) {
			this.nowMs = Math.max(this.nowMs, next.atMs);
			next.act();
		}
		this.nowMs = endMs;
	}

	#after(delayMs: number, act: () => void): void {
		this.#heap.push(this.nowMs + delayMs, act);
	}

	#carry(member: Member, output: PeerOutput): void {
		switch (output.type) {
			case 'find':
				return this.#find(member);
			case 'announce':
				return void this.#announced.add(member.id);
			case 'withdraw':
				return void this.#announced.delete(member.id);
			case 'open':
				return this.#open(member, output.to.peer, output.knock);
			case 'admit':
				return this.#admit(output.ticket);
			case 'refuse':
				return this.#refuse(output.ticket, output.refusal);
			case 'close': {
				const other = this.members.get(output.peer);
				if (other !== undefined) this.cut(member, other);
				return;
			}
			case 'control':
				return this.#deliver(member, output.to, {
					type: 'control',
					from: member.id,
					bytes: output.bytes
				});
			case 'datagram':
				for (const to of output.to) {
					if (this.wires.loses()) continue;
					this.#deliver(member, to, { type: 'datagram', from: member.id, bytes: output.bytes });
				}
				return;
			case 'verify':
				return this.#after(1, () => this.#verified(member, output.envelope, output.from));
			case 'sign':
				return this.#after(1, () => this.#sign(member, output.unsigned, output.gossip));
			case 'prove':
			case 'check':
				return;
			case 'play':
				return noteHeard(member, output.input);
			case 'wake':
				return this.#heap.push(output.atMs, () => this.feed(member, { type: 'tick' }));
			case 'microphone':
			case 'view':
				return;
		}
	}

	#find(member: Member): void {
		const contacts = [...this.#announced]
			.filter((id) => id !== member.id && this.wires.reaches(member.id, id))
			.map((peer) => ({ peer, addrs: [`/sim/${peer}`] }));
		this.#after(50, () => {
			if (contacts.length > 0) this.feed(member, { type: 'members', contacts });
			this.feed(member, { type: 'search-ended' });
		});
	}

	#open(from: Member, to: PeerId, knock: Uint8Array): void {
		this.knocks++;
		const target = this.members.get(to);
		const reachable = target?.alive === true && this.wires.reaches(from.id, to);
		if (target === undefined || !reachable) {
			return this.#after(UNREACHABLE_MS, () => this.feed(from, { type: 'failed', peer: to }));
		}
		const ticket = this.knocks;
		this.#pending.set(ticket, { from, to: target });
		this.#after(this.wires.delayMs(from.id, to), () =>
			this.feed(target, { type: 'knock', ticket, from: from.id, bytes: knock })
		);
	}

	#refuse(ticket: number, bytes: Uint8Array): void {
		const pending = this.#pending.get(ticket);
		this.#pending.delete(ticket);
		if (pending === undefined) return;
		const { from, to } = pending;
		this.#after(this.wires.delayMs(to.id, from.id), () =>
			this.feed(from, { type: 'refused', peer: to.id, bytes })
		);
	}

	#admit(ticket: number): void {
		const pending = this.#pending.get(ticket);
		this.#pending.delete(ticket);
		if (pending === undefined) return;
		const { from, to } = pending;
		this.#after(LINK_SETUP_MS + 2 * this.wires.delayMs(from.id, to.id), () => {
			if (!from.alive || !to.alive) return;
			this.#links.add(pairOf(from.id, to.id));
			this.trace.push(`${this.nowMs - START_MS} link ${from.id.slice(-4)} ${to.id.slice(-4)}`);
			this.feed(from, { type: 'opened', peer: to.id });
			this.feed(to, { type: 'opened', peer: from.id });
		});
	}

	#deliver(from: Member, to: PeerId, input: PeerInput): void {
		const target = this.members.get(to);
		const link = pairOf(from.id, to);
		if (target === undefined || !this.#links.has(link) || !this.wires.reaches(from.id, to)) return;
		this.#heap.push(this.#arrival(from.id, to, input), () => {
			if (!this.#links.has(link)) return;
			if (input.type === 'datagram') for (const tap of this.taps) tap(from.id, to, input.bytes);
			this.feed(target, input);
		});
	}

	/** Datagrams overtake each other; a reliable channel keeps its order. */
	#arrival(from: PeerId, to: PeerId, input: PeerInput): number {
		const atMs = this.nowMs + this.wires.delayMs(from, to);
		if (input.type === 'datagram') return atMs;
		const way = from + to;
		const inOrderMs = Math.max(atMs, this.#lastControlMs.get(way) ?? 0);
		this.#lastControlMs.set(way, inOrderMs);
		return inOrderMs;
	}

	#sign(member: Member, unsigned: Uint8Array, gossip: boolean): void {
		const envelope = seal(unsigned, new Uint8Array(64));
		this.#verified(member, envelope, null);
		if (!gossip || !this.#options.gossip) return;
		for (const other of this.members.values()) {
			if (other === member || !this.wires.reaches(member.id, other.id)) continue;
			const delayMs = this.wires.delayMs(member.id, other.id);
			this.#after(delayMs, () => this.#verified(other, envelope, null));
		}
	}

	#verified(member: Member, envelope: Uint8Array, from: PeerId | null): void {
		this.feed(member, { type: 'verified', event: read(envelope), from });
	}
}

function noteHeard(member: Member, input: PlayoutInput): void {
	if (input.type !== 'frame') return;
	const seqs = member.heard.get(input.stream) ?? new Set();
	member.heard.set(input.stream, seqs);
	if (seqs.has(input.seq)) member.twice++;
	seqs.add(input.seq);
	if (((input.opus[1] ?? 0) << 8) + (input.opus[2] ?? 0) !== (input.seq & 0xffff)) {
		throw new Error(`${member.id} heard other bytes than were said.`);
	}
}

function keyOf(number: number): Uint8Array {
	const bytes = new Uint8Array(32);
	new DataView(bytes.buffer).setUint32(0, number + 1);
	return bytes;
}

function read(envelope: Uint8Array): Verified<RoomEvent> {
	const opened = openEnvelope(envelope);
	if (!opened.ok) throw new Error(`The core made a malformed event: ${opened.reason}`);
	return markVerified(opened.event);
}
