/**
 * Many real cores in one virtual world: virtual time, links with delay and loss, devices with their limits, a
 * directory, a gossip that may be cut. Same seed, same story.
 */
import type { PeerInput, PeerOutput, ReactionNews, Wish } from '#lib/p2p/peer/io.ts';
import type { PlayoutInput } from '#lib/p2p/playout/messages.ts';
import type { Verified } from '#lib/p2p/wire/envelope.ts';
import type { RoomEvent } from '#lib/p2p/wire/event.ts';
import { peerIdOf, type PeerId, type RoomId } from '#lib/p2p/wire/ids.ts';
import type { Access } from '#lib/p2p/wire/room-access.ts';
import { answerBox } from './boxes.ts';
import { createCarrier } from './carrier.ts';
import { coreOf, ROOM, START_MS } from './core.ts';
import { Dice } from './dice.ts';
import { createDirectory } from './directory.ts';
import { createDoors, type Doors } from './doors.ts';
import {
	createHeard,
	GOOD_DEVICE,
	keyOf,
	newMember,
	speech,
	whoSaid,
	type Device,
	type Member,
	type Way
} from './member.ts';
import { createQueue } from './queue.ts';
import { createReading } from './reading.ts';
import { createNotary, isGood, signatureOf } from './signatures.ts';
import { createTraffic } from './traffic.ts';
import { createWires, type WireOptions, type Wires } from './wires.ts';

export type { Lie, Member } from './member.ts';

export interface WorldOptions extends WireOptions {
	readonly seed: number;
	/** False: events travel over links alone. */
	readonly gossip: boolean;
	readonly deviceOf?: (number: number) => Device;
	/** Time of a device for one signature, and for checking one. */
	readonly cryptoMs?: { readonly sign: number; readonly verify: number };
	/** What somebody's link holds; where the host's holds the secret, the room is locked from the beginning. */
	readonly accessOf?: (number: number) => Access | null;
}

/** A datagram as it is handed to its receiver. */
export type Tap = (from: PeerId, to: PeerId, bytes: Uint8Array) => void;
/** A frame as it is handed to playout: its listener, who said it, and how long ago. */
export type Ear = (listener: Member, speaker: Member, seq: number, delayMs: number) => void;

export { START_MS } from './core.ts';
/** How late the platform notices a link that died without a word (measured: 16-17 s). */
export const LOSS_NOTICED_MS = 15_000;
/** How often we look for what must not last. */
const CHECK_MS = 250;
/** Ticks a clock goes on by while a page is reloaded. */
const RELOAD_TICKS = 15;
const TICK = { type: 'tick' } as const;
/** A page that closes tells its links. */
export const CLOSE_NOTICED_MS = 50;
/** WebCrypto's Ed25519 on a laptop. */
export const CRYPTO_MS = { sign: 0.06, verify: 0.1 };

export class World {
	readonly members = new Map<PeerId, Member>();
	readonly room: RoomId = ROOM;
	readonly wires: Wires;
	readonly traffic = createTraffic();
	readonly trace: string[] = [];
	readonly taps: Tap[] = [];
	readonly ears: Ear[] = [];
	/** Called with each reaction that is shown to somebody. */
	readonly eyes: ((who: Member, news: ReactionNews) => void)[] = [];
	/** Called as each frame is said. */
	readonly onSaid: ((speaker: Member, seq: number) => void)[] = [];
	/** Called after each thing that somebody's core was told. */
	readonly onStep: ((member: Member) => void)[] = [];
	/** Everything that is handed to somebody's playout. */
	readonly players = new Map<Member, (input: PlayoutInput) => void>();
	/** What devices were told to keep, by the number of their person. */
	readonly kept = new Map<number, Uint8Array>();
	nowMs = START_MS;
	readonly #options: WorldOptions;
	readonly #cryptoMs: NonNullable<WorldOptions['cryptoMs']>;
	readonly #queue = createQueue();
	readonly #carrier = createCarrier(this, this.#queue);
	readonly #notary = createNotary();
	readonly #reading = createReading();
	readonly #directory = createDirectory();
	readonly #directoryDice: Dice;
	readonly #doors: Doors = createDoors(this);
	readonly #byNumber: Member[] = [];
	#runs = 0;

