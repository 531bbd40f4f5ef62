/** What the control plane must do: signalling, directory and gossip, real or fake. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SignalStream, Verdict } from '#lib/io/ports.ts';
import { toHex, type PeerId, type RoomId } from '#lib/p2p/wire/ids.ts';
import { SIGNAL_BYTES_MAX, SIGNALS_PER_STREAM_MAX } from '#lib/p2p/wire/limits.ts';
import type { NetPeer } from '../lib/fake-network.ts';

export interface TestNetwork {
	newPeer(): Promise<NetPeer>;
	stop(): Promise<void>;
}

export function networkContract(name: string, start: () => Promise<TestNetwork>): void {
	describe(name, () => {
		let network: TestNetwork;
		let alice: NetPeer;
		let bob: NetPeer;

		beforeAll(async () => {
			network = await start();
			[alice, bob] = await Promise.all([network.newPeer(), network.newPeer()]);
		});
		afterAll(async () => {
			await network.stop();
		});

		signallingContract(() => ({ alice, bob }));
		limitsContract(() => ({ alice, bob }));
		directoryContract(() => ({ alice, bob, newPeer: () => network.newPeer() }));
		gossipContract(() => ({ alice, bob }));
	});
}

interface Pair {
	readonly alice: NetPeer;
	readonly bob: NetPeer;
}

/** A stream from Alice to Bob; Bob's end is not yet listened to. */
async function call({
	alice,
	bob
}: Pair): Promise<{ out: SignalStream; in: Promise<SignalStream> }> {
	const taken = new Promise<SignalStream>((resolve) => {
		const done = bob.signalling.onStream((stream) => {
			done();
			resolve(stream);
		});
	});
	const out = await alice.signalling.open(bob.contact(), AbortSignal.timeout(5_000));
	return { out, in: taken };
}

function signallingContract(peers: () => Pair): void {
	describe('signalling', () => {
		it('says on each side who is at the other', async () => {
			const { out, in: taken } = await call(peers());
			out.send(Uint8Array.of(1));
			expect(out.peer).toBe(peers().bob.peer);
			expect((await taken).peer).toBe(peers().alice.peer);
			out.close();
		});

		it('carries messages whole and in order, both ways', async () => {
			const { out, in: taken } = await call(peers());
			const sent = Array.from({ length: 20 }, (_, i) => new Uint8Array(1 + 50 * i).fill(i));
			const atAlice = heard(out);
			for (const message of sent) out.send(message);
			const inner = await taken;
			const atBob = heard(inner);
			await vi.waitFor(() => {
				expect(atBob.messages).toEqual(sent);
			});
			for (const message of sent) inner.send(message);
			await vi.waitFor(() => {
				expect(atAlice.messages).toEqual(sent);
			});
			out.close();
		});

		it('tells both sides once that it is closed, after all that was sent before', async () => {
			const { out, in: taken } = await call(peers());
			const atAlice = heard(out);
			out.send(Uint8Array.of(1));
			out.send(Uint8Array.of(2));
			out.close();
			out.close();
			out.send(Uint8Array.of(3));
			const atBob = heard(await taken);
			await vi.waitFor(() => {
				expect(atBob.closed).toBe(1);
			});
			expect(atBob.messages).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
			expect(atAlice.closed).toBe(1);
		});
	});
}

function limitsContract(peers: () => Pair): void {
	describe('signalling, at its limits,', () => {
		it('takes a message of the largest size, and throws on a larger or an empty one', async () => {
			const { out, in: taken } = await call(peers());
			const largest = new Uint8Array(SIGNAL_BYTES_MAX).fill(7);
			out.send(largest);
			expect(() => {
				out.send(new Uint8Array(SIGNAL_BYTES_MAX + 1));
			}).toThrow(RangeError);
			expect(() => {
				out.send(new Uint8Array(0));
			}).toThrow(RangeError);
			const atBob = heard(await taken);
			await vi.waitFor(() => {
				expect(atBob.messages).toEqual([largest]);
			});
			out.close();
		});

		it('closes on who sends without end', async () => {
			const { out, in: taken } = await call(peers());
			const atAlice = heard(out);
			for (let i = 0; i <= SIGNALS_PER_STREAM_MAX; i++) out.send(Uint8Array.of(1));
			const atBob = heard(await taken);
			await vi.waitFor(() => {
				expect(atBob.closed).toBe(1);
			});
			expect(atAlice.closed).toBe(1);
			expect(atBob.messages).toHaveLength(SIGNALS_PER_STREAM_MAX);
		});

		it('closes a call that nobody takes', async () => {
			const { alice, bob } = peers();
			const out = await alice.signalling.open(bob.contact(), AbortSignal.timeout(5_000));
			const atAlice = heard(out);
			out.send(Uint8Array.of(1));
			await vi.waitFor(() => {
				expect(atAlice.closed).toBe(1);
			});
		});

		it('rejects where nobody is', async () => {
			const nobody = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN' as PeerId;
			const { alice } = peers();
			const opening = alice.signalling.open(
				{ peer: nobody, addrs: [] },
				AbortSignal.timeout(5_000)
			);
			await expect(opening).rejects.toThrow('Nobody answers');
		});

		it('rejects a call to ourselves and one that was given up', async () => {
			const { alice, bob } = peers();
			const signal = AbortSignal.timeout(5_000);
			await expect(alice.signalling.open(alice.contact(), signal)).rejects.toThrow();
			await expect(alice.signalling.open(bob.contact(), AbortSignal.abort())).rejects.toThrow();
		});
	});
}

