import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngineLinks } from '#lib/app/engine/links.ts';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { browserSimplePeer, closeOnPagehide } from '#lib/io/link/browser-simple-peer.ts';
import { handOver } from '#lib/io/link/hand-over.ts';
import { createLinks } from '#lib/io/link/simple-peer-links.ts';
import type { DataChannel, LinkChannels, Links } from '#lib/io/ports.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { lastWord } from '#lib/p2p/wire/last-word.ts';
import { createFakeNetwork, type FakeNetwork } from '../lib/fake-network.ts';
import type { EchoReport, Farewell } from './link-echo.worker.ts';
import EchoWorker from './link-echo.worker.ts?worker';

const PATIENCE = { timeout: 10_000, interval: 10 };
/** Said just before the end. */
const LAST_WORDS = 8;
const ALICE = 'alice' as PeerId;
const BOB = 'bob' as PeerId;

let network: FakeNetwork;
const stops: (() => void)[] = [];

beforeEach(() => {
	network = createFakeNetwork();
});
afterEach(() => {
	for (const stop of stops.splice(0)) stop();
});

/** A peer that admits everybody and does with its channels what it is told to. */
function join(id: PeerId, onChannels: (peer: PeerId, channels: LinkChannels) => void) {
	const net = network.join(id);
	const story: string[] = [];
	const links: Links = createLinks({
		me: id,
		signalling: net.signalling,
		simplePeer: browserSimplePeer,
		iceServers: [],
		clock: createSystemClock(),
		onEvent(event) {
			story.push(event.type);
			if (event.type === 'knock') links.answer(event.ticket, { admit: true });
			if (event.type === 'channels') onChannels(event.peer, event.channels);
		}
	});
	stops.push(() => {
		links.stop();
	});
	return { links, story };
}

/** A Worker that echoes, and the part of its reports that is asked for. */
function echoWorker() {
	const worker = new EchoWorker();
	const reports: EchoReport[] = [];
	worker.onmessage = ({ data }: MessageEvent<EchoReport>) => reports.push(data);
	stops.push(() => {
		worker.terminate();
	});
	return {
		worker,
		reports,
		seen: (event: EchoReport['event']) =>
			reports.filter((report) => report.event === event).map(({ kind }) => kind)
	};
}

/** Resolves when the Worker has heard that nothing waits on its control channel any more: it is asked until it says so. */
async function sent({ worker, reports }: ReturnType<typeof echoWorker>): Promise<void> {
	const told = (): EchoReport[] =>
		reports.filter(({ event, kind }) => event === 'waiting' && kind === 'control');
	do {
		const before = told().length;
		const ask: EchoReport['event'] = 'waiting';
		worker.postMessage(ask);
		await vi.waitFor(() => expect(told().length).toBeGreaterThan(before), PATIENCE);
	} while (told().at(-1)?.bufferedAmount !== 0);
}

/** A channel as in a browser that cannot transfer any: the same, but not of the browser's own kind. */
function untransferable(channel: DataChannel): DataChannel {
	return {
		get readyState() {
			return channel.readyState;
		},
		get bufferedAmount() {
			return channel.bufferedAmount;
		},
		set binaryType(type: string) {
			channel.binaryType = type;
		},
		set onopen(handler: DataChannel['onopen']) {
			channel.onopen = handler;
		},
		set onclose(handler: DataChannel['onclose']) {
			channel.onclose = handler;
		},
		set onmessage(handler: DataChannel['onmessage']) {
			channel.onmessage = handler;
		},
		send(data) {
			channel.send(data);
		},
		close() {
			channel.close();
		}
	};
}

describe('links in the browser', () => {
	it('open in under a second, their channels in two Workers from the start', async () => {
		const [left, right] = [echoWorker(), echoWorker()];
		const ways: string[] = [];
		const alice = join(ALICE, (peer, channels) => ways.push(handOver(left.worker, peer, channels)));
		join(BOB, (peer, channels) => ways.push(handOver(right.worker, peer, channels)));
		const startMs = performance.now();
		alice.links.open({ peer: BOB, addrs: [] }, Uint8Array.of(1));
		await vi.waitFor(() => {
			expect(left.seen('open').toSorted()).toEqual(['audio', 'control']);
			expect(right.seen('open').toSorted()).toEqual(['audio', 'control']);
		}, PATIENCE);
		console.info(`link open in both Workers after ${Math.round(performance.now() - startMs)} ms`);
		expect(ways).toEqual(['transferred', 'transferred']);
	});

	it('carry bytes from the page to a Worker and back', async () => {
		const right = echoWorker();
		let channels: LinkChannels | null = null;
		const alice = join(ALICE, (_, made) => (channels = made));
		join(BOB, (peer, made) => handOver(right.worker, peer, made));
		alice.links.open({ peer: BOB, addrs: [] }, Uint8Array.of(1));
		const heard = await talk(() => channels);
		expect(heard).toEqual({ audio: [0, 7, 8], control: [0, 7, 8] });
	});

	it('say that they are closed when the page goes away', async () => {
		const right = echoWorker();
		const alice = join(ALICE, () => undefined);
		const bob = join(BOB, (peer, made) => handOver(right.worker, peer, made));
		const forget = closeOnPagehide(alice.links);
		alice.links.open({ peer: BOB, addrs: [] }, Uint8Array.of(1));
		await vi.waitFor(() => {
			expect(right.seen('open')).toHaveLength(2);
		}, PATIENCE);
		const startMs = performance.now();
		dispatchEvent(new Event('pagehide'));
		await vi.waitFor(() => {
			expect(bob.story).toEqual(['knock', 'channels', 'closed']);
		}, PATIENCE);
		console.info(`the other side knew after ${Math.round(performance.now() - startMs)} ms`);
		forget();
	});
});

