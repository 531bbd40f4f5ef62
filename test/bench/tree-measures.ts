/** What several scenarios measure in the same way. */
import { decodePacket } from '#lib/p2p/wire/packet.ts';
import { countDuplicates } from '../sim/gauge.ts';
import { OPUS_BYTES, type Member } from '../sim/member.ts';
import type { World } from '../sim/world.ts';
import type { Figures } from './tree-scenario.ts';

/** Kind, stream, number, level and length around the sound of one frame, without a proof. */
const PLAIN_FRAME_BYTES = 1 + 8 + 4 + 1 + 2 + OPUS_BYTES;

/**
 * From now until it is asked, against what is wanted: each frame as its speaker made it, its proof included, once at
 * each listener. Packets and bytes of frames that were sent, and the bytes of everything else; copies that came.
 */
export function overheadOf(
	world: World,
	listeners: readonly Member[],
	speaker: Member
): () => Figures {
	world.traffic.reset();
	const firstSeq = speaker.seq;
	const duplicates = countDuplicates(world, listeners);
	const frameBytes = weighFrames(world, speaker);
	return () => {
		const present = listeners.filter((one) => one.alive);
		const frames = (speaker.seq - firstSeq) * present.length;
		const wanted = frames * frameBytes();
		const { traffic } = world;
		return {
			packets: traffic.messages('frames') / frames,
			overhead: traffic.bytes('frames') / wanted,
			proofs: frameBytes() / PLAIN_FRAME_BYTES - 1,
			control: traffic.overheadBytes / wanted,
			controlChannel: traffic.bytes('control') / wanted,
			heartbeats: traffic.bytes('heartbeat') / wanted,
			repairTalk: (traffic.bytes('digest') + traffic.bytes('pull')) / wanted,
			duplicates: duplicates()
		};
	};
}

/** The mean size of a frame as `speaker` makes it, from what its own children get; with the byte of its packet. */
function weighFrames(world: World, speaker: Member): () => number {
	const sizes = new Map<number, number>();
	world.taps.push((from, _, bytes) => {
		if (from !== speaker.id) return;
		const packet = decodePacket(bytes);
		if (packet?.type !== 'frames') return;
		for (const frame of packet.frames) sizes.set(frame.seq, 1 + frame.bytes.length);
	});
	return () => [...sizes.values()].reduce((a, b) => a + b, 0) / sizes.size;
}

export function quantile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

export const shareOf = (values: readonly number[], accept: (value: number) => boolean): number =>
	values.filter(accept).length / values.length;
