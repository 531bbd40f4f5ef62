import type { WebRTCTransportComponents } from '@libp2p/webrtc';
import { describe, expect, it, vi } from 'vitest';
import { createDirectLines } from '#lib/io/net/direct-lines.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
import { person } from './room-people.ts';

/** libp2p's transport, as far as it answers calls: for each it would make a PeerConnection. */
const made = vi.hoisted(() => ({ connections: 0, fails: false }));
vi.mock('@libp2p/webrtc', () => ({
	webRTC: () => (components: WebRTCTransportComponents) => {
		if (made.fails) throw new Error('It could not be loaded.');
		return {
			start: () =>
				components.registrar.handle('/webrtc-signaling/0.0.1', () => {
					made.connections++;
				}),
			stop: () => components.registrar.unhandle('/webrtc-signaling/0.0.1')
		};
	}
}));

type Handler = (stream: unknown, connection: unknown) => unknown;

async function setup(how: 'opened' | 'made' = 'opened') {
	made.connections = 0;
	const clock = createFakeClock();
	const handlers = new Map<string, Handler>();
	const registrar = {
		handle: (protocol: string, handler: Handler) => void handlers.set(protocol, handler),
		unhandle: (protocol: string) => void handlers.delete(protocol)
	};
	const lines = createDirectLines([], false, clock);
	lines.service({ registrar } as unknown as WebRTCTransportComponents);
	if (how === 'opened') await lines.open('gossip');
	const hungUp = vi.fn();
	const call = (number: number): void => {
		const [handler] = handlers.values();
		handler?.({ abort: hungUp }, { remotePeer: person(number).peer });
	};
	return { clock, lines, handlers, call, hungUp };
}

const CALLS = 1_000;

describe('calls over a relay', () => {
	it('are answered', async () => {
		const { call, hungUp, lines, handlers } = await setup();
		for (let number = 0; number < 20; number++) call(number);
		expect(made.connections).toBe(20);
		expect(hungUp).not.toHaveBeenCalled();
		lines.close('gossip');
		await vi.waitFor(() => expect(handlers.size).toBe(0));
	});

	it('are answered by whoever could not load what is needed the first time', async () => {
		const { call, lines } = await setup('made');
		made.fails = true;
		await expect(lines.open('gossip')).rejects.toThrow('It could not be loaded.');
		made.fails = false;
		await lines.open('gossip');
		call(1);
		expect(made.connections).toBe(1);
	});

	it('of one who does not stop cost few connections, and keep nobody else out', async () => {
		const { call, hungUp } = await setup();
		for (let i = 0; i < CALLS; i++) call(7);
		expect(made.connections).toBeLessThan(10);
		expect(hungUp).toHaveBeenCalledTimes(CALLS - made.connections);
		const before = made.connections;
		call(8);
		expect(made.connections).toBe(before + 1);
	});

	it('of any number of people cost no more connections than a browser can collect', async () => {
		const { call, clock } = await setup();
		for (let minute = 0; minute < 3; minute++) {
			for (let number = 0; number < CALLS; number++) call(number + CALLS * minute);
			clock.advance(60_000);
		}
		expect(made.connections).toBeGreaterThan(50);
		expect(made.connections).toBeLessThan(150);
	});
});
