/** One of the calibration's real peers, in a process of its own: place 0 is the host, who talks when told to. */
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { createKeys, KEY_SEED_BYTES } from '#lib/io/keys/keys.ts';
import { fetchSeedInfo } from '#lib/io/net/seed-info.ts';
import { peerIdOf, roomIdOf, type PeerId } from '#lib/p2p/wire/ids.ts';
import { startHeadlessPeer, type HeadlessPeer } from '../../src/seed/headless-peer.ts';
import { createTraffic } from '../sim/traffic.ts';
import { createWires, type End } from '../sim/wires.ts';
import type { PeerFacts, PeerOrder } from './calibrate-real.ts';
import { shapeLink } from './calibrate-shape.ts';
import { FANOUT, FRAME_MS, LISTENERS, LOOK_MS, numberOf, WIRES } from './calibrate-scenario.ts';
import { preciseMs } from './throughput-packets.ts';

const [seedUrl = '', placeText = '0', seedText = '1'] = process.argv.slice(2);
const place = Number(placeText);
const seed = Number(seedText);
const NONCE = new Uint8Array(8).fill(seed);
const OPUS_BYTES = 80;
/** A minute of one speaker. */
const FRAMES_MAX = 3_000;

const wires = createWires(WIRES, seed);
const traffic = createTraffic();
const ends = new Map<PeerId, End>();
const frames: { readonly saidMs: number; readonly delayMs: number }[] = [];
const parents: { readonly atMs: number; readonly parent: string | null }[] = [];
const saidMs: number[] = [];
let talking = false;

const keySeedOf = (of: number): Uint8Array => new Uint8Array(KEY_SEED_BYTES).fill(of + 1);

/** Everybody's identity follows from its place, so that each knows how far it is from whom. */
async function endAt(of: number): Promise<End> {
	const { publicKey } = await createKeys(keySeedOf(of));
	const number = numberOf(of);
	return { number, id: peerIdOf(publicKey), place: wires.placeOf(number) };
}

async function join(): Promise<HeadlessPeer> {
	const all = await Promise.all(Array.from({ length: LISTENERS + 1 }, (_, of) => endAt(of)));
	for (const end of all) ends.set(end.id, end);
	const me = all[place];
	const answer = await fetchSeedInfo(seedUrl);
	const { publicKey: hostKey } = await createKeys(keySeedOf(0));
	if (me === undefined || !answer.ok) throw new Error('The seed of the calibration is broken.');
	return startHeadlessPeer({
		seeds: answer.info.seeds,
		iceServers: answer.info.iceServers,
		room: roomIdOf(hostKey, NONCE),
		name: `Peer ${place}`,
		fanout: FANOUT,
		clock: createSystemClock(),
		keySeed: keySeedOf(place),
		opening: place === 0 ? { title: 'Real', nonce: NONCE, createdAtMs: Date.now() } : null,
		shape(peer, channels) {
			const other = ends.get(peer);
			return other ? shapeLink(channels, wires.line(me, other), traffic) : channels;
		},
		onSound(inputs) {
			for (const input of inputs) {
				if (input.type !== 'frame' || input.opus.length !== OPUS_BYTES) continue;
				const { buffer, byteOffset } = input.opus;
				const atMs = new DataView(buffer, byteOffset).getFloat64(1);
				if (frames.length < FRAMES_MAX) frames.push({ saidMs: atMs, delayMs: preciseMs() - atMs });
			}
		},
		onStatus: () => undefined
	});
}

const peer = await join();
setInterval(() => {
	const { parent } = peer.engine.diagnostics();
	if (parent !== parents.at(-1)?.parent) parents.push({ atMs: preciseMs(), parent });
}, LOOK_MS);

/** One frame in every tick, however late the timers of this machine are. */
function talk(): void {
	talking = true;
	peer.wish({ type: 'unmute' });
	const startMs = preciseMs();
	let seq = 0;
	const speak = (): void => {
		if (!talking) return;
		for (; startMs + seq * FRAME_MS <= preciseMs(); seq++) say(seq + 1);
		setTimeout(speak, startMs + seq * FRAME_MS - preciseMs());
	};
	speak();
}

function say(seq: number): void {
	const opus = new Uint8Array(OPUS_BYTES).fill(seq & 0xff);
	opus[0] = 0x78;
	const nowMs = preciseMs();
	new DataView(opus.buffer).setFloat64(1, nowMs);
	if (saidMs.length < FRAMES_MAX) saidMs.push(nowMs);
	peer.engine.feed({ type: 'voice', seq, level: 20, opus });
}

function facts(fromMs: number, toMs: number): PeerFacts {
	const { depth, parent, children } = peer.engine.diagnostics();
	const isAsked = (ms: number): boolean => ms >= fromMs && ms < toMs;
	const heard = frames.filter((frame) => isAsked(frame.saidMs));
	return {
		me: peer.peer,
		depth,
		parent,
		children: children.length,
		said: saidMs.filter(isAsked).length,
		delaysMs: heard.map(({ delayMs }) => delayMs),
		parents,
		traffic: {
			frameBytes: traffic.bytes('frames'),
			otherBytes: traffic.overheadBytes,
			framePackets: traffic.messages('frames'),
			pulls: traffic.messages('pull')
		}
	};
}

process.on('message', (order: PeerOrder) => {
	switch (order.type) {
		case 'talk':
			return talk();
		case 'reset':
			traffic.reset();
			return;
		case 'facts':
			process.send?.(facts(order.fromMs, order.toMs));
			return;
	}
});
process.on('disconnect', () => {
	process.exit(0);
});
