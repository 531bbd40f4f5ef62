/** One core by itself: a test plays its neighbours, its microphone, its signer and its clock. */
import type { PeerInput, PeerOptions, PeerOutput } from '#lib/p2p/peer/io.ts';
import { createPeer, type Peer } from '#lib/p2p/peer/peer.ts';
import {
	decodeControl,
	encodeControl,
	encodeKnock,
	type ControlMessage,
	type Want
} from '#lib/p2p/wire/control.ts';
import { markVerified, openEnvelope, seal, SIGNATURE_BYTES } from '#lib/p2p/wire/envelope.ts';
import type { PeerId, StreamId } from '#lib/p2p/wire/ids.ts';
import { encodeFrames, encodeHeartbeat, encodeVoice, UNCOUNTED } from '#lib/p2p/wire/packet.ts';
import { person, room, type Person, type Signed } from '../unit/room-people.ts';

export const START_MS = 1_800_000_000_000;
export const OPUS = Uint8Array.of(0x78, 1, 2, 3);

export interface LonePeer {
	readonly peer: Peer;
	readonly me: Person;
	nowMs: number;
	feed(input: PeerInput): PeerOutput[];
	/** Feeds ticks for that long, ten a second. */
	wait(forMs: number): PeerOutput[];
	/** Lets that much time go by: ticks come when the peer has asked for them. */
	pass(forMs: number): PeerOutput[];
	/** Signed events become known, as by gossip. */
	learn(...events: readonly Signed[]): PeerOutput[];
	control(from: PeerId, message: ControlMessage): PeerOutput[];
	/** Somebody knocks and is let in, and the link opens. */
	letIn(who: PeerId, want: Want): PeerOutput[];
	/** The same in a locked room, with that proof of admission. */
	letInLocked(who: PeerId, proof: Uint8Array): PeerOutput[];
	/** An event of another, as it comes out of its envelope. */
	opened(envelope: Uint8Array): Signed[];
	/** Finds a parent: what it says of its own way to the sound is `path`; in a locked room it shows `proof` first. */
	attachTo(parent: PeerId, path: readonly PeerId[], proof?: Uint8Array): PeerOutput[];
	/** Heartbeats of neighbours, which measure nothing. */
	beat(...from: readonly PeerId[]): PeerOutput[];
	/** Has looked for somebody who stands by for it, and found `who`, to whom the sound comes by `path`. */
	backUp(who: PeerId, path: readonly PeerId[]): PeerOutput[];
	/** Frames from a neighbour, one of each stream. */
	hear(from: PeerId, seq: number, ...streams: readonly StreamId[]): PeerOutput[];
	/** Signs what is to be signed among `outputs`, and feeds it back. */
	sign(outputs: readonly PeerOutput[]): PeerOutput[];
	/** Says yes to every signature to be checked among `outputs`. */
	verify(outputs: readonly PeerOutput[]): PeerOutput[];
}

type Given = 'fanout' | 'opening' | 'access' | 'chance' | 'holdsSound';

export type LonePeerOptions = Partial<Pick<PeerOptions, Given>> & {
	readonly saved?: readonly Signed[];
};

/** Person `number` in the room of `room-people.ts`, started. */
export function lonePeer(number: number, options: LonePeerOptions = {}): LonePeer {
	const me = person(number);
	const peer = createPeer({
		me: me.peer,
		publicKey: me.key,
		room,
		name: me.name,
		fanout: options.fanout ?? 2,
		opening: options.opening ?? null,
		access: options.access ?? null,
		holdsSound: options.holdsSound === true,
		...(options.chance === undefined ? {} : { chance: options.chance })
	});
	const lone = fingersOf(peer, me);
	let out = lone.feed({ type: 'start', saved: options.saved ?? [] });
	while (ofType(out, 'sign').length > 0) out = lone.sign(out);
	return lone;
}

