/** What a core wants done, done for a person of one thread: what it sends, signs, checks, looks for and plays. */
import type { PeerInput, PeerOutput } from '#lib/p2p/peer/io.ts';
import type { PlayoutInput } from '#lib/p2p/playout/messages.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { Dice } from '../dice.ts';
import { createHeard, whoSaid } from '../member.ts';
import { createNotary, isGood, signatureOf } from '../signatures.ts';
import { mix } from '../wires.ts';
import { CRYPTO_MS } from '../world.ts';
import { DIRECTORY_MS } from './atlas.ts';
import type { Doors } from './doors.ts';
import type { Bytes, Letter } from './letter.ts';
import type { End, Person } from './person.ts';
import type { Share } from './share.ts';

export interface Deeds {
	carry(person: Person, output: PeerOutput): void;
	/** An event as it comes to somebody, from a neighbour or by gossip. */
	verified(person: Person, envelope: Uint8Array, from: PeerId | null): void;
}

const TICK = { type: 'tick' } as const;
/** Keeps the dice of searches apart from those of lines. */
const SEARCH_SALT = 0x46696e64;

export function createDeeds(share: Share, doors: Doors): Deeds {
	const notary = createNotary();
	const carrier = createCarrier(share);
	const feed = (person: Person, input: PeerInput): void => share.feed(person, input);

	/** One signature after the other. */
	const compute = <T>(
		person: Person,
		takesMs: number,
		act: (person: Person, given: T) => void,
		given: T
	): void => {
		person.cryptoFreeMs = Math.max(person.cryptoFreeMs, share.nowMs) + takesMs;
		share.turnOf(person).push(person.cryptoFreeMs, act, person, given);
	};
	const verified = (person: Person, envelope: Uint8Array, from: PeerId | null): void => {
		const event = notary.check(envelope);
		feed(person, event === null ? { type: 'forged', from } : { type: 'verified', event, from });
	};
	const sign = (person: Person, unsigned: Uint8Array, gossip: boolean): void => {
		const envelope = notary.sign(person.publicKey, unsigned) as Bytes;
		const signed = (): void => {
			verified(person, envelope, null);
			if (gossip && share.gossips) share.tellAll(person, { kind: 'gossip', bytes: envelope });
		};
		compute(person, 1, signed, undefined);
	};
	const find = (person: Person): void => {
		const dice = new Dice(mix(share.seed ^ SEARCH_SALT, person.number, person.finds++));
		const found = share.directory.sample(dice, (id) => id !== person.id);
		const contacts = found.map((peer) => ({ peer, addrs: [`/sim/${peer}`] }));
		share.at(person, share.nowMs + 2 * DIRECTORY_MS, () => {
			if (contacts.length > 0) feed(person, { type: 'members', contacts });
			feed(person, { type: 'search-ended' });
		});
	};
	const carry = (person: Person, output: PeerOutput): void => {
		switch (output.type) {
			case 'datagram':
				for (const to of output.to) carrier.datagram(person, to, output.bytes);
				return;
			case 'control':
				return carrier.control(person, output.to, output.bytes);
			case 'play':
				return play(share, person, output.input);
			case 'wake':
				return share.turnOf(person).push(output.atMs, feed, person, TICK);
			case 'check': {
				const { ticket } = output;
				const good = isGood(output.publicKey, output.message, output.signature);
				return compute(person, CRYPTO_MS.verify, feed, { type: 'checked', ticket, good });
			}
			case 'prove': {
				const { ticket } = output;
				const signature = signatureOf(person.publicKey, output.message);
				return compute(person, CRYPTO_MS.sign, feed, { type: 'proved', ticket, signature });
			}
			case 'verify': {
				const { envelope, from } = output;
				const checked = (): void => verified(person, envelope, from);
				return compute(person, CRYPTO_MS.verify, checked, undefined);
			}
			case 'sign':
				return sign(person, output.unsigned, output.gossip);
			case 'find':
				return find(person);
			case 'announce':
			case 'withdraw':
				return share.tellAll(person, { kind: output.type, afterMs: DIRECTORY_MS });
			case 'open':
				return doors.open(person, output.to.peer, output.knock);
			case 'admit':
				return doors.admit(person, output.ticket);
			case 'refuse':
				return doors.refuse(person, output.ticket, output.refusal);
			case 'close':
				return doors.close(person, output.peer);
			// Rooms of this world are open.
			case 'seal':
			case 'unseal':
			case 'keep':
			case 'meet':
			case 'microphone':
			case 'caption':
			case 'record':
			case 'reaction':
			case 'chat':
			case 'view':
			case 'routed':
				return;
		}
	};
	return { carry, verified };
}

interface Carrier {
	datagram(from: Person, to: PeerId, bytes: Bytes): void;
	control(from: Person, to: PeerId, bytes: Bytes): void;
}

/** Within a thread without a letter: that is how most of all goes. */
function createCarrier(share: Share): Carrier {
	const farOf = (end: End): End | null => {
		if (end.far !== null) return end.far;
		const far = share.personAt(end.other)?.ends.get(end.person.id);
		return far?.link === end.link ? (end.far = far) : null;
	};
	const datagramComes = (far: End, bytes: Bytes): void => {
		if (far.open) share.feed(far.person, { type: 'datagram', from: far.otherId, bytes });
	};
	const controlComes = (far: End, bytes: Bytes): void => {
		if (far.open) share.feed(far.person, { type: 'control', from: far.otherId, bytes });
	};
	/** The other side was not there yet as this left: it may be by now. */
	const firstComes = (end: End, { kind, bytes }: Pick<Letter, 'kind' | 'bytes'>): void => {
		const far = farOf(end);
		if (far !== null) (kind === 'control' ? controlComes : datagramComes)(far, bytes);
	};
	const carry = (end: End, kind: 'datagram' | 'control', atMs: number, bytes: Bytes): void => {
		const { person: from, other, link } = end;
		if (!share.isHere(other)) return share.post(from, { kind, to: other, atMs, link, bytes });
		const turn = share.turnOf(from, other);
		const far = farOf(end);
		if (far === null) turn.push(atMs, firstComes, end, { kind, bytes });
		else turn.push(atMs, kind === 'control' ? controlComes : datagramComes, far, bytes);
	};
	return {
		datagram(from, to, bytes) {
			const end = from.ends.get(to);
			if (end === undefined || end.line.loses()) return;
			carry(end, 'datagram', share.nowMs + end.line.delayMs(), bytes);
		},
		control(from, to, bytes) {
			const end = from.ends.get(to);
			if (end === undefined) return;
			end.lastControlMs = Math.max(share.nowMs + end.line.delayMs(), end.lastControlMs);
			carry(end, 'control', end.lastControlMs, bytes);
		}
	};
}

function play(share: Share, listener: Person, input: PlayoutInput): void {
	if (input.type !== 'frame') return;
	const { stream, seq } = input;
	const speaker = whoSaid(input.opus, seq);
	const saidAtMs = speaker === null ? undefined : share.saidAtMs(speaker, seq);
	if (speaker === null || saidAtMs === undefined) {
		listener.wrong++;
		return;
	}
	let heard = listener.heard.get(stream);
	if (heard === undefined) listener.heard.set(stream, (heard = createHeard()));
	if (!heard.mark(seq)) listener.twice++;
	else for (const ear of share.ears) ear(listener, speaker, seq, share.nowMs - saidAtMs);
}