function directoryContract(peers: () => Pair & { newPeer: () => Promise<NetPeer> }): void {
	async function find(peer: NetPeer, room: RoomId): Promise<PeerId[]> {
		const found: PeerId[] = [];
		for await (const contact of peer.directory.find(room, AbortSignal.timeout(5_000))) {
			found.push(contact.peer);
		}
		return found;
	}

	describe('the directory', () => {
		it('finds who announced themselves, and not who asks', async () => {
			const { alice, bob } = peers();
			const room = newRoom();
			alice.directory.announce(room);
			bob.directory.announce(room);
			await vi.waitFor(async () => {
				expect(await find(bob, room)).toEqual([alice.peer]);
			});
			await vi.waitFor(async () => {
				expect(await find(alice, room)).toEqual([bob.peer]);
			});
		});

		it('finds nobody in another room', async () => {
			const { alice, bob } = peers();
			alice.directory.announce(newRoom());
			expect(await find(bob, newRoom())).toEqual([]);
		});

		it('gives contacts that can be called', async () => {
			const { alice, newPeer } = peers();
			const room = newRoom();
			alice.directory.announce(room);
			const carol = await newPeer();
			await vi.waitFor(async () => {
				expect(await find(carol, room)).toEqual([alice.peer]);
			});
			for await (const contact of carol.directory.find(room, AbortSignal.timeout(5_000))) {
				const taken = new Promise<PeerId>((resolve) => {
					alice.signalling.onStream((stream) => {
						resolve(stream.peer);
					});
				});
				const stream = await carol.signalling.open(contact, AbortSignal.timeout(5_000));
				stream.send(Uint8Array.of(1));
				expect(await taken).toBe(carol.peer);
				stream.close();
			}
		});

		it('ends when the search is given up', async () => {
			const { alice, bob } = peers();
			const room = newRoom();
			bob.directory.announce(room);
			const found = await Array.fromAsync(alice.directory.find(room, AbortSignal.abort()));
			expect(found).toEqual([]);
		});
	});
}

function gossipContract(peers: () => Pair): void {
	/** Joins; what is judged is kept as text. */
	function listen(peer: NetPeer, room: RoomId, verdict: Verdict = 'accept') {
		const judged: string[] = [];
		const joined = peer.gossip.join(room, (message) => {
			judged.push(new TextDecoder().decode(message));
			return Promise.resolve(verdict);
		});
		return {
			...joined,
			judged,
			say: (text: string) => joined.publish(new TextEncoder().encode(text))
		};
	}

	/** Both have heard the other: from now on nothing is lost. */
	async function together(room: RoomId) {
		const { alice, bob } = peers();
		const a = listen(alice, room);
		const b = listen(bob, room);
		let n = 0;
		await vi.waitFor(async () => {
			n += 1;
			await Promise.all([a.say(`hello ${n} of a`), b.say(`hello ${n} of b`)]);
			expect([a.judged.length > 0, b.judged.length > 0]).toEqual([true, true]);
		}, 5_000);
		return { a, b };
	}

	describe('gossip', () => {
		it('brings each message to the others once, and not to who sent it', async () => {
			const { a, b } = await together(newRoom());
			await a.say('one');
			await a.say('one');
			await a.say('two');
			await vi.waitFor(() => {
				expect(b.judged).toContain('two');
			});
			expect(b.judged.filter((text) => !text.startsWith('hello'))).toEqual(['one', 'two']);
			expect(a.judged.filter((text) => !text.startsWith('hello'))).toEqual([]);
			a.leave();
			b.leave();
		});

		it('keeps rooms apart, also for the same message', async () => {
			const first = await together(newRoom());
			const second = await together(newRoom());
			await first.a.say('here');
			await second.a.say('here');
			await vi.waitFor(() => {
				expect(second.b.judged).toContain('here');
			});
			await vi.waitFor(() => {
				expect(first.b.judged).toContain('here');
			});
			for (const one of [first.a, first.b, second.a, second.b]) one.leave();
		});

		it('is silent after leaving, both ways', async () => {
			const { a, b } = await together(newRoom());
			b.leave();
			b.leave();
			await a.say('to the void');
			await b.say('from the void');
			const { a: a2, b: b2 } = await together(newRoom());
			expect(b.judged).not.toContain('to the void');
			expect(a.judged).not.toContain('from the void');
			for (const one of [a, a2, b2]) one.leave();
		});

		it('lets a room be joined again after leaving, but not twice at once', async () => {
			const room = newRoom();
			const { a, b } = await together(room);
			expect(() => listen(peers().alice, room)).toThrow('joined already');
			a.leave();
			const again = listen(peers().alice, room);
			again.leave();
			b.leave();
			await expect(again.say('gone')).resolves.toBeUndefined();
		});
	});
}

function heard(stream: SignalStream) {
	const got = { messages: [] as Uint8Array[], closed: 0 };
	stream.listen({
		message: (bytes) => void got.messages.push(new Uint8Array(bytes)),
		closed: () => void (got.closed += 1)
	});
	return got;
}

export function newRoom(): RoomId {
	return toHex(crypto.getRandomValues(new Uint8Array(20))) as RoomId;
}
