/** Frames that nobody said, under numbers that somebody will use: what is said is heard all the same, and who withholds it left. */
import { expect, it } from 'vitest';
import { createProver } from '#lib/p2p/peer/prover.ts';
import type { PeerOutput } from '#lib/p2p/peer/io.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { encodeFrames, encodeVoice } from '#lib/p2p/wire/packet.ts';
import { PROOF_SIGNATURE_BYTES } from '#lib/p2p/wire/proof.ts';
import { ofType, OPUS } from '../lib/lone-peer.ts';
import { backedUp, framesTo, hearProven, leases, pulls, tellHeld } from '../lib/stage.ts';
import { person } from './room-people.ts';

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

/** Ten seconds of a voice by an honest parent; after two of them a backup brings these numbers, without a proof. */
function hear(invented: readonly number[]) {
	const room = backedUp();
	const { lone, one, parent, backups } = room;
	const child = person(7).peer;
	lone.letIn(child, 'parent');
	const say = speaker(one);
	const out: PeerOutput[] = [];
	const take = (outputs: readonly PeerOutput[]): void => {
		out.push(...outputs);
		for (const { ticket, signature } of ofType(outputs, 'check'))
			take(lone.feed({ type: 'checked', ticket, good: signature[0] === GOOD }));
	};
	const bring = (from: typeof parent, frames: readonly Uint8Array[]): void =>
		take(lone.feed({ type: 'datagram', from, bytes: encodeFrames([...frames]) }));
	for (let seq = 1; seq <= 10 * SECOND; seq++) {
		bring(parent, [say(seq)]);
		for (let i = 0; seq === 2 * SECOND && i < invented.length; i += INVENTED_PER_PACKET) {
			const some = invented.slice(i, i + INVENTED_PER_PACKET);
			bring(
				backups[0],
				some.map((each) => encodeVoice(one, each, 30, Uint8Array.of(0x78)))
			);
		}
		take(lone.pass(20));
		lone.beat(parent, ...backups, child);
	}
	const played = ofType(out, 'play').flatMap(({ input }) =>
		input.type === 'frame' ? [input.seq] : []
	);
	const passedOn = framesTo(out, child).flat();
	const { blamed } = lone.peer.diagnostics(lone.nowMs);
	return { ...room, played, passedOn, blamed };
}

const from = (first: number, step: number, count: number): number[] =>
	Array.from({ length: count }, (_, i) => first + step * i);

it.each([
	['that bring proofs', from(2 * SECOND + 4, 4, 124)],
	['of the next four seconds', from(2 * SECOND + 1, 1, 200)]
])(
	'under the numbers %s they cost a few frames, here and below, and no honest parent',
	(_, those) => {
		const { played, passedOn, blamed, parent } = hear(those);
		expect(new Set(played).size).toBe(played.length);
		expect(played.length).toBeGreaterThan(10 * SECOND - 15);
		const said = passedOn.filter((frame) => frame.kind === 'voice' && frame.opus.length > 1);
		expect(new Set(said.map(({ seq }) => seq)).size).toBeGreaterThan(10 * SECOND - 15);
		expect(blamed.map(({ peer }) => peer)).not.toContain(parent);
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

it.each([
	[1_000_000, 600],
	[480, 2_000]
])('a number %i ahead hides no parent that holds a voice back: it is left', (ahead, withinMs) => {
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
	const bytes = encodeFrames([encodeVoice(two, 31 + ahead, 30, Uint8Array.of(0x78))]);
	lone.feed({ type: 'datagram', from: parent, bytes });
	let leasedUntilMs = 0;
	const blamed = (): readonly unknown[] => lone.peer.diagnostics(lone.nowMs).blamed;
	for (let seq = 31; blamed().length === 0 && lone.nowMs - startMs < 5_000; seq++) {
		const out = hearProven(lone, parent, seq, one);
		if (leasedUntilMs > lone.nowMs) out.push(...hearProven(lone, backups[0], seq, one, two));
		if (seq % 10 === 0) out.push(...held(seq));
		out.push(...lone.pass(20));
		lone.beat(...backups);
		for (const { leaseMs } of leases(out)) leasedUntilMs = lone.nowMs + leaseMs;
		answer(room, out, seq);
	}
	expect(blamed()).toMatchObject([{ peer: parent, reason: 'withheld' }]);
	expect(lone.nowMs - startMs).toBeLessThan(withinMs);
});
