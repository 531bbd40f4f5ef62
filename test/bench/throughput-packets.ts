/** The room that throughput is measured in, the same in every process, and its packets, proven as any speaker proves its own. */
import { createKeys } from '#lib/io/keys/keys.ts';
import type { Keys } from '#lib/io/ports.ts';
import { createProver } from '#lib/p2p/peer/prover.ts';
import { streamOf, type StreamId } from '#lib/p2p/wire/ids.ts';
import { encodeFrames, encodeVoice } from '#lib/p2p/wire/packet.ts';
import { host, story, type Signed } from '../unit/room-people.ts';

/** 20 ms at 32 kbit/s. */
export const OPUS_BYTES = 80;
/** Where the Opus packet of the only frame begins: kind, stream, number, level, length. */
const OPUS_AT = 1 + 8 + 4 + 1 + 2;
const LEVEL = 30;
/** The people of `room-people.ts` have no keys: the source signs with this one, and the relay checks by it. */
const KEY_SEED = new Uint8Array(32).fill(7);

export interface OneVoice {
	readonly events: readonly Signed[];
	readonly stream: StreamId;
}

export function oneVoice(): OneVoice {
	const room = story();
	const sit = room.tell(host, { kind: 'sit', invite: null, name: host.name });
	return { events: room.events, stream: streamOf(sit.id) };
}

export const sourceKeys = (): Promise<Keys> => createKeys(KEY_SEED);

/** Says one frame: `send` gets its packet at once, or, for each fourth, when it is signed. */
export type Mouth = (opus: Uint8Array, atMs: number, send: (packet: Packet) => void) => void;

type Packet = Uint8Array<ArrayBuffer>;

export function createMouth(stream: StreamId, firstSeq: number, keys: Keys): Mouth {
	const prover = createProver();
	let seq = firstSeq;
	return (opus, atMs, send) => {
		seq++;
		const bytes = encodeVoice(stream, seq, LEVEL, opus);
		const offered = prover.offer({ stream, seq, bytes, last: false, atMs });
		if (offered.type === 'ready') return send(encodeFrames([offered.bytes]));
		void keys.sign(offered.message).then((signature) => {
			const proven = prover.proved(offered.ticket, signature);
			if (proven !== null) send(encodeFrames([proven]));
		});
	};
}

/** An Opus packet's worth of bytes, which carries the time of its sending where its sound would be. */
export function stampedOpus(atMs: number): Uint8Array {
	const opus = new Uint8Array(OPUS_BYTES);
	new DataView(opus.buffer).setFloat64(0, atMs);
	return opus;
}

/** Null for what is no such packet: heartbeats, digests. */
export function stampOf(packet: ArrayBuffer): number | null {
	if (packet.byteLength < OPUS_AT + OPUS_BYTES) return null;
	return new DataView(packet).getFloat64(OPUS_AT);
}

/** Milliseconds, the same in all processes of this machine, in fractions. */
export const preciseMs = (): number => performance.timeOrigin + performance.now();
