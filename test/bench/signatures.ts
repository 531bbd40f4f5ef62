/**
 * What signed sound costs a listener of two who talk, in CPU time of all threads, beside one signature a packet;
 * and whether anything forged gets through. Real keys, real frames, no network.
 */
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import type { Keys } from '#lib/io/ports.ts';
import { createProver } from '#lib/p2p/peer/prover.ts';
import { createVerifier, type Verdict } from '#lib/p2p/peer/verifier.ts';
import { peerIdOf, type StreamId } from '#lib/p2p/wire/ids.ts';
import { decodePacket, encodeFrames, encodeVoice, type Frame } from '#lib/p2p/wire/packet.ts';
import type { Bench } from './bench.ts';
import { info, type Table } from './report.ts';

/** 20 ms at 32 kbit/s. */
const OPUS_BYTES = 80;
const TICKS_PER_S = 50;
const SPEAKERS = 2;
const TARGET_SHARE = 0.02;
/** Every so manyth frame is altered on its way in the last part. */
const FORGE_EVERY = 10;

interface Speaker {
	readonly keys: Keys;
	readonly stream: StreamId;
	/** Each packet as it travels. */
	readonly packets: readonly Uint8Array<ArrayBuffer>[];
}

export async function signatures({ effort }: Bench): Promise<Table> {
	const seconds = 5 * effort.countS;
	const speakers = await Promise.all(['aa', 'bb'].map((end) => speak(end, seconds)));
	// Once for the compiler, then for the figures.
	await listen(speakers, 5);
	const ours = await cpuShare(seconds, () => listen(speakers, seconds));
	const each = await cpuShare(seconds, () => verifyEach(speakers, seconds));
	const forging = await listen(speakers, seconds, FORGE_EVERY);
	const bytes = speakers[0]?.packets.reduce((sum, packet) => sum + packet.length, 0) ?? 0;
	const bare = (1 + 15 + OPUS_BYTES) * seconds * TICKS_PER_S;
	return {
		title: 'Signed sound',
		notes: [
			`${SPEAKERS} speakers for ${seconds} s, verified as fast as it goes; share of one core at the real pace.`,
			'Baseline: every packet has a signature of its own, verified.'
		],
		rows: [
			{
				what: 'CPU of a listener for hashes and signatures',
				ours: percent(ours.share),
				baseline: percent(each.share),
				target: `<= ${percent(TARGET_SHARE)}`,
				met: ours.share <= TARGET_SHARE
			},
			info('frames heard of those said', `${ours.result.heard} of ${ours.result.said}`),
			{
				what: `forged frames heard, of ${forging.forged} among ${forging.said}`,
				ours: String(forging.heardForged),
				baseline: '',
				target: '0',
				met: forging.heardForged === 0
			},
			info('true frames heard beside them', `${forging.heard} of ${forging.said - forging.forged}`),
			info('bytes the proofs add to the frames', percent(bytes / bare - 1))
		]
	};
}

async function speak(end: string, seconds: number): Promise<Speaker> {
	const keys = await createKeys(newKeySeed());
	const stream = `00112233445566${end}` as StreamId;
	const prover = createProver();
	const packets: Uint8Array<ArrayBuffer>[] = [];
	for (let seq = 1; seq <= seconds * TICKS_PER_S; seq++) {
		const opus = crypto.getRandomValues(new Uint8Array(OPUS_BYTES));
		const bytes = encodeVoice(stream, seq, 30, opus);
		const offered = prover.offer({ stream, seq, bytes, last: false, atMs: seq * 20 });
		const proven =
			offered.type === 'ready'
				? offered.bytes
				: prover.proved(offered.ticket, await keys.sign(offered.message));
		if (proven !== null) packets.push(encodeFrames([proven]));
	}
	return { keys, stream, packets };
}

interface Heard {
	said: number;
	heard: number;
	forged: number;
	heardForged: number;
}

async function listen(
	speakers: readonly Speaker[],
	seconds: number,
	forgeEvery = Infinity
): Promise<Heard> {
	const verifier = createVerifier();
	const counts: Heard = { said: 0, heard: 0, forged: 0, heardForged: 0 };
	const forged = new Set<string>();
	const take = ({ proven }: Verdict): void => {
		for (const { frame } of proven) {
			counts.heard++;
			if (forged.has(`${frame.stream} ${frame.seq}`)) counts.heardForged++;
		}
	};
	for (let tick = 0; tick < seconds * TICKS_PER_S; tick++) {
		for (const { keys, packets } of speakers) {
			const isForged = tick % forgeEvery === forgeEvery - 1;
			const frame = frameOf(packets[tick], isForged);
			if (frame === null) continue;
			counts.said++;
			if (isForged) {
				counts.forged++;
				forged.add(`${frame.stream} ${frame.seq}`);
			}
			const from = peerIdOf(keys.publicKey);
			const arrived = { frame, from, heard: false, passedOn: true, atMs: tick * 20 };
			const { verdict, check } = verifier.take(arrived);
			take(verdict);
			if (check === null) continue;
			const good = await keys.verify(keys.publicKey, check.message, check.signature);
			take(verifier.checked(check.ticket, good));
		}
	}
	return counts;
}

async function verifyEach(speakers: readonly Speaker[], seconds: number): Promise<number> {
	let good = 0;
	const signed = await Promise.all(
		speakers.map(async ({ keys, packets }) => ({
			keys,
			packet: packets[0] ?? new Uint8Array(0),
			signature: await keys.sign(packets[0] ?? new Uint8Array(0))
		}))
	);
	for (let tick = 0; tick < seconds * TICKS_PER_S; tick++) {
		for (const { keys, packet, signature } of signed) {
			if (await keys.verify(keys.publicKey, packet, signature)) good++;
		}
	}
	return good;
}

/** Alters the last byte of the sound where `forge`. */
function frameOf(packet: Uint8Array | undefined, forge: boolean): Frame | null {
	if (packet === undefined) return null;
	const bytes = packet.slice();
	if (forge) bytes[1 + 15 + OPUS_BYTES - 1] = (bytes[1 + 15 + OPUS_BYTES - 1] ?? 0) ^ 0xff;
	const decoded = decodePacket(bytes);
	return decoded?.type === 'frames' ? (decoded.frames[0] ?? null) : null;
}

/** CPU time of all threads of this program, as a share of the time the sound lasts. */
async function cpuShare<T>(
	seconds: number,
	work: () => Promise<T>
): Promise<{ readonly share: number; readonly result: T }> {
	const before = process.cpuUsage();
	const result = await work();
	const { user, system } = process.cpuUsage(before);
	return { share: (user + system) / 1e6 / seconds, result };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
