import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEngineLinks } from '#lib/app/engine/links.ts';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { encodeLinkMessage } from '#lib/io/link/signals.ts';
import { nodeSimplePeer } from '#lib/io/link/node-simple-peer.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import {
	CONNECTIONS_MADE_MAX,
	CONTROL_BYTES_MAX,
	KNOCK_BYTES_MAX,
	KNOCKS_PER_PEER_MAX,
	LINK_ATTEMPTS_MAX,
	LINK_OPEN_MS
} from '#lib/p2p/wire/limits.ts';
import { createFakeWebRtc } from '../lib/fake-simple-peer.ts';
import {
	link,
	linkVillage,
	linked,
	linksContract,
	PATIENCE,
	told,
	type LinkPeer
} from './links-contract.ts';

const HELLO = Uint8Array.of(1);
const YES = { admit: true } as const;
/** Where nobody waits for them, one in three is lost. */
const WORDS = [1, 2, 3, 4, 5];
const FAREWELLS = 20;

linksContract('links over a fake WebRTC', () => createFakeWebRtc().simplePeer);
linksContract('links over node-datachannel', () => nodeSimplePeer);

const stops: (() => void)[] = [];
afterEach(() => {
	for (const stop of stops.splice(0)) stop();
});

function setup() {
	const webRtc = createFakeWebRtc();
	const village = linkVillage(webRtc.simplePeer);
	stops.push(village.stop);
	return { webRtc, ...village, alice: village.join('alice'), bob: village.join('bob') };
}

describe('links, at their limits,', () => {
	it('give up on a link that is admitted and never opens', async () => {
		const { alice, bob, clock, webRtc } = setup();
		webRtc.block();
		alice.links.open(bob.contact, HELLO);
		await told(bob, 'knock alice');
		bob.links.answer(bob.knock().ticket, YES);
		await vi.waitFor(() => expect(webRtc.living()).toBe(2));
		clock.advance(LINK_OPEN_MS);
		await told(alice, 'channels bob', 'closed bob', 'failed bob, who answered');
		await told(bob, 'knock alice', 'channels alice', 'closed alice');
		await vi.waitFor(() => expect(webRtc.living()).toBe(0));
	});

	it('make no more attempts at once than they may', () => {
		const { alice, join } = setup();
		const others = Array.from({ length: LINK_ATTEMPTS_MAX + 1 }, (_, i) => join(`peer ${i}`));
		for (const other of others) alice.links.open(other.contact, HELLO);
		const given = others.slice(0, LINK_ATTEMPTS_MAX).map(({ id }) => `channels ${id}`);
		expect(alice.story).toEqual([...given, `failed ${others.at(-1)?.id}`]);
	});

	it('make no more connections in a minute than the browser can collect', () => {
		const { alice, bob, clock } = setup();
		for (let i = 0; i <= CONNECTIONS_MADE_MAX; i++) {
			alice.links.open(bob.contact, HELLO);
			alice.links.close(bob.id);
		}
		expect(alice.story.filter((line) => line === 'channels bob')).toHaveLength(
			CONNECTIONS_MADE_MAX
		);
		expect(alice.story.at(-1)).toBe('failed bob');
		clock.advance(60_000);
		alice.links.open(bob.contact, HELLO);
		expect(alice.story.at(-1)).toBe('channels bob');
	});

	it('fail where the browser makes no connection, and close on who was admitted', async () => {
		const { alice, bob, webRtc } = setup();
		alice.links.open(bob.contact, HELLO);
		await told(bob, 'knock alice');
		webRtc.refuse();
		bob.links.answer(bob.knock().ticket, YES);
		await told(alice, 'channels bob', 'closed bob', 'failed bob');
		bob.links.open(alice.contact, HELLO);
		expect(bob.story).toEqual(['knock alice', 'failed alice']);
	});

	it('hear no more knocks of one peer than they may', async () => {
		const { alice, bob } = setup();
		for (let i = 0; i < KNOCKS_PER_PEER_MAX + 3; i++) {
			const stream = await alice.net.signalling.open(bob.contact, AbortSignal.timeout(1_000));
			stream.listen({ message: () => undefined, closed: () => undefined });
			stream.send(encodeLinkMessage({ type: 'knock', knock: HELLO }));
		}
		await new Promise((resolve) => setImmediate(resolve));
		expect(bob.story).toEqual(Array.from({ length: KNOCKS_PER_PEER_MAX }, () => 'knock alice'));
	});
});

