/**
 * Many real cores in one virtual world: virtual time, links with delay and loss, a directory, a gossip that
 * may be cut. Only the crypto is left out: what a peer signs is taken as signed. Same seed, same story.
 */
import { createPeer, type Peer } from '#lib/p2p/peer/peer.ts';
import type { PeerInput, PeerOutput, Wish } from '#lib/p2p/peer/io.ts';
import type { PlayoutInput } from '#lib/p2p/playout/messages.ts';
import { markVerified, openEnvelope, seal } from '#lib/p2p/wire/envelope.ts';
import { peerIdOf, roomIdOf, type PeerId, type RoomId } from '#lib/p2p/wire/ids.ts';
import { Dice } from './dice.ts';
import { createHeap } from './heap.ts';

export interface WorldOptions {
	readonly seed: number;
	/** One-way delay of a datagram, drawn anew for each. */
	readonly delayMs: readonly [number, number];
	/** Share of datagrams lost on each hop; control messages are never lost, as on a reliable channel. */
	readonly loss: number;
	/** False: events travel over links alone. */
	readonly gossip: boolean;
}

export interface Member {
	readonly id: PeerId;
	readonly peer: Peer;
	readonly heard: { readonly atMs: number; readonly input: PlayoutInput }[];
	alive: boolean;
	seq: number;
	talking: boolean;
}

interface PendingLink {
	readonly from: Member;
	readonly to: Member;
}

const START_MS = 1_800_000_000_000;
/** Signalling and ICE on a good line. */
const LINK_SETUP_MS = 150;

export class World {
	readonly members = new Map<PeerId, Member>();
	readonly room: RoomId;
	nowMs = START_MS;
	readonly #options: WorldOptions;
	readonly #dice: Dice;
	readonly #heap = createHeap();
	readonly #links = new Set<string>();
	readonly #announced = new Set<PeerId>();
	readonly #knocks = new Map<number, PendingLink>();
	readonly #nonce = new Uint8Array(8).fill(7);
	#tickets = 0;
	readonly #lastControlMs = new Map<string, number>();
	readonly trace: string[] = [];

