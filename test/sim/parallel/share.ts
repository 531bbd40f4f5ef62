/**
 * One thread's share of a world: some of its members, with their part of all that happens. Every line takes as long as
 * a window at least, so what is sent in one arrives in a later one: the threads run a window each for itself, then
 * exchange letters (conservative synchronisation, Chandy and Misra 1979). Every thread is told the whole story and does
 * what concerns its members, one after the other (`Agenda`). What happens to one of them at one time is ordered by who
 * brought it about and by what each did before: the same story on any number of threads.
 */
import { createPeer } from '#lib/p2p/peer/peer.ts';
import type { PeerInput, Wish } from '#lib/p2p/peer/io.ts';
import { roomIdOf } from '#lib/p2p/wire/ids.ts';
import { createDirectory } from '../directory.ts';
import { keyOf, speech } from '../member.ts';
import { NEAREST_MS } from '../places.ts';
import { createReading } from '../reading.ts';
import { isSeated } from '../room.ts';
import { createWires, type Wires } from '../wires.ts';
import { CLOSE_NOTICED_MS, LOSS_NOTICED_MS, START_MS, type WorldOptions } from '../world.ts';
import { Agenda } from './agenda.ts';
import { createAtlas, DIRECTORY_MS, type Atlas } from './atlas.ts';
import { createDeeds } from './deeds.ts';
import { createDoors } from './doors.ts';
import { EVERYBODY, NOTHING, senderOf, stampOf, type Bytes, type Letter } from './letter.ts';
import { Meeting } from './meeting.ts';
import { newPerson, type Person } from './person.ts';
import { createPost, type Post, type Route } from './post.ts';

/** Everybody has a good device, and signs like everybody else. */
export type ShareOptions = Omit<WorldOptions, 'deviceOf' | 'cryptoMs'>;

/** What the threads of one world have in common, and which of them this is. */
export interface Threads {
	readonly count: number;
	readonly me: number;
	readonly table: SharedArrayBuffer;
	/** To each other thread; null to ourselves. */
	readonly routes: readonly (Route | null)[];
}

/** What was played for the first time: by whom, who had said it, and how long ago. */
export type Ear = (listener: Person, speaker: number, seq: number, delayMs: number) => void;
/** Each input as it is handed to a core. */
export type Tap = (person: Person, input: PeerInput) => void;

type Draft = Pick<Letter, 'kind' | 'to' | 'atMs'> &
	Partial<Pick<Letter, 'link' | 'byMs' | 'bytes'>>;
type News = Pick<Letter, 'kind'> &
	Partial<Pick<Letter, 'link' | 'bytes'>> & { readonly afterMs?: number };

export class Share {
	/** Ours, by number. */
	readonly people = new Map<number, Person>();
	readonly #byNumber: Person[] = [];
	readonly ears: Ear[] = [];
	readonly taps: Tap[] = [];
	/** Every thread's copy has the same entries at any time. */
	readonly directory = createDirectory();
	readonly atlas: Atlas;
	readonly seed: number;
	readonly gossips: boolean;
	nowMs = START_MS;
	/** Things done so far, and letters written to other threads. */
	steps = 0;
	crossed = 0;
	readonly #me: number;
	readonly #meeting: Meeting;
	readonly #posts: readonly (Post | null)[];
	readonly #windowMs: number;
	readonly #wires: Wires;
	readonly #agenda: Agenda;
	readonly #doors = createDoors(this);
	readonly #deeds = createDeeds(this, this.#doors);
	readonly #reading = createReading();
	readonly #nonce = new Uint8Array(8).fill(7);
	readonly #room = roomIdOf(keyOf(0), this.#nonce);
	/** By the number of who speaks, then by that of the frame. */
	readonly #saidAtMs = new Map<number, number[]>();