	constructor(options: WorldOptions) {
		this.#options = options;
		this.#cryptoMs = options.cryptoMs ?? CRYPTO_MS;
		this.wires = createWires(options, options.seed);
		this.#directoryDice = new Dice(options.seed);
	}

	get seed(): number {
		return this.#options.seed;
	}

	get knocks(): number {
		return this.#doors.knocks;
	}

	get alive(): Member[] {
		return [...this.members.values()].filter((member) => member.alive);
	}

	/** Member number 0 is the host, and opens the room where it remembers nothing of it. */
	join(number: number, fanout: number, saved: readonly Verified<RoomEvent>[] = []): Member {
		const publicKey = keyOf(number);
		const id = peerIdOf(publicKey);
		const access = this.#options.accessOf?.(number) ?? null;
		const run = this.#runs++;
		const opens = number === 0 && saved.length === 0;
		const core = coreOf({ number, fanout, opens, access, run, reading: this.#reading });
		const place = this.wires.placeOf(number);
		const device = this.#options.deviceOf?.(number) ?? GOOD_DEVICE;
		const before = this.#byNumber[number];
		const member = newMember({ ...core, number, id, publicKey, fanout, place, device });
		// Who comes back counts on, as by a clock; what it said before may still be under way.
		member.saidAtMs.push(...(before?.saidAtMs ?? []));
		member.seq = (before?.seq ?? -RELOAD_TICKS) + RELOAD_TICKS;
		this.members.set(id, member);
		this.#byNumber[number] = member;
		const kept = this.kept.get(number);
		this.feed(member, { type: 'start', saved, ...(kept === undefined ? {} : { kept }) });
		this.feed(member, { type: 'address', addrs: [`/sim/${number}`] });
		return member;
	}

	wish(member: Member, wish: Wish): void {
		this.feed(member, { type: 'wish', wish });
	}

	/** The device dies: no goodbye, links go silent and are reported closed only much later. */
	kill(member: Member, noticedAfterMs = LOSS_NOTICED_MS): void {
		member.alive = false;
		this.#directory.withdraw(member.id);
		for (const way of member.ways.values()) this.#end(way, noticedAfterMs);
		member.ways.clear();
	}

	/** As the app does it: off the stage first, then goodbye. */
	leave(member: Member): void {
		const onStage = member.peer.view().stage.some((seat) => seat.me);
		if (onStage) this.wish(member, { type: 'step-down' });
		this.after(20, () => {
			this.feed(member, { type: 'leave' });
			this.after(40, () => this.kill(member, CLOSE_NOTICED_MS));
		});
	}

	/** The page is reloaded: the same person with what its device has kept, which is the whole log. */
	reload(member: Member, awayMs = 300): void {
		const saved = member.peer.envelopes().flatMap((bytes) => this.#notary.check(bytes) ?? []);
		this.kill(member, CLOSE_NOTICED_MS);
		this.after(awayMs, () => {
			if (this.members.get(member.id) === member) this.join(member.number, member.fanout, saved);
		});
	}

	/** A link breaks, both ends notice soon. */
	cut(a: Member, b: Member): void {
		const [there, back] = [a.ways.get(b.id), b.ways.get(a.id)];
		if (there?.to !== b || back?.to !== a) return;
		this.#end(there, CLOSE_NOTICED_MS);
		this.#end(back, CLOSE_NOTICED_MS);
	}

	/** For a while nothing reaches it and it does nothing: datagrams are lost, all else waits. */
	down(member: Member, forMs: number): void {
		member.downUntilMs = Math.max(member.downUntilMs, this.nowMs + forMs);
	}

	/** Runs on; `check` is called four times a second. */
	run(forMs: number, check?: () => void): void {
		const endMs = this.nowMs + forMs;
		while (this.nowMs < endMs) {
			this.#runUntil(check === undefined ? endMs : Math.min(endMs, this.nowMs + CHECK_MS));
			check?.();
		}
	}

	/** Runs until `met` holds; throws with the seed where it does not within `maxMs`. */
	until(what: string, met: () => boolean, maxMs: number, check?: () => void): number {
		const startMs = this.nowMs;
		while (!met()) {
			if (this.nowMs - startMs > maxMs) {
				throw new Error(`seed ${this.seed}: not within ${maxMs} ms: ${what}`);
			}
			this.run(20);
			check?.();
		}
		return this.nowMs - startMs;
	}

	/** One frame in every `everyMs`, whose bytes tell who said it when. */
	talk(member: Member, everyMs = 20): void {
		member.talking = true;
		const speak = (): void => {
			if (!member.talking || !member.alive) return;
			this.after(everyMs, speak);
			this.say(member, member.seq + 1);
		};
		speak();
	}

	/** One frame. */
	say(member: Member, seq: number): void {
		member.seq = seq;
		member.saidAtMs[seq] = this.nowMs;
		for (const notice of this.onSaid) notice(member, seq);
		this.feed(member, { type: 'voice', seq, level: 20, opus: speech(member.number, seq) });
	}

	after(delayMs: number, act: () => void): void {
		this.#queue.push(this.nowMs + delayMs, act, undefined, undefined);
	}

	note(what: string): void {
		this.trace.push(`${(this.nowMs - START_MS).toFixed(3)} ${what}`);
	}

	feed(member: Member, input: PeerInput): void {
		if (!member.alive || member.deafTo?.(input) === true) return;
		const awakeMs = Math.max(member.downUntilMs, member.stalledUntilMs);
		// What does not get lost waits: a page that sleeps finds it all when it wakes.
		if (awakeMs > this.nowMs) return this.#queue.push(awakeMs, this.#feed, member, input);
		for (const output of member.peer.handle(input, this.nowMs)) {
			if (member.lie === null) this.#carry(member, output);
			else for (const told of member.lie(output)) this.#carry(member, told);
		}
		for (const look of this.onStep) look(member);
	}

	/** Sends as if its core had said so. */
	send(member: Member, output: PeerOutput): void {
		this.#carry(member, output);
	}

	#runUntil(endMs: number): void {
		const queue = this.#queue;
		for (let atMs = queue.nextMs; atMs <= endMs; atMs = queue.nextMs) {
			if (atMs > this.nowMs) this.nowMs = atMs;
			queue.run();
		}
		this.nowMs = endMs;
	}

	#carry(member: Member, output: PeerOutput): void {
		switch (output.type) {
			case 'datagram':
				for (const to of output.to) this.#carrier.datagram(member, to, output.bytes);
				return;
			case 'play':
				return this.#play(member, output.input);
			case 'control':
				return this.#carrier.control(member, output.to, output.bytes);
			case 'wake':
				return this.#queue.push(output.atMs + member.device.lateMs, this.#feed, member, TICK);
			case 'check': {
				const good = isGood(output.publicKey, output.message, output.signature);
				const answer = { type: 'checked', ticket: output.ticket, good } as const;
				return this.#compute(member, this.#cryptoMs.verify, this.#feed, answer);
			}
			case 'prove': {
				const signature = signatureOf(member.publicKey, output.message);
				const answer = { type: 'proved', ticket: output.ticket, signature } as const;
				return this.#compute(member, this.#cryptoMs.sign, this.#feed, answer);
			}
			case 'verify':
				return this.#verify(member, output.envelope, output.from);
			case 'sign':
				return this.#sign(member, output.unsigned, output.gossip);
			case 'find':
				return this.#find(member);
			case 'announce':
				return this.#directory.announce(member.id);
			case 'withdraw':
				return this.#directory.withdraw(member.id);
			case 'open':
				return this.#doors.open(member, output.to.peer, output.knock);
			case 'admit':
				return this.#doors.admit(output.ticket);
			case 'refuse':
				return this.#doors.refuse(output.ticket, output.refusal);
			case 'close': {
				const other = this.members.get(output.peer);
				if (other !== undefined) this.cut(member, other);
				return this.#doors.abandon(member, output.peer);
			}
			case 'caption':
			case 'chat':
			case 'record':
				return;
			case 'reaction':
				for (const eye of this.eyes) eye(member, output);
				return;
			case 'seal':
			case 'unseal': {
				const answer = answerBox(member.publicKey, output);
				return this.#compute(member, this.#cryptoMs.verify, this.#feed, answer);
			}
			case 'keep':
				return void this.kept.set(member.number, output.bytes);
			case 'microphone':
			case 'view':
			case 'routed':
			case 'meet':
				return;
		}
	}

	readonly #feed = (member: Member, input: PeerInput): void => this.feed(member, input);

	/** One signature after the other. */
	#compute<T>(
		member: Member,
		takesMs: number,
		act: (member: Member, given: T) => void,
		given: T
	): void {
		member.cryptoFreeMs = Math.max(member.cryptoFreeMs, this.nowMs) + takesMs;
		this.#queue.push(member.cryptoFreeMs, act, member, given);
	}

