/**
 * Packets a second through the pure core of a listener: in from its parent, out to its children. Counted by
 * CPU time, so that whatever else the machine does at the time matters little.
 */
import { streamOf } from '#lib/p2p/wire/ids.ts';
import { encodeFrames, encodeVoice } from '#lib/p2p/wire/packet.ts';
import { lonePeer, type LonePeer } from '../lib/lone-peer.ts';
import { host, person, story } from '../unit/room-people.ts';

/** 20 ms at 32 kbit/s. */
const OPUS_BYTES = 80;
const RUN_MS = 1_500;

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
	for (let i = 0; i < children; i++) lone.letIn(person(200 + i).peer, 'parent');
	const streams = sits.map((sit) => streamOf(sit.id));
	const packets = range(1024).map((tick) =>
		encodeFrames(streams.map((stream) => encodeVoice(stream, tick, 30, new Uint8Array(OPUS_BYTES))))
	);
	relay(lone, packets, 300);
	return { children, speakers, ...relay(lone, packets, RUN_MS) };
}

/** Feeds every packet under ever higher numbers, 20 ms of the peer's own time apart, for `forMs` of ours. */
function relay(
	lone: LonePeer,
	packets: readonly Uint8Array<ArrayBuffer>[],
	forMs: number
): Pick<CoreRun, 'packetsInPerS' | 'packetsOutPerS'> {
	const started = process.cpuUsage();
	const spentMs = (): number => process.cpuUsage(started).user / 1000;
	let fed = 0;
	let sent = 0;
	while (spentMs() < forMs) {
		for (const packet of packets) {
			renumber(packet, packets.length);
			lone.nowMs += 20;
			for (const output of lone.feed({ type: 'datagram', from: host.peer, bytes: packet })) {
				if (output.type === 'datagram') sent += output.to.length;
			}
			fed++;
		}
	}
	const seconds = spentMs() / 1000;
	return { packetsInPerS: fed / seconds, packetsOutPerS: sent / seconds };
}

/** Adds `by` to the sequence number of every frame: a stream id of 8 bytes, then 4 of the number. */
function renumber(packet: Uint8Array, by: number): void {
	const view = new DataView(packet.buffer, packet.byteOffset);
	for (let at = 1; at < packet.length; at += 15 + OPUS_BYTES) {
		view.setUint32(at + 8, view.getUint32(at + 8) + by);
	}
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