function fingersOf(peer: Peer, me: Person): LonePeer {
	let tickets = 0;
	const wakes: number[] = [];
	const lone: LonePeer = {
		peer,
		me,
		nowMs: START_MS,
		feed(input) {
			const out = peer.handle(input, lone.nowMs);
			for (const { atMs } of ofType(out, 'wake')) wakes.push(atMs);
			return out;
		},
		wait(forMs) {
			const out: PeerOutput[] = [];
			for (let leftMs = forMs; leftMs > 0; leftMs -= 100) {
				lone.nowMs += Math.min(100, leftMs);
				out.push(...lone.feed({ type: 'tick' }));
			}
			return out;
		},
		pass(forMs) {
			const endMs = lone.nowMs + forMs;
			const out: PeerOutput[] = [];
			for (;;) {
				const nextMs = Math.min(...wakes);
				if (nextMs > endMs) break;
				wakes.splice(wakes.indexOf(nextMs), 1);
				lone.nowMs = Math.max(lone.nowMs, nextMs);
				out.push(...lone.feed({ type: 'tick' }));
			}
			lone.nowMs = endMs;
			return out;
		},
		learn: (...events) =>
			events.flatMap((event) => lone.feed({ type: 'verified', event, from: null })),
		control: (from, message) => lone.feed({ type: 'control', from, bytes: encodeControl(message) }),
		letIn(who, want) {
			const ticket = ++tickets;
			const bytes = encodeKnock({ room, want, fanout: 2 });
			const answer = lone.feed({ type: 'knock', ticket, from: who, bytes });
			if (!answer.some((output) => output.type === 'admit')) throw new Error('It was refused.');
			return [...answer, ...lone.feed({ type: 'opened', peer: who })];
		},
		letInLocked(who, proof) {
			const bytes = encodeKnock({ room, want: 'parent', fanout: 2, proof });
			const answer = lone.feed({ type: 'knock', ticket: ++tickets, from: who, bytes });
			if (!answer.some((output) => output.type === 'admit')) throw new Error('It was refused.');
			return [
				...answer,
				...lone.feed({ type: 'opened', peer: who }),
				...lone.control(who, { type: 'admission', proof })
			];
		},
		opened: (envelope) => [opened(envelope)],
		attachTo(parent, path, proof) {
			const out = [
				...lone.feed({ type: 'members', contacts: [{ peer: parent, addrs: [] }] }),
				...lone.feed({ type: 'opened', peer: parent }),
				...(proof === undefined ? [] : lone.control(parent, { type: 'admission', proof })),
				...lone.control(parent, { type: 'attached' }),
				...lone.control(parent, { type: 'path', path, delayMs: 10, roots: [] })
			];
			if (lone.peer.diagnostics(lone.nowMs).parent === parent) return out;
			throw new Error('It did not become our parent.');
		},
		beat(...from) {
			const bytes = encodeHeartbeat({ stampMs: 1, echoMs: 0, heldMs: 0, ...UNCOUNTED });
			return from.flatMap((each) => lone.feed({ type: 'datagram', from: each, bytes }));
		},
		backUp(who, path) {
			let out = lone.feed({ type: 'members', contacts: [{ peer: who, addrs: [] }] });
			for (let tries = 0; tries < 50; tries++) {
				const asked = ofType(out, 'open').map(({ to }) => to.peer);
				out = asked.flatMap((each) =>
					each === who ? standBy(lone, who, path) : lone.feed({ type: 'failed', peer: each })
				);
				const { parent, backups } = lone.peer.diagnostics(lone.nowMs);
				if (backups.includes(who) && ofType(out, 'open').length === 0) return out;
				out.push(...lone.pass(100), ...lone.beat(...(parent === null ? [] : [parent]), ...backups));
			}
			throw new Error('It did not find this backup.');
		},
		hear(from, seq, ...streams) {
			const frames = streams.map((stream) => encodeVoice(stream, seq, 30, OPUS));
			return lone.feed({ type: 'datagram', from, bytes: encodeFrames(frames) });
		},
		sign: (outputs) =>
			outputs
				.filter((output) => output.type === 'sign')
				.flatMap(({ unsigned }) =>
					lone.feed({ type: 'verified', event: signed(unsigned), from: null })
				),
		verify: (outputs) =>
			outputs
				.filter((output) => output.type === 'verify')
				.flatMap(({ envelope, from }) =>
					lone.feed({ type: 'verified', event: opened(envelope), from })
				)
	};
	return lone;
}

const standBy = (lone: LonePeer, who: PeerId, path: readonly PeerId[]): PeerOutput[] => [
	...lone.feed({ type: 'opened', peer: who }),
	...lone.control(who, { type: 'standing-by' }),
	...lone.control(who, { type: 'path', path, delayMs: 10, roots: [] })
];

const signed = (unsigned: Uint8Array): Signed =>
	opened(seal(unsigned, new Uint8Array(SIGNATURE_BYTES)));

function opened(envelope: Uint8Array): Signed {
	const reading = openEnvelope(envelope);
	if (!reading.ok) throw new Error(`The core made a malformed event: ${reading.reason}`);
	return markVerified(reading.event);
}

/** The control messages among `outputs`, to one neighbour or to all. */
export function told(outputs: readonly PeerOutput[], to?: PeerId): ControlMessage[] {
	return outputs.flatMap((output) => {
		if (output.type !== 'control' || (to !== undefined && output.to !== to)) return [];
		const message = decodeControl(output.bytes);
		if (message === null) throw new Error('The core sent what no peer can read.');
		return [message];
	});
}

/** What is sent and heard: without the timers behind it, and without what playout is told of delays. */
export const soundOf = (outputs: readonly PeerOutput[]): PeerOutput[] =>
	outputs.filter(
		(output) => output.type !== 'wake' && !(output.type === 'play' && output.input.type === 'floor')
	);

export const ofType = <T extends PeerOutput['type']>(
	outputs: readonly PeerOutput[],
	type: T
): Extract<PeerOutput, { type: T }>[] =>
	outputs.filter((output): output is Extract<PeerOutput, { type: T }> => output.type === type);
