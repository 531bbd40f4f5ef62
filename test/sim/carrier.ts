/** What goes over open links: datagrams that may be lost or dropped, and control messages, reliable and in order. */
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { uplinkMs, type Member, type Way } from './member.ts';
import type { Queue } from './queue.ts';
import { HEADER_BYTES } from './traffic.ts';
import type { World } from './world.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** The longest an uplink holds back what it has to send: a router's buffer, before it drops. */
const UPLINK_QUEUE_MS = 150;

export interface Carrier {
	datagram(from: Member, to: PeerId, bytes: Bytes): void;
	/** What an uplink has no room for waits, and is not lost. */
	control(from: Member, to: PeerId, bytes: Bytes): void;
}

export function createCarrier(world: World, queue: Queue): Carrier {
	const datagramComes = (way: Way, bytes: Bytes): void => {
		const { from, to } = way;
		// Who is down hears nothing of what is sent meanwhile; nor does who has closed the link.
		if (!way.open || to.downUntilMs > world.nowMs) return;
		for (const tap of world.taps) tap(from.id, to.id, bytes);
		world.feed(to, { type: 'datagram', from: from.id, bytes });
	};
	const controlComes = (way: Way, bytes: Bytes): void => {
		if (way.open) world.feed(way.to, { type: 'control', from: way.from.id, bytes });
	};
	return {
		datagram(from, to, bytes) {
			const way = from.ways.get(to);
			if (way === undefined || from.downUntilMs > world.nowMs) return;
			const waitMs = uplinkMs(from, bytes.length + HEADER_BYTES, world.nowMs);
			if (waitMs > UPLINK_QUEUE_MS) {
				from.tailDrops++;
				return;
			}
			noteSent(world, from, bytes, waitMs);
			world.traffic.datagram(bytes);
			if (way.line.loses() || !world.wires.reaches(from.id, to)) return;
			const atMs = world.nowMs + waitMs + way.line.delayMs() + way.to.device.lateMs;
			queue.push(atMs, datagramComes, way, bytes);
		},
		control(from, to, bytes) {
			const way = from.ways.get(to);
			if (way === undefined || !world.wires.reaches(from.id, to)) return;
			const waitMs = uplinkMs(from, bytes.length + HEADER_BYTES, world.nowMs);
			noteSent(world, from, bytes, waitMs);
			world.traffic.control(bytes);
			const atMs = world.nowMs + waitMs + way.line.delayMs() + way.to.device.lateMs;
			way.lastControlMs = Math.max(atMs, way.lastControlMs);
			queue.push(way.lastControlMs, controlComes, way, bytes);
		}
	};
}

function noteSent(world: World, from: Member, bytes: Bytes, waitMs: number): void {
	from.sentBytes += bytes.length + HEADER_BYTES;
	// Who has more uplink than anybody asks for has none that could be busy.
	if (waitMs > 0) from.uplinkFreeMs = world.nowMs + waitMs;
}