	constructor(options: ShareOptions, { count, me, table, routes }: Threads) {
		this.seed = options.seed;
		this.gossips = options.gossip;
		this.#me = me;
		this.#meeting = new Meeting(table, me);
		this.#posts = routes.map((route, other) =>
			route === null ? null : createPost(route, me < other)
		);
		this.#windowMs = windowOf(options);
		this.#agenda = new Agenda(this.#windowMs, START_MS, (nowMs) => (this.nowMs = nowMs));
		this.#wires = createWires(options, options.seed);
		this.atlas = createAtlas(this.#wires, count, options.land === 'continent');
	}

	/** Member number 0 is the host, and opens the room. Null where it lives in another thread. */
	join(number: number, fanout: number): Person | null {
		if (!this.isHere(number)) return null;
		const publicKey = keyOf(number);
		const id = this.atlas.idOf(number);
		const [room, reading, name] = [this.#room, this.#reading, `Peer ${number}`];
		const opening =
			number === 0 ? { title: 'Sim', nonce: this.#nonce, createdAtMs: START_MS } : null;
		const peer = createPeer({ me: id, publicKey, room, name, fanout, opening, reading });
		const place = this.#wires.placeOf(number);
		const person = newPerson({ number, id, publicKey, place, peer });
		this.people.set(number, person);
		this.#byNumber[number] = person;
		this.feed(person, { type: 'start', saved: [] });
		this.feed(person, { type: 'address', addrs: [`/sim/${number}`] });
		return person;
	}

	wish(person: Person, wish: Wish): void {
		this.feed(person, { type: 'wish', wish });
	}

	/** The device dies without a word. */
	kill(person: Person, noticedAfterMs = LOSS_NOTICED_MS): void {
		person.alive = false;
		this.tellAll(person, { kind: 'withdraw', afterMs: DIRECTORY_MS });
		this.#doors.die(person, noticedAfterMs);
	}

	/** As the app does it: off the stage first, then goodbye. */
	leave(person: Person): void {
		if (isSeated(person)) this.wish(person, { type: 'step-down' });
		this.at(person, this.nowMs + 20, () => {
			this.feed(person, { type: 'leave' });
			this.at(person, this.nowMs + 40, () => this.kill(person, CLOSE_NOTICED_MS));
		});
	}

	/** One frame in every `everyMs`, whose bytes tell who said it when. */
	talk(person: Person, everyMs = 20): void {
		person.talking = true;
		const speak = (): void => {
			if (!person.talking || !person.alive) return;
			this.at(person, this.nowMs + everyMs, speak);
			const seq = ++person.seq;
			this.tellAll(person, { kind: 'said', link: seq });
			this.feed(person, { type: 'voice', seq, level: 20, opus: speech(person.number, seq) });
		};
		speak();
	}

	/** Runs on, with all threads. */
	run(forMs: number): void {
		const endMs = this.nowMs + forMs;
		while (this.nowMs < endMs) {
			this.#runUntil(Math.min(endMs, this.nowMs + this.#windowMs));
			this.#exchange(true);
		}
	}

	/** Runs until `met` holds in all threads; throws with the seed where it does not within `maxMs`. */
	until(what: string, met: () => boolean, maxMs: number): void {
		const startMs = this.nowMs;
		while (!this.#exchange(met())) {
			if (this.nowMs - startMs > maxMs) {
				throw new Error(`seed ${this.seed}: not within ${maxMs} ms: ${what}`);
			}
			this.run(20);
		}
	}

	feed(person: Person, input: PeerInput): void {
		if (!person.alive) return;
		for (const tap of this.taps) tap(person, input);
		for (const output of person.handle(input, this.nowMs)) this.#deeds.carry(person, output);
	}

	/** Ours alone. */
	personAt(number: number): Person | undefined {
		return this.#byNumber[number];
	}

	isHere(number: number): boolean {
		return this.atlas.homeOf(number) === this.#me;
	}

	saidAtMs(speaker: number, seq: number): number | undefined {
		return this.#saidAtMs.get(speaker)?.[seq];
	}

	/** For one thing that this one brings about, to somebody of ours or to itself. */
	turnOf(person: Person, who = person.number): Agenda {
		return this.#agenda.of(who, stampOf(person.number, person.turns++));
	}

	at(person: Person, atMs: number, act: () => void): void {
		this.turnOf(person).push(atMs, act, undefined, undefined);
	}

	/** To one who may live anywhere. */
	post(from: Person, draft: Draft): void {
		const stamp = stampOf(from.number, from.turns++);
		const { kind, to, atMs, link = 0, byMs = 0, bytes = NOTHING } = draft;
		const letter = { kind, to, atMs, stamp, link, byMs, bytes };
		const home = this.atlas.homeOf(to);
		if (home === this.#me) return this.#await(letter);
		this.crossed++;
		this.#posts[home]!.write(letter);
	}

	/** To all threads, ours among them. */
	tellAll(from: Person, { kind, afterMs = 0, link = 0, bytes = NOTHING }: News): void {
		const stamp = stampOf(from.number, from.turns++);
		const atMs = this.nowMs + afterMs;
		const letter = { kind, to: EVERYBODY, atMs, stamp, link, byMs: 0, bytes };
		for (const post of this.#posts) post?.write(letter);
		this.#take(letter);
	}

	/** Not what is due at the end itself: something from elsewhere may come before it. */
	#runUntil(endMs: number): void {
		this.steps += this.#agenda.run(endMs);
		this.nowMs = endMs;
	}

	#exchange(vote: boolean): boolean {
		for (const post of this.#posts) post?.close();
		const all = this.#meeting.meet(vote);
		for (const post of this.#posts) post?.read(this.#take);
		return all;
	}

	readonly #take = (letter: Letter): void => {
		if (letter.kind === 'said') this.#noteSaid(letter);
		else if (letter.kind === 'gossip') this.#spread(letter);
		else this.#await(letter);
	};

	#await(letter: Letter): void {
		this.#agenda.of(letter.to, letter.stamp).push(letter.atMs, this.#arrive, letter, undefined);
	}

	#noteSaid(letter: Letter): void {
		const speaker = senderOf(letter);
		const times = this.#saidAtMs.get(speaker) ?? [];
		times[letter.link] = letter.atMs;
		this.#saidAtMs.set(speaker, times);
	}

	/** To each of ours as its line from the sender has it. Nobody joins while a window runs: all threads tell the same. */
	#spread({ stamp, atMs, bytes }: Letter): void {
		const from = senderOf({ stamp });
		for (const person of this.people.values()) {
			if (person.number === from) continue;
			const delayMs = this.atlas.lineFrom(from, person).delayMs();
			this.#agenda.of(person.number, stamp).push(atMs + delayMs, this.#gossipComes, person, bytes);
		}
	}

