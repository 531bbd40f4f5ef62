/** Frames that nobody said, under numbers that somebody will use: what is said is heard all the same, and who withholds it left. */
import { expect, it } from 'vitest';
import { createProver } from '#lib/p2p/peer/prover.ts';
import type { PeerOutput } from '#lib/p2p/peer/io.ts';
import type { PeerId, StreamId } from '#lib/p2p/wire/ids.ts';
import { encodeFrames, encodeVoice } from '#lib/p2p/wire/packet.ts';
import { PROOF_SIGNATURE_BYTES } from '#lib/p2p/wire/proof.ts';
import { lonePeer, OPUS, type LonePeer } from '../lib/lone-peer.ts';
import { backedUp, hearProven, leases, pulls, tellHeld } from '../lib/stage.ts';
import { host, person } from './room-people.ts';

const GOOD = 1;
const SECOND = 50;
/** So many fit into one packet, about. */
const INVENTED_PER_PACKET = 22;

/** A speaker as its app is: a proof with every fourth frame, which covers the eight before it. */
function speaker(stream: StreamId) {
	const prover = createProver();
	const signature = new Uint8Array(PROOF_SIGNATURE_BYTES).fill(GOOD);
	return (seq: number): Uint8Array => {
		const bytes = encodeVoice(stream, seq, 30, OPUS);
		const offered = prover.offer({ stream, seq, bytes, last: false, atMs: 20 * seq });
		return offered.type === 'ready' ? offered.bytes : prover.proved(offered.ticket, signature)!;
	};
}

/** A relay with an honest parent, two backups, and a listener below it, which has backups of its own. */
function relayAndChild() {
	const room = backedUp();
	const { lone: relay, parent, backups } = room;
	const child = lonePeer(7);
	child.learn(...room.room.events);
	relay.letIn(child.me.peer, 'parent');
	child.attachTo(relay.me.peer, [host.peer, parent, relay.me.peer]);
	const others = [person(60).peer, person(61).peer];
	for (const other of others) child.backUp(other, [host.peer, other]);
	child.nowMs = relay.nowMs = Math.max(child.nowMs, relay.nowMs);
	const played = new Map<LonePeer, string[]>([relay, child].map((each) => [each, []]));
	/** Carries out what they want: proofs are checked at once, and what they tell each other comes at once. */
	const take = (from: LonePeer, outputs: readonly PeerOutput[]): void => {
		const to = from === relay ? child : relay;
		for (const output of outputs) {
			if (output.type === 'check') {
				const good = output.signature[0] === GOOD;
				take(from, from.feed({ type: 'checked', ticket: output.ticket, good }));
			} else if (output.type === 'play' && output.input.type === 'frame') {
				played.get(from)!.push(`${output.input.stream} ${output.input.seq}`);
			} else if (output.type === 'datagram' && output.to.includes(to.me.peer)) {
				take(to, to.feed({ type: 'datagram', from: from.me.peer, bytes: output.bytes }));
			} else if (output.type === 'control' && output.to === to.me.peer) {
				take(to, to.feed({ type: 'control', from: from.me.peer, bytes: output.bytes }));
			}
		}
	};
	const pass = (): void => {
		for (const each of [relay, child]) take(each, each.pass(20));
		relay.beat(parent, ...backups, child.me.peer);
		child.beat(relay.me.peer, ...others);
	};
	const bring = (from: PeerId, frames: readonly Uint8Array[]): void =>
		take(relay, relay.feed({ type: 'datagram', from, bytes: encodeFrames(frames) }));
	return { ...room, relay, child, played, pass, bring };
}

/** Ten seconds of voices by an honest parent; after two of them a backup brings these numbers of each, without a proof. */
function hear(invented: readonly number[], voices: number) {
	const room = relayAndChild();
	const { one, two, parent, backups, bring, pass, relay, child } = room;
	const streams = [one, two].slice(0, voices);
	const says = streams.map(speaker);
	for (let seq = 1; seq <= 10 * SECOND; seq++) {
		bring(
			parent,
			says.map((say) => say(seq))
		);
		for (const stream of seq === 2 * SECOND ? streams : []) {
			for (let i = 0; i < invented.length; i += INVENTED_PER_PACKET) {
				const some = invented.slice(i, i + INVENTED_PER_PACKET);
				bring(
					backups[0],
					some.map((each) => encodeVoice(stream, each, 30, Uint8Array.of(0x78)))
				);
			}
		}
		pass();
	}
	const blamedBy = (who: LonePeer) =>
		who.peer.diagnostics(who.nowMs).blamed.map(({ peer }) => peer);
	return { ...room, blamed: [...blamedBy(relay), ...blamedBy(child)] };
}

const from = (first: number, step: number, count: number): number[] =>
	Array.from({ length: count }, (_, i) => first + step * i);
const PROVING = from(2 * SECOND + 4, 4, 124);
const NEXT_SECONDS = from(2 * SECOND + 1, 1, 200);

