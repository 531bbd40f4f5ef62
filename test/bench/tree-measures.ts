/** What several scenarios measure in the same way. */
import { countDuplicates } from '../sim/gauge.ts';
import { OPUS_BYTES, type Member } from '../sim/member.ts';
import type { World } from '../sim/world.ts';
import type { Figures } from './tree-scenario.ts';

/** A packet with one frame: kind, stream, number, level, length and sound. */
const FRAME_PACKET_BYTES = 1 + 8 + 4 + 1 + 2 + OPUS_BYTES;

/**
 * From now until it is asked: packets of frames sent for each one that is wanted (each frame once at each listener),
 * the bytes of everything else, and of proofs and second copies, against the payload that is wanted; copies.
 */
export function overheadOf(
	world: World,
	listeners: readonly Member[],
	speaker: Member
): () => Figures {
	world.traffic.reset();
	const firstSeq = speaker.seq;
	const duplicates = countDuplicates(world, listeners);
	return () => {
		const present = listeners.filter((one) => one.alive);
		const wanted = (speaker.seq - firstSeq) * present.length;
		const { traffic } = world;
		return {
			overhead: traffic.messages('frames') / wanted,
			overheadBytes: traffic.bytes('frames') / (wanted * FRAME_PACKET_BYTES),
			control: traffic.overheadBytes / (wanted * FRAME_PACKET_BYTES),
			controlChannel: traffic.bytes('control') / (wanted * FRAME_PACKET_BYTES),
			heartbeats: traffic.bytes('heartbeat') / (wanted * FRAME_PACKET_BYTES),
			repairTalk: (traffic.bytes('digest') + traffic.bytes('pull')) / (wanted * FRAME_PACKET_BYTES),
			duplicates: duplicates()
		};
	};
}

export function quantile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

export const shareOf = (values: readonly number[], accept: (value: number) => boolean): number =>
	values.filter(accept).length / values.length;
