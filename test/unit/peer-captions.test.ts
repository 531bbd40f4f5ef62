import { describe, expect, it } from 'vitest';
import type { PeerOutput, Wish } from '#lib/p2p/peer/io.ts';
import type { Caption } from '#lib/p2p/wire/caption.ts';
import {
	CAPTION_AUTHOR_RATE,
	CAPTION_LATE_MS,
	CAPTION_OWN_RATE,
	CAPTION_OWN_RESERVE,
	CAPTION_PHRASES_MAX
} from '#lib/p2p/wire/caption-limits.ts';
import { openEnvelope } from '#lib/p2p/wire/envelope.ts';
import type { PeerId, StreamId } from '#lib/p2p/wire/ids.ts';
import { encodePull, tagOf } from '#lib/p2p/wire/repair.ts';
import { lonePeer, ofType, told, type LonePeer } from '../lib/lone-peer.ts';
import { listening, second, speaking, third } from '../lib/stage.ts';
import { eventBy, host, nonce, person, type Person, type Signed } from './room-people.ts';

const TICK_MS = 20;

const words = (stream: StreamId, changes: Partial<Caption> = {}): Caption => ({
	stream,
	start: 1_000,
	ticks: 100,
	final: true,
	language: 'en',
	text: 'He was not an ill disposed young man.',
	...changes
});

const wishFor = ({ start, ticks, final, language, text }: Caption): Wish => ({
	type: 'caption',
	start,
	ticks,
	final,
	language,
	text
});

const caption = (by: Person, saidMs: number, said: Caption): Signed =>
	eventBy(by, { sequence: 0, lamport: saidMs }, { kind: 'caption', ...said });

/** Comes over a link, and its signature holds. */
function hear(lone: LonePeer, from: PeerId, ...events: readonly Signed[]): PeerOutput[] {
	const out = lone.control(from, { type: 'captions', signed: events.map(({ bytes }) => bytes) });
	return [...out, ...lone.verify(out)];
}

const shown = (out: readonly PeerOutput[]) => ofType(out, 'caption').map(({ news }) => news);
const texts = (out: readonly PeerOutput[]) => shown(out).map(({ text }) => text);

/** What a neighbour was told, in words. */
const toldTo = (out: readonly PeerOutput[], to: PeerId): string[] =>
	told(out, to).flatMap((message) =>
		message.type !== 'captions'
			? []
			: message.signed.map((envelope) => {
					const read = openEnvelope(envelope);
					return read.ok && read.event.body.kind === 'caption' ? read.event.body.text : '?';
				})
	);

/** Person 100, who listens, in a room that wants captions. */
function reading() {
	const scene = listening();
	scene.lone.learn(scene.room.tell(host, { kind: 'captions', on: true }));
	return scene;
}

/** Third on stage, in a room that wants captions. */
function captioning() {
	const scene = speaking();
	scene.lone.learn(scene.room.tell(host, { kind: 'captions', on: true }));
	const say = (changes: Partial<Caption> = {}): PeerOutput[] => {
		const wish = wishFor(words(scene.three, changes));
		return scene.lone.sign(scene.lone.feed({ type: 'wish', wish }));
	};
	return { ...scene, say };
}

const counts = (lone: LonePeer) => lone.peer.diagnostics(lone.nowMs).captions;

describe('captions in a room', () => {
	it('are wanted once the host says so, and until it says otherwise', () => {
		const { lone, room: law } = listening();
		expect(lone.peer.view().captions).toBe(false);
		lone.learn(law.tell(host, { kind: 'captions', on: true }));
		expect(lone.peer.view().captions).toBe(true);
		expect(lone.peer.view().deeds.at(-1)).toMatchObject({ what: 'captions', on: true });
		lone.learn(law.tell(host, { kind: 'captions', on: false }));
		expect(lone.peer.view().captions).toBe(false);
	});

	it('are for host and co-hosts to turn on, and at one time no captions win', () => {
		const { lone, room: law } = listening();
		lone.learn(law.tell(person(100), { kind: 'captions', on: true }));
		expect(lone.peer.view().captions).toBe(false);
		lone.learn(law.name(second));
		lone.learn(law.tell(second, { kind: 'captions', on: true }, 900));
		expect(lone.peer.view().captions).toBe(true);
		lone.learn(law.tell(host, { kind: 'captions', on: false }, 900));
		expect(lone.peer.view().captions).toBe(false);
	});
});