	constructor(options: WorldOptions) {
		this.#options = options;
		this.#dice = new Dice(options.seed);
		this.room = roomIdOf(this.#keyOf(0), this.#nonce);
	}

	/** Member number 0 is the host. */
	join(number: number, fanout: number): Member {
		const publicKey = this.#keyOf(number);
		const id = peerIdOf(publicKey);
		const opening =
			number === 0 ? { title: 'Sim', nonce: this.#nonce, createdAtMs: START_MS } : null;
		const peer = createPeer({
			me: id,
			publicKey,
			room: this.room,
			name: `Peer ${number}`,
			fanout,
			opening
		});
		const member: Member = { id, peer, heard: [], alive: true, seq: 0, talking: false };
		this.members.set(id, member);
		this.feed(member, { type: 'start', saved: [] });
		this.feed(member, { type: 'address', addrs: [`/sim/${number}`] });
		return member;
	}

	wish(member: Member, wish: Wish): void {
		this.feed(member, { type: 'wish', wish });
	}

	/** The device dies: no goodbye, links go silent and are reported closed only much later. */
	kill(member: Member, noticedAfterMs = 15_000): void {
		member.alive = false;
		this.#announced.delete(member.id);
		for (const other of this.members.values()) {
			if (!this.#links.delete(key(member.id, other.id))) continue;
			this.#after(noticedAfterMs, () => this.feed(other, { type: 'closed', peer: member.id }));
		}
	}

	/** A link breaks, both ends notice soon. */
	cut(a: Member, b: Member): void {
		if (!this.#links.delete(key(a.id, b.id))) return;
		this.#after(50, () => this.feed(a, { type: 'closed', peer: b.id }));
		this.#after(50, () => this.feed(b, { type: 'closed', peer: a.id }));
	}

	run(forMs: number, afterEach?: () => void): void {
		const endMs = this.nowMs + forMs;
		for (let next = this.#heap.popUntil(endMs); next !== null; next = this.#heap.popUntil(endMs)) {
			this.nowMs = Math.max(this.nowMs, next.atMs);
			next.act();
			afterEach?.();
		}
		this.nowMs = endMs;
	}

	/** Runs until `met` holds; throws with the seed where it does not within `maxMs`. */
	until(what: string, met: () => boolean, maxMs: number): number {
		const startMs = this.nowMs;
		while (!met()) {
			if (this.nowMs - startMs > maxMs) {
				throw new Error(`seed ${this.#options.seed}: not within ${maxMs} ms: ${what}`);
			}
			this.run(10);
		}
		return this.nowMs - startMs;
	}

	/** Every 20 ms one frame whose content names its speaker and number. */
	talk(member: Member): void {
		member.talking = true;
		const speak = (): void => {
			if (!member.talking || !member.alive) return;
			member.seq++;
			const opus = Uint8Array.of(0x78, member.seq & 0xff);
			this.feed(member, { type: 'voice', seq: member.seq, level: 20, opus });
			this.#after(20, speak);
		};
		speak();
	}

	feed(member: Member, input: PeerInput): void {
		if (!member.alive) return;
		for (const output of member.peer.handle(input, this.nowMs)) this.#carry(member, output);
	}

	#keyOf(number: number): Uint8Array {
		const bytes = new Uint8Array(32);
		new DataView(bytes.buffer).setUint32(0, number + 1);
		return bytes;
	}

	#after(delayMs: number, act: () => void): void {
		this.#heap.push(this.nowMs + delayMs, act);
	}

	#delay(): number {
		return this.#dice.between(...this.#options.delayMs);
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
			case 'refuse': {
				const pending = this.#knocks.get(output.ticket);
				this.#knocks.delete(output.ticket);
				if (pending === undefined) return;
				return this.#after(this.#delay(), () =>
					this.feed(pending.from, { type: 'refused', peer: member.id, bytes: output.refusal })
				);
			}
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
					if (this.#dice.chance(this.#options.loss)) continue;
					this.#deliver(member, to, { type: 'datagram', from: member.id, bytes: output.bytes });
				}
				return;
			case 'verify':
				return this.#after(1, () => this.#verified(member, output.envelope, output.from));
			case 'sign':
				return this.#after(1, () => this.#sign(member, output.unsigned, output.gossip));
			case 'play':
				return void member.heard.push({ atMs: this.nowMs, input: output.input });
			case 'wake':
				return this.#heap.push(output.atMs, () => this.feed(member, { type: 'tick' }));
			case 'microphone':
			case 'view':
				return;
		}
	}

	#find(member: Member): void {
		const contacts = [...this.#announced]
			.filter((id) => id !== member.id)
			.map((peer) => ({ peer, addrs: [`/sim/${peer}`] }));
		this.#after(50, () => {
			if (contacts.length > 0) this.feed(member, { type: 'members', contacts });
			this.feed(member, { type: 'search-ended' });
		});
	}

	#open(from: Member, to: PeerId, knock: Uint8Array): void {
		const target = this.members.get(to);
		if (target === undefined || !target.alive) {
			return this.#after(400, () => this.feed(from, { type: 'failed', peer: to }));
		}
		const ticket = ++this.#tickets;
		this.#knocks.set(ticket, { from, to: target });
		this.#after(this.#delay(), () =>
			this.feed(target, { type: 'knock', ticket, from: from.id, bytes: knock })
		);
	}

	#admit(ticket: number): void {
		const pending = this.#knocks.get(ticket);
		this.#knocks.delete(ticket);
		if (pending === undefined) return;
		const { from, to } = pending;
		this.#after(LINK_SETUP_MS, () => {
			if (!from.alive || !to.alive) return;
			this.#links.add(key(from.id, to.id));
			this.trace.push(`${this.nowMs - START_MS} link ${from.id.slice(-4)} ${to.id.slice(-4)}`);
			this.feed(from, { type: 'opened', peer: to.id });
			this.feed(to, { type: 'opened', peer: from.id });
		});
	}

	#deliver(from: Member, to: PeerId, input: PeerInput): void {
		const target = this.members.get(to);
		if (target === undefined || !this.#links.has(key(from.id, to))) return;
		const link = key(from.id, to);
		this.#heap.push(this.#arrival(from.id + to, input), () => {
			if (this.#links.has(link)) this.feed(target, input);
		});
	}

	/** Datagrams overtake each other; a reliable channel keeps its order. */
	#arrival(way: string, input: PeerInput): number {
		const atMs = this.nowMs + this.#delay();
		if (input.type === 'datagram') return atMs;
		const inOrderMs = Math.max(atMs, this.#lastControlMs.get(way) ?? 0);
		this.#lastControlMs.set(way, inOrderMs);
		return inOrderMs;
	}

	#sign(member: Member, unsigned: Uint8Array, gossip: boolean): void {
		const envelope = seal(unsigned, new Uint8Array(64));
		this.#verified(member, envelope, null);
		if (!gossip || !this.#options.gossip) return;
		for (const other of this.members.values()) {
			if (other !== member) this.#after(this.#delay(), () => this.#verified(other, envelope, null));
		}
	}

	#verified(member: Member, envelope: Uint8Array, from: PeerId | null): void {
		const opened = openEnvelope(envelope);
		if (!opened.ok) throw new Error(`the core made a malformed event: ${opened.reason}`);
		this.feed(member, { type: 'verified', event: markVerified(opened.event), from });
	}
}

const key = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);