describe.each(['transferred', 'forwarded'] as const)('links whose channels are %s', (way) => {
	/** Alice has an engine's links, on the page; Bob's channels are in a Worker. */
	async function linked() {
		const right = echoWorker();
		const heard: string[] = [];
		const ways: string[] = [];
		const engine = createEngineLinks({
			clock: createSystemClock(),
			onInput: ({ type }) => heard.push(type),
			onUseless: (peer) => {
				heard.push('useless');
				alice.links.close(peer);
			}
		});
		const alice = join(ALICE, (peer, channels) => engine.take(peer, channels));
		const bob = join(BOB, (peer, made) => {
			const { audio, control } = made;
			const given =
				way === 'transferred'
					? made
					: { audio: untransferable(audio), control: untransferable(control) };
			ways.push(handOver(right.worker, peer, given));
		});
		alice.links.open({ peer: BOB, addrs: [] }, Uint8Array.of(1));
		await vi.waitFor(() => {
			expect(heard).toEqual(['opened']);
			expect(right.seen('open')).toHaveLength(2);
		}, PATIENCE);
		expect(ways).toEqual([way]);
		return { alice, bob, right, engine, heard };
	}

	it('bring all that was said before the end, and then the end, to the Worker', async () => {
		const { alice, right, engine } = await linked();
		for (let i = 0; i < LAST_WORDS; i++) engine.control(BOB, Uint8Array.of(0, i));
		engine.close(BOB);
		await vi.waitFor(() => expect(alice.story.at(-1)).toBe('closed'), PATIENCE);
		await vi.waitFor(() => expect(right.seen('close')).toContain('control'), PATIENCE);
		const control = right.reports.filter(({ kind }) => kind === 'control');
		expect(control.map(({ event, bytes }) => (event === 'message' ? bytes : event))).toEqual([
			'open',
			...Array.from({ length: LAST_WORDS }, (_, i) => [0, i]),
			[...lastWord()],
			'close'
		]);
	});

	it('bring all that was said before the end, and then the end, from the Worker', async () => {
		const { right, bob, heard } = await linked();
		const farewell: Farewell = { words: LAST_WORDS };
		right.worker.postMessage(farewell);
		await vi.waitFor(() => expect(bob.story.at(-1)).toBe('closed'), PATIENCE);
		const control = Array.from({ length: LAST_WORDS }, () => 'control');
		expect(heard.slice(0, LAST_WORDS + 2)).toEqual(['opened', ...control, 'useless']);
	});
});

describe('links in a browser that cannot transfer channels', () => {
	function forwarded() {
		const right = echoWorker();
		const ways: string[] = [];
		const held: { channels: LinkChannels | null } = { channels: null };
		const alice = join(ALICE, (_, made) => (held.channels = made));
		join(BOB, (peer, { audio, control }) => {
			const channels = { audio: untransferable(audio), control: untransferable(control) };
			ways.push(handOver(right.worker, peer, channels));
		});
		alice.links.open({ peer: BOB, addrs: [] }, Uint8Array.of(1));
		return { alice, right, ways, held };
	}

	it('carry the same bytes, forwarded', async () => {
		const { ways, held } = forwarded();
		const heard = await talk(() => held.channels);
		expect(heard).toEqual({ audio: [0, 7, 8], control: [0, 7, 8] });
		expect(ways).toEqual(['forwarded']);
	});

	it('tell the Worker of the end', async () => {
		const { alice, right } = forwarded();
		await vi.waitFor(() => {
			expect(right.seen('open').toSorted()).toEqual(['audio', 'control']);
		}, PATIENCE);
		alice.links.close(BOB);
		await vi.waitFor(() => {
			expect(right.seen('close').toSorted()).toEqual(['audio', 'control']);
		}, PATIENCE);
	});

	it('let the Worker see what waits, and see it go', async () => {
		const { held, right } = forwarded();
		await vi.waitFor(() => {
			expect(held.channels?.control.readyState).toBe('open');
		}, PATIENCE);
		const { control } = held.channels as unknown as LinkChannels;
		for (let i = 1; i <= 5; i++) {
			control.send(new Uint8Array(10_000).fill(i));
			await vi.waitFor(() => {
				expect(right.seen('message')).toHaveLength(i);
			}, PATIENCE);
			await sent(right);
		}
		const waiting = right.reports.filter(({ event }) => event === 'message');
		// Each echo was counted until the page had sent it, and no longer.
		expect(waiting.map(({ bufferedAmount }) => bufferedAmount)).toEqual([0, 0, 0, 0, 0]);
	});
});

/** Sends two bytes on each channel once it is open, and gathers what comes back. */
async function talk(channels: () => LinkChannels | null) {
	const heard: { audio?: number[]; control?: number[] } = {};
	await vi.waitFor(() => {
		const states = [channels()?.audio.readyState, channels()?.control.readyState];
		expect(states).toEqual(['open', 'open']);
	}, PATIENCE);
	for (const kind of ['audio', 'control'] as const) {
		const channel = channels()?.[kind];
		if (!channel) throw new Error('There are no channels.');
		channel.binaryType = 'arraybuffer';
		channel.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
			heard[kind] = [...new Uint8Array(data)];
		};
		channel.send(Uint8Array.of(7, 8));
	}
	await vi.waitFor(() => {
		expect(Object.keys(heard).toSorted()).toEqual(['audio', 'control']);
	}, PATIENCE);
	return heard;
}
