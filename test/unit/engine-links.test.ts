import { describe, expect, it } from 'vitest';
import { createEngineLinks } from '#lib/app/engine/links.ts';
import type { DataChannel } from '#lib/io/ports.ts';
import { peerIdOf } from '#lib/p2p/wire/ids.ts';
import { encodeFrames, encodeVoice } from '#lib/p2p/wire/packet.ts';
import { person } from './room-people.ts';

const ann = peerIdOf(person(1).key);
const bob = peerIdOf(person(2).key);
const TICK_MS = 20;
/** 32 kbit/s, in a frame of 20 ms. */
const packetOf = (seq: number) =>
	encodeFrames([encodeVoice('0011223344556677' as never, seq, 30, new Uint8Array(80).fill(1))]);

/** Takes what it is given and keeps it, as a channel does whose line is down. */
function stuckChannel() {
	const waiting: Uint8Array[] = [];
	const channel: DataChannel = {
		readyState: 'open',
		get bufferedAmount() {
			return waiting.reduce((sum, one) => sum + one.length, 0);
		},
		binaryType: 'arraybuffer',
		onopen: null,
		onclose: null,
		onmessage: null,
		send: (data) => void waiting.push(new Uint8Array(data as ArrayBuffer)),
		close: () => undefined
	};
	return { channel, waiting };
}

function setup() {
	const useless: string[] = [];
	const links = createEngineLinks({
		onInput: () => undefined,
		onUseless: (peer) => useless.push(peer)
	});
	const channels = new Map(
		[ann, bob].map((peer) => [peer, { audio: stuckChannel(), control: stuckChannel() }])
	);
	for (const [peer, { audio, control }] of channels)
		links.take(peer, { audio: audio.channel, control: control.channel });
	return { links, useless, of: (peer: typeof ann) => channels.get(peer)! };
}

describe('a link whose line is down', () => {
	it('keeps no more sound for later than a second of one voice, however long that takes', () => {
		const { links, of } = setup();
		const ticks = 60_000 / TICK_MS;
		for (let seq = 0; seq < ticks; seq++) links.datagram([ann], packetOf(seq));
		const { waiting } = of(ann).audio;
		expect(waiting.length * TICK_MS).toBeLessThanOrEqual(1_000);
		expect(links.unsent).toBe(ticks - waiting.length);
	});

	it('takes sound again as soon as what waited has gone, beginning with what is new', () => {
		const { links, of } = setup();
		for (let seq = 0; seq < 500; seq++) links.datagram([ann], packetOf(seq));
		const { waiting } = of(ann).audio;
		waiting.length = 0;
		links.datagram([ann], packetOf(500));
		expect(waiting).toEqual([packetOf(500)]);
	});

	it('holds up nobody else', () => {
		const { links, of } = setup();
		for (let seq = 0; seq < 500; seq++) {
			links.datagram([ann, bob], packetOf(seq));
			of(bob).audio.waiting.length = 0;
		}
		expect(links.unsent).toBe(500 - of(ann).audio.waiting.length);
	});

	it('counts as sent what the channels took, and nothing that was dropped', () => {
		const { links, of } = setup();
		for (let seq = 0; seq < 500; seq++) links.datagram([ann], packetOf(seq));
		links.control(bob, new Uint8Array(1_000));
		links.drop(bob);
		links.control(bob, new Uint8Array(1_000));
		links.datagram([bob], packetOf(0));
		expect(links.sentBytes).toBe(of(ann).audio.channel.bufferedAmount + 1_000);
	});

	it('is given up where it takes no messages either, and those are not kept without end', () => {
		const { links, useless, of } = setup();
		const message = new Uint8Array(32 * 1024);
		for (let i = 0; i < 1_000 && useless.length === 0; i++) links.control(ann, message);
		expect(useless).toEqual([ann]);
		expect(of(ann).control.channel.bufferedAmount).toBeLessThan(2 * 1024 * 1024);
	});
});