describe('words of our own', () => {
	it('are signed for our seat, shown, and told to the other speakers and those below', () => {
		const { say, lone, child, three } = captioning();
		const out = say({ text: 'Good evening.' });
		expect(shown(out)).toMatchObject([{ by: { peer: third.peer }, stream: three, final: true }]);
		for (const to of [host.peer, second.peer, child]) {
			expect(toldTo(out, to)).toEqual(['Good evening.']);
		}
		expect(lone.peer.envelopes().some((one) => !openEnvelope(one).ok)).toBe(false);
	});

	it('are let go off stage, and where the room wants none', () => {
		const wish = {
			type: 'caption',
			start: 1,
			ticks: 1,
			final: true,
			language: '',
			text: 'x'
		} as const;
		const { lone } = reading();
		expect(lone.feed({ type: 'wish', wish })).toEqual([]);
		expect(speaking().lone.feed({ type: 'wish', wish })).toEqual([]);
	});

	it('keep a reserve for final ones where there are too many', () => {
		const { say, lone } = captioning();
		const partial = (i: number) => say({ final: false, text: `so far ${i}` });
		const all = Array.from({ length: 10 }, (_, i) => partial(i)).flat();
		expect(shown(all)).toHaveLength(CAPTION_OWN_RATE.burst - CAPTION_OWN_RESERVE);
		expect(texts(say({ text: 'and the end' }))).toEqual(['and the end']);
		expect(counts(lone).withheld).toBe(10 - CAPTION_OWN_RATE.burst + CAPTION_OWN_RESERVE);
	});
});

describe('words of somebody else', () => {
	it('are shown with name and time, and go down, and not back', () => {
		const { lone, one, children } = reading();
		lone.hear(host.peer, 1_150, one);
		const out = hear(lone, host.peer, caption(host, 5, words(one)));
		const saidAtMs = lone.nowMs - 150 * TICK_MS;
		expect(shown(out)).toEqual([
			{ ...words(one), by: { peer: host.peer, name: host.name }, saidAtMs }
		]);
		for (const child of children) expect(toldTo(out, child)).toEqual([words(one).text]);
		expect(toldTo(out, host.peer)).toEqual([]);
	});

	it('of another speaker go to those below, and to whom hears that speaker by us alone', () => {
		const { lone, one, child } = captioning();
		const first = hear(lone, host.peer, caption(host, 5, words(one)));
		expect(toldTo(first, child)).toEqual([words(one).text]);
		expect(toldTo(first, second.peer)).toEqual([]);
		lone.hear(host.peer, 1_150, one);
		const entries = [{ tag: tagOf(one), seq: 1_150, bits: 0 }];
		const bytes = encodePull({ leaseMs: 5_000, entries });
		lone.feed({ type: 'datagram', from: second.peer, bytes });
		const next = hear(lone, host.peer, caption(host, 6, words(one, { start: 1_100, ticks: 40 })));
		expect(toldTo(next, second.peer)).toEqual([words(one).text]);
	});

	it('take the place of earlier ones until they are final, and are told once', () => {
		const { lone, one } = reading();
		const say = (saidMs: number, text: string, final = false) =>
			texts(hear(lone, host.peer, caption(host, saidMs, words(one, { text, final }))));
		expect(say(5, 'He was')).toEqual(['He was']);
		expect(say(7, 'He was not an')).toEqual(['He was not an']);
		expect(say(6, 'He was not')).toEqual([]);
		expect(say(8, 'He was not ill.', true)).toEqual(['He was not ill.']);
		expect(say(8, 'He was not ill.', true)).toEqual([]);
		expect(say(9, 'He was ill.', true)).toEqual([]);
	});

	it('are known again for as many phrases as are remembered, and older ones are not believed', () => {
		const { lone, one } = reading();
		const say = (start: number, saidMs: number) =>
			hear(lone, host.peer, caption(host, saidMs, words(one, { start })));
		for (let i = 0; i <= CAPTION_PHRASES_MAX; i++) {
			lone.wait(1_000);
			lone.beat(host.peer);
			expect(shown(say(1_000 + i * 50, 10 + i))).toHaveLength(1);
		}
		for (const i of [0, 1, CAPTION_PHRASES_MAX]) {
			expect(shown(say(1_000 + i * 50, 900)), `phrase ${i}`).toEqual([]);
		}
	});

	it('are neither shown nor passed on before their signature was checked', () => {
		const { lone, one } = reading();
		const signed = [caption(host, 5, words(one)).bytes];
		const out = lone.control(host.peer, { type: 'captions', signed });
		expect(out.map(({ type }) => type)).toEqual(['verify']);
		expect(lone.feed({ type: 'forged', from: host.peer })).toEqual([]);
	});

	it('are dropped of who sits elsewhere or nowhere, and where the room wants none', () => {
		const { lone, one, two, room: law } = reading();
		hear(lone, host.peer, caption(second, 5, words(one)), caption(person(9), 6, words(two)));
		expect(counts(lone)).toMatchObject({ shown: 0, unseated: 2 });
		lone.learn(law.tell(host, { kind: 'captions', on: false }));
		hear(lone, host.peer, caption(second, 7, words(two)));
		expect(counts(lone)).toMatchObject({ shown: 0, unseated: 3 });
	});

	it('are dropped of who is removed', () => {
		const { lone, two, room: law } = reading();
		lone.learn(law.tell(host, { kind: 'remove', who: second.peer, block: false }));
		expect(hear(lone, host.peer, caption(second, 5, words(two)))).toEqual([]);
		expect(lone.peer.diagnostics(lone.nowMs).drops.outcast).toBe(1);
	});

	it('are dropped long after their sound, long before it, and where there is none any more', () => {
		const { lone, one, two } = reading();
		const ticks = CAPTION_LATE_MS / TICK_MS;
		lone.hear(host.peer, 100_000, one, two);
		const at = (stream: StreamId, start: number) => words(stream, { start, ticks: 10 });
		const [by, late] = [host, 100_000 - ticks];
		expect(shown(hear(lone, host.peer, caption(by, 5, at(one, late - 11))))).toEqual([]);
		expect(shown(hear(lone, host.peer, caption(by, 6, at(one, 100_000 + ticks + 1))))).toEqual([]);
		expect(shown(hear(lone, host.peer, caption(by, 7, at(one, late))))).toHaveLength(1);
		for (let ms = 0; ms <= CAPTION_LATE_MS; ms += 500) {
			lone.wait(500);
			lone.beat(host.peer);
		}
		expect(shown(hear(lone, host.peer, caption(second, 8, at(two, 100_000))))).toEqual([]);
		expect(counts(lone).late).toBe(3);
	});

	it('are dropped where they are too many of one author', () => {
		const { lone, one } = reading();
		const many = Array.from({ length: 25 }, (_, i) =>
			caption(host, 5 + i, words(one, { final: false }))
		);
		const out = many.flatMap((event) => hear(lone, host.peer, event));
		expect(shown(out)).toHaveLength(CAPTION_AUTHOR_RATE.burst);
		expect(counts(lone).hasty).toBe(25 - CAPTION_AUTHOR_RATE.burst);
	});

	it('are not taken from who is neither above nor below, nor in another message, nor from gossip', () => {
		const { lone, one } = reading();
		const said = caption(host, 5, words(one));
		lone.feed({ type: 'opened', peer: person(60).peer });
		expect(shown(hear(lone, person(60).peer, said))).toEqual([]);
		expect(lone.control(host.peer, { type: 'events', envelopes: [said.bytes] })).toEqual([]);
		expect(lone.feed({ type: 'verified', event: said, from: null })).toEqual([]);
		expect(lone.peer.judge(said)).toBe('ignore');
		lone.control(host.peer, { type: 'captions', signed: [lone.peer.envelopes()[0]!] });
		expect(lone.peer.diagnostics(lone.nowMs).drops).toMatchObject({ malformed: 1, unwanted: 1 });
	});
});