	#play(listener: Member, input: PlayoutInput): void {
		if (this.players.size > 0) this.players.get(listener)?.(input);
		if (input.type !== 'frame') return;
		const { stream, seq } = input;
		const number = whoSaid(input.opus, seq);
		const speaker = number === null ? undefined : this.#byNumber[number];
		const saidAtMs = speaker?.saidAtMs[seq];
		if (speaker === undefined || saidAtMs === undefined) {
			listener.wrong++;
			return;
		}
		let heard = listener.heard.get(stream);
		if (heard === undefined) listener.heard.set(stream, (heard = createHeard()));
		if (!heard.mark(seq)) listener.twice++;
		else for (const ear of this.ears) ear(listener, speaker, seq, this.nowMs - saidAtMs);
	}

	#find(member: Member): void {
		const found = this.#directory.sample(
			this.#directoryDice,
			(id) => id !== member.id && this.wires.reaches(member.id, id)
		);
		const contacts = found.map((peer) => ({ peer, addrs: [`/sim/${peer}`] }));
		this.after(50, () => {
			if (contacts.length > 0) this.feed(member, { type: 'members', contacts });
			this.feed(member, { type: 'search-ended' });
		});
	}

	/** A link ends: its receiving side sends nothing more, hears what is under way, and is told of it later. */
	#end(incoming: Way, noticedAfterMs: number): void {
		const { from: gone, to: told } = incoming;
		if (told.ways.get(gone.id)?.to === gone) told.ways.delete(gone.id);
		this.after(noticedAfterMs, () => {
			incoming.open = false;
			if (!told.ways.has(gone.id)) this.feed(told, { type: 'closed', peer: gone.id });
		});
	}

	#sign(member: Member, unsigned: Uint8Array, gossip: boolean): void {
		const envelope = this.#notary.sign(member.publicKey, unsigned);
		const signed = (): void => {
			this.#verified(member, envelope, null);
			if (!gossip || !this.#options.gossip) return;
			for (const other of this.members.values()) {
				if (other === member || !this.wires.reaches(member.id, other.id)) continue;
				const delayMs = this.wires.line(member, other).delayMs();
				this.after(delayMs, () => this.#verified(other, envelope, null));
			}
		};
		this.#compute(member, 1, signed, undefined);
	}

	#verify(member: Member, envelope: Uint8Array, from: PeerId | null): void {
		const checked = (): void => this.#verified(member, envelope, from);
		this.#compute(member, this.#cryptoMs.verify, checked, undefined);
	}

	#verified(member: Member, envelope: Uint8Array, from: PeerId | null): void {
		const event = this.#notary.check(envelope);
		this.feed(
			member,
			event === null ? { type: 'forged', from } : { type: 'verified', event, from }
		);
	}
}
