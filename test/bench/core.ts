/**
 * Packets a second through the pure core of a listener: in from its parent, out to its children. Counted by
 * CPU time, so that whatever else the machine does at the time matters little.
 */
import { createProver } from '#lib/p2p/peer/prover.ts';
import { streamOf, type StreamId } from '#lib/p2p/wire/ids.ts';
import { encodeFrames, encodeVoice } from '#lib/p2p/wire/packet.ts';
import { PROOF_SIGNATURE_BYTES } from '#lib/p2p/wire/proof.ts';
import { ofType, lonePeer, type LonePeer } from '../lib/lone-peer.ts';
import { host, person, story } from '../unit/room-people.ts';
import { OPUS_BYTES } from './throughput-packets.ts';

const WARM_MS = 300;
const RUN_MS = 1_500;
const TICK_MS = 20;
/** Packets that are made at once, beside the measured time. */
const BATCH = 1_024;

export interface CoreRun {
	readonly children: number;
	readonly speakers: number;
	readonly packetsInPerS: number;
	readonly packetsOutPerS: number;
}

export function runCore(children: number, speakers: number): CoreRun {
	const room = story();
	const sits = [room.tell(host, { kind: 'sit', invite: null, name: host.name })];
	while (sits.length < speakers) sits.push(room.seat(person(sits.length)));
	const lone = lonePeer(100, { fanout: children });
	lone.learn(...room.events);
	lone.attachTo(host.peer, [host.peer]);
	const below = range(children).map((i) => person(200 + i).peer);
	for (const peer of below) lone.letIn(peer, 'parent');
	const next = tickOf(sits.map((sit) => streamOf(sit.id)));
	relay(lone, next, WARM_MS);
	const run = relay(lone, next, RUN_MS);
	const { parent, children: carried } = lone.peer.diagnostics(lone.nowMs);
	if (parent === host.peer && carried.length === children) return { children, speakers, ...run };
	throw new Error(`The core carries ${carried.length} of ${children}, and hears from ${parent}.`);
}

/** The packet of the next tick, in which everybody says something, proven as speakers prove it. */
function tickOf(streams: readonly StreamId[]): () => Uint8Array<ArrayBuffer> {
	const provers = streams.map(() => createProver());
	let seq = 0;
	return () => {
		seq++;
		const frames = streams.map((stream, i) => {
			const bytes = encodeVoice(stream, seq, 30, new Uint8Array(OPUS_BYTES));
			const frame = { stream, seq, bytes, last: false, atMs: seq * TICK_MS };
			const offered = provers[i]?.offer(frame);
			if (offered?.type !== 'prove') return bytes;
			return provers[i]?.proved(offered.ticket, new Uint8Array(PROOF_SIGNATURE_BYTES)) ?? bytes;
		});
		return encodeFrames(frames);
	};
}

/** Feeds packets 20 ms of the peer's own time apart, for `forMs` of ours; every signature is said to be good. */
function relay(
	lone: LonePeer,
	next: () => Uint8Array<ArrayBuffer>,
	forMs: number
): Pick<CoreRun, 'packetsInPerS' | 'packetsOutPerS'> {
	let [spentMs, fed, sent] = [0, 0, 0];
	while (spentMs < forMs) {
		const packets = range(BATCH).map(next);
		const started = process.cpuUsage();
		for (const packet of packets) sent += pass(lone, packet);
		spentMs += process.cpuUsage(started).user / 1000;
		fed += packets.length;
	}
	const seconds = spentMs / 1000;
	return { packetsInPerS: fed / seconds, packetsOutPerS: sent / seconds };
}

/** Gives how many it sent. */
function pass(lone: LonePeer, packet: Uint8Array<ArrayBuffer>): number {
	lone.nowMs += TICK_MS;
	const out = lone.feed({ type: 'datagram', from: host.peer, bytes: packet });
	for (const { ticket } of ofType(out, 'check')) {
		lone.feed({ type: 'checked', ticket, good: true });
	}
	return ofType(out, 'datagram').reduce((sum, { to }) => sum + to.length, 0);
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

if (import.meta.main) {
	for (const children of [4, 30]) {
		for (const speakers of [1, 3]) {
			const run = runCore(children, speakers);
			const [into, out] = [run.packetsInPerS, run.packetsOutPerS].map((rate) => Math.round(rate));
			console.log(`${speakers} speakers, ${children} children: ${into} in/s, ${out} out/s`);
		}
	}
}