describe('who comes later', () => {
	it('is told the final words of just now, once', () => {
		const { lone, one, two } = reading();
		// Of the two children of the scene each is told nothing, for nothing was said when they came.
		lone.wait(200);
		hear(lone, host.peer, caption(host, 5, words(one, { text: 'First.' })));
		hear(lone, host.peer, caption(second, 6, words(two, { text: 'Second.' })));
		hear(lone, host.peer, caption(host, 7, words(one, { start: 2_000, final: false })));
		lone.feed({ type: 'wish', wish: { type: 'fanout', children: 3 } });
		const late = person(30).peer;
		const out = [...lone.letIn(late, 'parent'), ...lone.wait(300)];
		expect(toldTo(out, late)).toEqual(['First.', 'Second.']);
		expect(toldTo(lone.wait(1_000), late)).toEqual([]);
	});
});

describe('captions in a locked room', () => {
	it('are sealed on their way, and read by who has the key', () => {
		const bytes = new Uint8Array(16).fill(7);
		const access = { kind: 'secret', bytes } as const;
		const opening = { title: 'Hedge', nonce, createdAtMs: 1, locked: true } as const;
		const lone = lonePeer(0, { opening, access, chance: new Uint8Array(32).fill(3) });
		const settle = (out: readonly PeerOutput[]): PeerOutput[] => {
			const next = lone.sign(out);
			return ofType(next, 'sign').length > 0 ? [...next, ...settle(next)] : next;
		};
		settle(lone.wait(300));
		settle(lone.feed({ type: 'wish', wish: { type: 'captions', on: true } }));
		const said = words('00'.repeat(8) as StreamId);
		const out = settle(lone.feed({ type: 'wish', wish: wishFor(said) }));
		expect(texts(out)).toEqual([said.text]);
		const [envelope] = ofType(out, 'caption').map((output) => output.envelope);
		const plain = new TextDecoder().decode(envelope);
		expect(plain).not.toContain('disposed');
	});
});
