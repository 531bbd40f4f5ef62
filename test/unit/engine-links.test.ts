import { describe, expect, it } from 'vitest';
import { createEngineLinks } from '#lib/app/engine/links.ts';
import type { DataChannel } from '#lib/io/ports.ts';
import type { PeerInput } from '#lib/p2p/peer/io.ts';
import { peerIdOf } from '#lib/p2p/wire/ids.ts';
import { lastWord } from '#lib/p2p/wire/last-word.ts';
import { LAST_WORDS_MS } from '#lib/p2p/wire/limits.ts';
import { encodeFrames, encodeVoice } from '#lib/p2p/wire/packet.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
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
	let readyState: RTCDataChannelState = 'open';
	const channel: DataChannel = {
		get readyState() {
			return readyState;
		},
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
	const hear = (bytes: Uint8Array): void => {
		channel.onmessage?.(new MessageEvent('message', { data: bytes.slice().buffer }));
	};
	const become = (next: 'connecting' | 'open' | 'closed'): void => {
		readyState = next;
		if (next === 'open') channel.onopen?.(new Event('open'));
		if (next === 'closed') channel.onclose?.(new Event('close'));
	};
	return { channel, waiting, hear, become };
}

function setup() {
	const useless: string[] = [];
	const inputs: PeerInput[] = [];
	const clock = createFakeClock();
	const links = createEngineLinks({
		clock,
		onInput: (input) => {
			if (input.type !== 'opened') inputs.push(input);
		},
		onUseless: (peer) => useless.push(peer)
	});
	const channels = new Map(
		[ann, bob].map((peer) => [peer, { audio: stuckChannel(), control: stuckChannel() }])
	);
	for (const [peer, { audio, control }] of channels)
		links.take(peer, { audio: audio.channel, control: control.channel });
	return { links, clock, useless, inputs, of: (peer: typeof ann) => channels.get(peer)! };
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

	it('is told from the others by what was due on it and dropped, for as long as it lasts', () => {
		const { links, of } = setup();
		for (let seq = 0; seq < 500; seq++) {
			links.datagram([ann, bob], packetOf(seq));
			of(bob).audio.waiting.length = 0;
		}
		const lost = 500 - of(ann).audio.waiting.length;
		expect(links.unsentBy).toEqual({
			[ann]: { due: 500, unsent: lost },
			[bob]: { due: 500, unsent: 0 }
		});
		links.drop(ann);
		links.close(bob);
		links.datagram([ann, bob], packetOf(500));
		expect(links.unsentBy).toEqual({});
		links.take(ann, { audio: of(ann).audio.channel, control: of(ann).control.channel });
		links.datagram([ann], packetOf(501));
		expect(links.unsentBy).toEqual({ [ann]: { due: 1, unsent: 1 } });
		expect(links.unsent).toBe(lost + 3);
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

describe('a link that is closed', () => {
	it('says so behind all else, and has its connection until the other side has closed it', () => {
		const { links, clock, useless, of } = setup();
		links.control(ann, Uint8Array.of(1));
		links.close(ann);
		links.control(ann, Uint8Array.of(2));
		links.datagram([ann], packetOf(0));
		const { control, audio } = of(ann);
		expect(control.waiting).toEqual([Uint8Array.of(1), lastWord()]);
		expect(audio.waiting).toEqual([]);
		clock.advance(LAST_WORDS_MS - 1);
		expect(useless).toEqual([]);
		links.drop(ann);
		clock.advance(LAST_WORDS_MS);
		expect(useless).toEqual([]);
	});

	it('is of no use once the other side has said its last word, and not before', () => {
		const { useless, inputs, of } = setup();
		of(ann).control.hear(Uint8Array.of(1, 5));
		expect([inputs.length, useless]).toEqual([1, []]);
		of(ann).control.hear(lastWord());
		expect([inputs.length, useless]).toEqual([1, [ann]]);
	});

	it('is closed by both at once without waiting', () => {
		const { links, clock, useless, inputs, of } = setup();
		links.close(ann);
		of(ann).control.hear(Uint8Array.of(1, 5));
		expect(useless).toEqual([]);
		of(ann).control.hear(lastWord());
		expect([inputs, useless, clock.alarms()]).toEqual([[], [ann], 0]);
	});

	it('is given up at once where it takes no last word', () => {
		const { links, useless, of } = setup();
		links.control(ann, new Uint8Array(2 * 1024 * 1024));
		links.close(ann);
		expect(useless).toEqual([ann]);
		expect(of(ann).control.waiting).toHaveLength(1);
	});

	it('is given up where the other side does not close', () => {
		const { links, clock, useless } = setup();
		links.close(ann);
		clock.advance(LAST_WORDS_MS);
		expect(useless).toEqual([ann]);
		expect(clock.alarms()).toBe(0);
	});

	it('makes room at once for another with the same peer', () => {
		const { links, clock, useless, of } = setup();
		links.close(ann);
		links.cutShort(ann);
		links.cutShort(bob);
		expect(useless).toEqual([ann]);
		links.take(ann, { audio: of(ann).audio.channel, control: of(ann).control.channel });
		clock.advance(LAST_WORDS_MS);
		expect(useless).toEqual([ann]);
	});

	it('that was never open is closed at once, and nothing was lost with it', () => {
		const { links, useless } = setup();
		links.drop(ann);
		links.close(ann);
		expect([useless, links.unsent]).toEqual([[ann], 0]);
	});

	it('is waited for with all the others, where all are', async () => {
		const { links, clock, useless } = setup();
		let over = false;
		const waited = links.closeAll().then(() => (over = true));
		links.drop(ann);
		await Promise.resolve();
		expect(over).toBe(false);
		clock.advance(LAST_WORDS_MS);
		await waited;
		expect(useless).toEqual([bob]);
		await links.closeAll();
	});
});

describe('a link of which one channel is open', () => {
	const words = [Uint8Array.of(1, 0), Uint8Array.of(1, 5)];

	/** Ann's sound may flow, and her words come, before ours can be said. */
	function halfOpen() {
		const all: PeerInput[] = [];
		const useless: string[] = [];
		const [audio, control] = [stuckChannel(), stuckChannel()];
		control.become('connecting');
		const links = createEngineLinks({
			clock: createFakeClock(),
			onInput: (input) => all.push(input),
			onUseless: (peer) => useless.push(peer)
		});
		links.take(ann, { audio: audio.channel, control: control.channel });
		return { links, all, useless, audio, control };
	}

	it('holds what is said on it until we can answer, and lets sound go by', () => {
		const { all, useless, audio, control } = halfOpen();
		audio.hear(packetOf(1));
		for (const word of words) control.hear(word);
		expect(all).toEqual([]);
		control.become('open');
		expect(all).toEqual([
			{ type: 'opened', peer: ann },
			...words.map((bytes) => ({ type: 'control', from: ann, bytes }))
		]);
		audio.hear(packetOf(2));
		expect(all.at(-1)).toEqual({ type: 'datagram', from: ann, bytes: packetOf(2) });
		expect(useless).toEqual([]);
	});

	it('that closes before it is open has the outcome of its connection, and none of ours', () => {
		const { all, useless, control } = halfOpen();
		control.become('closed');
		expect([all, useless]).toEqual([[], []]);
	});

	it('of which the other side has said its last word was heard until then', () => {
		const { all, useless, control } = halfOpen();
		for (const word of words) control.hear(word);
		control.hear(lastWord());
		expect(all.map(({ type }) => type)).toEqual(['opened', 'control', 'control']);
		expect(useless).toEqual([ann]);
	});

	it('says nothing of one that another has taken the place of', () => {
		const { links, all, useless, control } = halfOpen();
		control.hear(Uint8Array.of(1, 0));
		const again = stuckChannel();
		links.take(ann, { audio: again.channel, control: again.channel });
		all.length = 0;
		control.become('open');
		control.become('closed');
		expect([all, useless]).toEqual([[], []]);
	});

	it('is given up where somebody talks on without end', () => {
		const { useless, control } = halfOpen();
		for (let i = 0; i < 1_000 && useless.length === 0; i++) control.hear(Uint8Array.of(1, 5));
		expect(useless).toEqual([ann]);
	});
});
