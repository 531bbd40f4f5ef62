/**
 * The relay whose throughput is measured, in a process of its own: the links of the run loop, with the core between
 * them or with nothing between them. The core lives 20 ms in each packet, whatever the time is: many rooms' worth
 * of packets through one. What its time asks for (ticks, the heartbeats of children) is done as often as it would be.
 * Proofs are checked with real keys. The core is told so at once, for while a check runs more of its time goes by than
 * in a second of the real one; a proof that does not hold ends the measurement.
 */
import { createEngineLinks, type EngineLinks } from '#lib/app/engine/links.ts';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import type { PeerOutput } from '#lib/p2p/peer/io.ts';
import { encodeHeartbeat, UNCOUNTED } from '#lib/p2p/wire/packet.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { lonePeer, type LonePeer } from '../lib/lone-peer.ts';
import { host, person } from '../unit/room-people.ts';
import { oneVoice, sourceKeys } from './throughput-packets.ts';
import { openWires, tell, type Order } from './throughput-wires.ts';

const children = Number(process.argv[2]);
const withCore = process.argv[3] === 'core';
const MY_NUMBER = 100;
const PACKET_MS = 20;
const PACKETS_PER_TICK = 5;
/** A child tells its parent once a second. */
const PACKETS_PER_BEAT = 50;

const childPeers = Array.from({ length: children }, (_, i) => person(200 + i).peer);
const keys = await sourceKeys();
const lone = withCore ? newCore() : null;
let received = 0;
let sent = 0;
let since = readings();

const links: EngineLinks = createEngineLinks({
	clock: createSystemClock(),
	onInput(input) {
		if (input.type !== 'datagram' || input.from !== host.peer) return;
		received++;
		if (lone === null) pass(childPeers, input.bytes);
		else live(lone, input.bytes);
	},
	onUseless: (peer) => {
		throw new Error(`The link with ${peer} is of no use.`);
	}
});
const signal = openWires(1 + children, false, (link, channels) => {
	links.take(link === 0 ? host.peer : (childPeers[link - 1] ?? host.peer), channels);
});

function newCore(): LonePeer {
	const made = lonePeer(MY_NUMBER, { fanout: children });
	made.learn(...oneVoice().events);
	made.attachTo(host.peer, [host.peer]);
	for (const peer of childPeers) made.letIn(peer, 'parent');
	return made;
}

function live(core: LonePeer, bytes: Uint8Array<ArrayBuffer>): void {
	core.nowMs += PACKET_MS;
	carry(core.feed({ type: 'datagram', from: host.peer, bytes }));
	if (received % PACKETS_PER_TICK === 0) carry(core.feed({ type: 'tick' }));
	if (received % PACKETS_PER_BEAT === 0) for (const peer of childPeers) beat(core, peer);
}

function beat(core: LonePeer, from: PeerId): void {
	const bytes = encodeHeartbeat({ stampMs: core.nowMs >>> 0, echoMs: 0, heldMs: 0, ...UNCOUNTED });
	carry(core.feed({ type: 'datagram', from, bytes }));
}

function carry(outputs: readonly PeerOutput[]): void {
	for (const output of outputs) {
		if (output.type === 'datagram') pass(output.to, output.bytes);
		else if (output.type === 'check') check(output);
	}
}

function check({ ticket, message, signature }: Extract<PeerOutput, { type: 'check' }>): void {
	void keys.verify(keys.publicKey, message, signature).then((good) => {
		if (!good) throw new Error('A proof of the source does not hold.');
	});
	if (lone !== null) carry(lone.feed({ type: 'checked', ticket, good: true }));
}

/** A relay that has left its source, or been left, measures nothing. */
function assertCarries({ peer, nowMs }: LonePeer): void {
	const { parent, children: carried, drops } = peer.diagnostics(nowMs);
	if (parent === host.peer && carried.length === children) return;
	throw new Error(
		`It carries ${carried.length}, its parent is ${parent}: ${JSON.stringify(drops)}`
	);
}

function pass(to: readonly PeerId[], bytes: Uint8Array<ArrayBuffer>): void {
	links.datagram(to, bytes);
	sent += to.length;
}

function readings() {
	return {
		atMs: performance.now(),
		cpu: process.cpuUsage(),
		main: process.threadCpuUsage(),
		unsent: 0
	};
}

function count(): void {
	if (lone !== null) assertCarries(lone);
	const [cpu, main] = [process.cpuUsage(since.cpu), process.threadCpuUsage(since.main)];
	const unsent = links.unsent - since.unsent;
	tell({
		type: 'counted',
		counts: {
			received,
			sent: sent - unsent,
			unsent,
			seconds: (performance.now() - since.atMs) / 1000,
			cpuS: (cpu.user + cpu.system) / 1e6,
			mainS: (main.user + main.system) / 1e6
		}
	});
}

process.on('message', (order: Order) => {
	switch (order.type) {
		case 'signal':
			return signal(order);
		case 'send':
			return;
		case 'reset':
			[received, sent] = [0, 0];
			since = { ...readings(), unsent: links.unsent };
			return;
		case 'count':
			return count();
	}
});
process.on('disconnect', () => {
	process.exit(0);
});