it.each([
	['that bring proofs', PROVING, 1],
	['that bring proofs, of two voices', PROVING, 2],
	['of the next four seconds', NEXT_SECONDS, 1],
	['of the next four seconds, of two voices', NEXT_SECONDS, 2],
	['of the next second', from(2 * SECOND + 1, 1, 40), 1]
])(
	'under the numbers %s they cost less than half a second where nothing is repaired, here and below, and no honest parent',
	(_, invented, voices) => {
		const { played, blamed, parent, relay } = hear(invented, voices);
		for (const heard of played.values()) {
			expect(new Set(heard).size).toBe(heard.length);
			expect(heard.length).toBeGreaterThan(voices * (10 * SECOND - SECOND / 2));
		}
		expect(blamed).not.toContain(parent);
		expect(blamed).not.toContain(relay.me.peer);
	}
);

/** Answers what a backup is asked for of `stream`, as an honest one: up to `newest`. */
function answer(
	{ lone, two, backups }: ReturnType<typeof backedUp>,
	asked: readonly PeerOutput[],
	newest: number
): PeerOutput[] {
	const wanted = pulls(asked)
		.filter(({ to }) => to === backups[0])
		.flatMap(({ entries }) => entries)
		.flatMap(({ seq, bits }) =>
			Array.from({ length: 32 }, (_, i) => ((bits >>> i) & 1 ? seq - i : Infinity))
		);
	return wanted
		.filter((seq) => seq <= newest)
		.flatMap((seq) => hearProven(lone, backups[0], seq, two));
}

/** What a parent passes on of the second voice, and the number it invents of it instead; null: none. */
interface Withholder {
	readonly passes: (seq: number) => boolean;
	readonly invents: (seq: number) => number | null;
}

/** A backup has both voices, gives what it is asked for, and pushes while it stands in. Why and when the parent is left. */
function whyLeft({ passes, invents }: Withholder): { readonly reason: unknown; afterMs: number } {
	const room = backedUp();
	const { lone, one, two, parent, backups } = room;
	const held = (seq: number): PeerOutput[] =>
		tellHeld(lone, backups[0], [
			[one, seq],
			[two, seq]
		]);
	for (let seq = 1; seq <= 30; seq++) {
		hearProven(lone, parent, seq, one, two);
		if (seq % 5 === 0) held(seq);
		lone.pass(20);
		lone.beat(...backups);
	}
	const startMs = lone.nowMs;
	let leasedUntilMs = 0;
	const blamed = () => lone.peer.diagnostics(lone.nowMs).blamed;
	for (let seq = 31; blamed().length === 0 && lone.nowMs - startMs < PATIENCE_MS; seq++) {
		const invented = invents(seq);
		if (invented !== null) {
			const bytes = encodeFrames([encodeVoice(two, invented, 30, Uint8Array.of(0x78))]);
			lone.feed({ type: 'datagram', from: parent, bytes });
		}
		const out = hearProven(lone, parent, seq, one, ...(passes(seq) ? [two] : []));
		if (leasedUntilMs > lone.nowMs) out.push(...hearProven(lone, backups[0], seq, one, two));
		if (seq % 10 === 0) out.push(...held(seq));
		out.push(...lone.pass(20));
		lone.beat(...backups);
		for (const { leaseMs } of leases(out)) leasedUntilMs = lone.nowMs + leaseMs;
		answer(room, out, seq);
	}
	expect(blamed()).toMatchObject([{ peer: parent }]);
	return { reason: blamed()[0]?.reason, afterMs: lone.nowMs - startMs };
}

const PATIENCE_MS = 10_000;
const nothing = (): boolean => false;
const twoInFive = (seq: number): boolean => seq % 5 < 2;
const once = (ahead: number) => (seq: number) => (seq === 31 ? 31 + ahead : null);
const eachSecond = (ahead: number) => (seq: number) => (seq % SECOND === 31 ? seq + ahead : null);
const eachTick = (ahead: number) => (seq: number) => seq + ahead;

it.each([
	['a number out of the air', once(1_000_000)],
	['one of ten seconds later', once(480)],
	['one of a second later each second', eachSecond(49)],
	['one of a second later all the time', eachTick(49)]
])('a parent that passes on nothing, and invents %s, is left within a second', (_, invents) => {
	const { reason, afterMs } = whyLeft({ passes: nothing, invents });
	expect(reason).toBe('withheld');
	expect(afterMs).toBeLessThan(1_000);
});

it.each([
	['nothing', () => null, 2_000],
	['one of a second later each second', eachSecond(49), 4_500]
])('one that passes on two frames in five, and invents %s, is left', (_, invents, withinMs) => {
	const { reason, afterMs } = whyLeft({ passes: twoInFive, invents });
	expect(reason).toBe('withheld');
	expect(afterMs).toBeLessThan(withinMs);
});

it.each([
	['nothing, and all the time what is next', { passes: nothing, invents: eachTick(1) }],
	['two in five, and all the time a second ahead', { passes: twoInFive, invents: eachTick(49) }]
])('one that passes on %s is left as a forger', (_, withholder) => {
	const { reason, afterMs } = whyLeft(withholder);
	expect(reason).toBe('forged');
	expect(afterMs).toBeLessThan(1_500);
});