describe('links over node-datachannel, whose own queue is short,', () => {
	it('bring the largest messages whole and in order, and all that is left in hand last', async () => {
		const { alice, bob } = await pairInNode();
		const [out, into] = [alice.channels.get(bob.id)?.control, bob.channels.get(alice.id)?.control];
		if (!out || !into) throw new Error('There is no link.');
		const sizes = [CONTROL_BYTES_MAX, 1, CONTROL_BYTES_MAX, CONTROL_BYTES_MAX, 2, 3];
		const arrived = new Promise<number[]>((resolve) => {
			const lengths: number[] = [];
			into.binaryType = 'arraybuffer';
			into.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
				if (lengths.push(data.byteLength) === sizes.length) resolve(lengths);
			};
		});
		for (const size of sizes) out.send(new Uint8Array(size));
		expect(out.bufferedAmount).toBeGreaterThan(CONTROL_BYTES_MAX);
		expect(await arrived).toEqual(sizes);
		expect(out.bufferedAmount).toBe(0);
	});

	it('bring the last words of whoever closes, each time', async () => {
		for (let i = 0; i < FAREWELLS; i++) expect(await farewell()).toEqual(WORDS);
	});
});

async function pairInNode(): Promise<Record<'alice' | 'bob', LinkPeer>> {
	const village = linkVillage(nodeSimplePeer);
	stops.push(village.stop);
	const [alice, bob] = [village.join('alice'), village.join('bob')];
	await link(village, alice, bob);
	return { alice, bob };
}

/** Alice says WORDS to Bob and closes at once. Gives what Bob has heard when the link is closed for both. */
async function farewell(): Promise<number[]> {
	const { alice, bob } = await pairInNode();
	const heard: number[] = [];
	const clock = createSystemClock();
	const [ofAlice] = [alice, bob].map((me) => {
		const other = me === alice ? bob : alice;
		const engine = createEngineLinks({
			clock,
			onInput(input) {
				if (input.type === 'control') heard.push(input.bytes[0] ?? 0);
			},
			onUseless: (peer) => me.links.close(peer)
		});
		const channels = me.channels.get(other.id);
		if (channels) engine.take(other.id, channels);
		return engine;
	});
	for (const word of WORDS) ofAlice?.control(bob.id, new Uint8Array(300).fill(word));
	ofAlice?.close(bob.id);
	await vi.waitFor(() => {
		expect([alice.story.at(-1), bob.story.at(-1)]).toEqual(['closed bob', 'closed alice']);
	}, PATIENCE);
	return heard;
}

describe('links, among strangers,', () => {
	it.each([
		['nothing of ours', Uint8Array.of(77)],
		[
			'a signal before the knock',
			encodeLinkMessage({ type: 'signal', signal: { type: 'offer', sdp: 'x' } })
		],
		['a refusal', encodeLinkMessage({ type: 'refuse', refusal: HELLO })],
		[
			'a knock too long',
			encodeLinkMessage({ type: 'knock', knock: new Uint8Array(KNOCK_BYTES_MAX + 1) })
		]
	])('close the door on who says %s', async (_, message) => {
		const { alice, bob } = setup();
		const stream = await alice.net.signalling.open(bob.contact, AbortSignal.timeout(1_000));
		const closed = new Promise<void>((resolve) => {
			stream.listen({ message: () => undefined, closed: resolve });
		});
		stream.send(message);
		await closed;
		expect(bob.story).toEqual([]);
	});

	it('do not hear an offer of media, and give the link up in time', async () => {
		const { alice, bob, clock } = setup();
		const stream = await alice.net.signalling.open(bob.contact, AbortSignal.timeout(1_000));
		stream.listen({ message: () => undefined, closed: () => undefined });
		const sdp = 'v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n';
		stream.send(encodeLinkMessage({ type: 'knock', knock: HELLO }));
		await told(bob, 'knock alice');
		bob.links.answer(bob.knock().ticket, YES);
		stream.send(encodeLinkMessage({ type: 'signal', signal: { type: 'offer', sdp } }));
		await new Promise((resolve) => setImmediate(resolve));
		clock.advance(LINK_OPEN_MS);
		await told(bob, 'knock alice', 'channels alice', 'closed alice');
	});

	it('ask again when a knock is followed by another, and forget the first', async () => {
		const { alice, bob } = setup();
		alice.links.open(bob.contact, HELLO);
		await told(bob, 'knock alice');
		const first = bob.knock().ticket;
		alice.links.close(bob.id);
		alice.links.open(bob.contact, Uint8Array.of(2));
		await told(bob, 'knock alice', 'knock alice');
		bob.links.answer(first, YES);
		expect(bob.story).toEqual(['knock alice', 'knock alice']);
		bob.links.answer(bob.knock().ticket, YES);
		await linked(alice, bob);
		expect(bob.knock()).toMatchObject({ from: 'alice' as PeerId, bytes: Uint8Array.of(2) });
	});
});