	readonly #gossipComes = (person: Person, envelope: Bytes): void =>
		this.#deeds.verified(person, envelope, null);

	readonly #arrive = (letter: Letter): void => {
		const sender = this.atlas.idOf(senderOf(letter));
		if (letter.kind === 'announce') return this.directory.announce(sender);
		if (letter.kind === 'withdraw') return this.directory.withdraw(sender);
		const person = this.personAt(letter.to);
		if (person === undefined) return;
		switch (letter.kind) {
			case 'datagram':
			case 'control':
				if (person.ends.get(sender)?.link !== letter.link) return;
				return this.feed(person, { type: letter.kind, from: sender, bytes: letter.bytes });
			case 'knock':
				return this.#doors.knocked(person, letter);
			case 'admitted':
			case 'refused':
			case 'failed':
			case 'ended':
				return this.#doors[letter.kind](person, letter);
			case 'gossip':
			case 'said':
				return;
		}
	};
}

/** The least that anything takes from one to another. */
function windowOf({ land, delayMs }: ShareOptions): number {
	const windowMs = Math.min(DIRECTORY_MS, land === undefined ? delayMs[0] : NEAREST_MS);
	if (windowMs <= 0)
		throw new Error('Lines that take no time leave nothing to do at the same time.');
	return windowMs;
}
