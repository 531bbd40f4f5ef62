/** The room that throughput is measured in, the same in every process, and its packets. */
import { streamOf, type StreamId } from '#lib/p2p/wire/ids.ts';
import { encodeFrames, encodeVoice } from '#lib/p2p/wire/packet.ts';
import { host, story, type Signed } from '../unit/room-people.ts';

/** 20 ms at 32 kbit/s. */
const OPUS_BYTES = 80;
/** Where the Opus packet of the only frame begins: kind, stream, number, level, length. */
const OPUS_AT = 1 + 8 + 4 + 1 + 2;

export interface OneVoice {
	readonly events: readonly Signed[];
	readonly stream: StreamId;
}

export function oneVoice(): OneVoice {
	const room = story();
	const sit = room.tell(host, { kind: 'sit', invite: null, name: host.name });
	return { events: room.events, stream: streamOf(sit.id) };
}

/** A packet of one frame, which carries the time of its sending where its sound would be. */
export function stampedPacket(
	stream: StreamId,
	seq: number,
	atMs: number
): Uint8Array<ArrayBuffer> {
	const opus = new Uint8Array(OPUS_BYTES);
	const packet = encodeFrames([encodeVoice(stream, seq, 30, opus)]);
	new DataView(packet.buffer).setFloat64(OPUS_AT, atMs);
	return packet;
}

/** Null for what is no such packet: heartbeats, digests. */
export function stampOf(packet: ArrayBuffer): number | null {
	if (packet.byteLength < OPUS_AT + OPUS_BYTES) return null;
	return new DataView(packet).getFloat64(OPUS_AT);
}

/** Milliseconds, the same in all processes of this machine, in fractions. */
export const preciseMs = (): number => performance.timeOrigin + performance.now();
