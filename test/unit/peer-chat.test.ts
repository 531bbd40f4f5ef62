import { describe, expect, it } from 'vitest';
import type { PeerOutput } from '#lib/p2p/peer/io.ts';
import { scopeOf } from '#lib/p2p/wire/act.ts';
import type { ChatPiece } from '#lib/p2p/wire/chat.ts';
import {
	CHAT_AUTHOR_RATE,
	CHAT_CATCH_UP_MS,
	CHAT_KEPT_MAX,
	CHAT_OWN_RATE,
	CHAT_TEXT_BYTES_MAX,
	CHAT_TOLD_MAX
} from '#lib/p2p/wire/chat-limits.ts';
import { openEnvelope } from '#lib/p2p/wire/envelope.ts';
import type { EventId, PeerId } from '#lib/p2p/wire/ids.ts';
import { lonePeer, ofType, told, type LonePeer } from '../lib/lone-peer.ts';
import { listening, second, speaking } from '../lib/stage.ts';
import { eventBy, host, nonce, person, type Person, type Signed } from './room-people.ts';

const [ada, ben] = [person(41), person(42)];

const said = (by: Person, text: string, atMs = 5): Signed =>
	eventBy(by, { sequence: 0, lamport: atMs }, { kind: 'say', name: by.name, text });

const unsaid = (by: Person, id: EventId, atMs = 9): Signed =>
	eventBy(by, { sequence: 0, lamport: atMs }, { kind: 'unsay', said: id });

const fresh = ({ bytes }: Signed): ChatPiece => ({ agoMs: 0, signed: bytes });

/** Comes over a link, and its signature holds. */
function read(lone: LonePeer, from: PeerId, ...pieces: readonly ChatPiece[]): PeerOutput[] {
	const out = lone.control(from, { type: 'chat', pieces });
	return [...out, ...lone.verify(out)];
}

const say = (lone: LonePeer, text: string): PeerOutput[] =>
	lone.sign(lone.feed({ type: 'wish', wish: { type: 'say', text } }));

const shown = (out: readonly PeerOutput[]) => ofType(out, 'chat').map(({ news }) => news);
const texts = (out: readonly PeerOutput[]) => shown(out).map(({ text }) => text);

const piecesTo = (out: readonly PeerOutput[], to: PeerId): ChatPiece[] =>
	told(out, to).flatMap((message) => (message.type === 'chat' ? message.pieces : []));

/** What a neighbour was told, in words; of what was taken back its first letters. */
const toldTo = (out: readonly PeerOutput[], to: PeerId): string[] =>
	piecesTo(out, to).map(({ signed }) => {
		const opened = openEnvelope(signed);
		if (!opened.ok) return '?';
		const { body } = opened.event;
		if (body.kind === 'unsay') return `not ${body.said.slice(0, 4)}`;
		return body.kind === 'say' ? body.text : '?';
	});

const counts = (lone: LonePeer) => lone.peer.diagnostics(lone.nowMs).chat;

describe('the chat of a room', () => {
	it('is there from the beginning, until the host or a co-host turns it off, and a tie is no chat', () => {
		const { lone, room: law } = listening();
		expect(lone.peer.view().chat).toBe(true);
		lone.learn(law.tell(ada, { kind: 'chat', on: false }));
		expect(lone.peer.view().chat).toBe(true);
		lone.learn(law.name(second));
		lone.learn(law.tell(second, { kind: 'chat', on: false }, 900));
		lone.learn(law.tell(host, { kind: 'chat', on: true }, 900));
		expect(lone.peer.view().chat).toBe(false);
		expect(lone.peer.view().deeds.at(-1)).toMatchObject({ what: 'chat' });
	});

	it('takes nothing while it is off, of ourselves or others', () => {
		const { lone, room: law } = listening();
		lone.learn(law.tell(host, { kind: 'chat', on: false }));
		expect(shown(say(lone, 'Hello'))).toEqual([]);
		expect(lone.peer.view().refusal).toBe('no-chat');
		expect(shown(read(lone, host.peer, fresh(said(ada, 'Hello'))))).toEqual([]);
		expect(counts(lone)).toMatchObject({ shown: 0, unwanted: 1 });
	});
});

describe('what we write', () => {
	it('is signed, shown, and told above and below', () => {
		const { lone, children } = listening();
		const out = say(lone, '  Good\nevening.  ');
		expect(shown(out)).toMatchObject([
			{ text: 'Good evening.', by: { peer: lone.me.peer }, seenAtMs: lone.nowMs }
		]);
		for (const to of [host.peer, ...children]) expect(toldTo(out, to)).toEqual(['Good evening.']);
	});

	it('goes from the stage to the other speakers and down', () => {
		const { lone, child } = speaking();
		const out = say(lone, 'From up here.');
		for (const to of [host.peer, second.peer, child]) {
			expect(toldTo(out, to)).toEqual(['From up here.']);
		}
	});

	it('is refused, with words, where it is nothing or comes too fast', () => {
		const { lone } = listening();
		expect(shown(say(lone, '   '))).toEqual([]);
		expect(lone.peer.view().refusal).toBe('empty');
		const all = Array.from({ length: 8 }, () => say(lone, 'Again')).flat();
		expect(shown(all)).toHaveLength(CHAT_OWN_RATE.burst);
		expect(new Set(shown(all).map(({ id }) => id)).size).toBe(CHAT_OWN_RATE.burst);
		expect(lone.peer.view().refusal).toBe('too-fast');
		lone.wait(2_500);
		expect(shown(say(lone, 'Now'))).toHaveLength(1);
	});

	it('is cut to what fits', () => {
		const { lone } = listening();
		const [text] = texts(say(lone, 'ü'.repeat(1_000)));
		expect(new TextEncoder().encode(text!).length).toBe(CHAT_TEXT_BYTES_MAX);
	});
});

describe('what others write', () => {
	it('is shown with the name it brings, goes on along the tree, and not back', () => {
		const { lone, children } = listening();
		const out = read(lone, children[0]!, fresh(said(ada, 'Hello')));
		expect(shown(out)).toMatchObject([
			{ text: 'Hello', by: { peer: ada.peer, name: ada.name }, seenAtMs: lone.nowMs }
		]);
		expect(toldTo(out, host.peer)).toEqual(['Hello']);
		expect(toldTo(out, children[1]!)).toEqual(['Hello']);
		expect(toldTo(out, children[0]!)).toEqual([]);
	});

	it('is shown once, whatever ways it comes by', () => {
		const { lone, children } = listening();
		const event = said(ada, 'Hello');
		expect(texts(read(lone, host.peer, fresh(event)))).toEqual(['Hello']);
		expect(read(lone, children[0]!, fresh(event))).toEqual([]);
		const twice = lone.control(host.peer, { type: 'chat', pieces: [fresh(said(ben, 'Hi'))] });
		const again = lone.control(host.peer, { type: 'chat', pieces: [fresh(said(ben, 'Hi'))] });
		expect(texts([...lone.verify(twice), ...lone.verify(again)])).toEqual(['Hi']);
	});

	it('is neither shown nor passed on before its signature was checked, nor believed of gossip or the log', () => {
		const { lone } = listening();
		const event = said(ada, 'Hello');
		const out = lone.control(host.peer, { type: 'chat', pieces: [fresh(event)] });
		expect(out.map(({ type }) => type)).toEqual(['verify']);
		expect(lone.feed({ type: 'forged', from: host.peer })).toEqual([]);
		expect(lone.feed({ type: 'verified', event, from: null })).toEqual([]);
		expect(lone.control(host.peer, { type: 'events', envelopes: [event.bytes] })).toEqual([]);
		expect(lone.peer.judge(event)).toBe('ignore');
	});

	it('is dropped where it is too much of one author, and of who stands neither above nor below', () => {
		const { lone } = listening();
		const many = Array.from({ length: 25 }, (_, i) => fresh(said(ada, `No. ${i}`, 5 + i)));
		const out = many.flatMap((piece) => read(lone, host.peer, piece));
		expect(shown(out)).toHaveLength(CHAT_AUTHOR_RATE.burst);
		expect(counts(lone).hasty).toBe(25 - CHAT_AUTHOR_RATE.burst);
		lone.feed({ type: 'opened', peer: person(60).peer });
		expect(read(lone, person(60).peer, fresh(said(ben, 'Hi')))).toEqual([]);
	});

	it('is dropped of who is out, and what they wrote before goes', () => {
		const { lone, room: law } = listening();
		read(lone, host.peer, fresh(said(second, 'Ha')), fresh(said(ada, 'Hello')));
		lone.learn(law.tell(host, { kind: 'remove', who: second.peer, block: false }));
		expect(shown(lone.wait(200))).toMatchObject([{ by: { peer: second.peer }, text: null }]);
		expect(read(lone, host.peer, fresh(said(second, 'Ha', 6)))).toEqual([]);
		expect(read(lone, host.peer, fresh(said(second, 'Ha')))).toEqual([]);
	});

	it('is broken bytes: counted, and nothing else', () => {
		const { lone } = listening();
		const noChat = lone.peer.envelopes()[0]!;
		const broken = [Uint8Array.of(1, 2, 3), noChat, new Uint8Array(0)];
		const pieces = broken.map((signed) => ({ agoMs: 0, signed }));
		expect(read(lone, host.peer, ...pieces)).toEqual([]);
		expect(lone.peer.diagnostics(lone.nowMs).drops.malformed).toBe(3);
	});
});

describe('what is taken back', () => {
	it('is gone by the word of its author, of the host, and of a co-host who may remove people', () => {
		const { lone, room: law, children } = listening();
		lone.learn(law.name(second, scopeOf(['people'])));
		for (const [i, by] of [ada, host, second].entries()) {
			const event = said(ada, `No. ${i}`, 5 + i);
			read(lone, host.peer, fresh(event));
			const out = read(lone, host.peer, fresh(unsaid(by, event.id)));
			expect(shown(out)).toMatchObject([{ id: event.id, text: null }]);
			expect(toldTo(out, children[0]!)).toEqual([`not ${event.id.slice(0, 4)}`]);
			expect(read(lone, children[0]!, fresh(event))).toEqual([]);
		}
	});

	it('stays by anybody else’s word, and what the host wrote by a co-host’s', () => {
		const { lone, room: law } = listening();
		lone.learn(law.name(second, scopeOf(['room', 'stage'])));
		const event = said(ada, 'Hello');
		const hosts = said(host, 'Welcome', 6);
		read(lone, host.peer, fresh(event), fresh(hosts));
		for (const by of [ben, second]) {
			expect(read(lone, host.peer, fresh(unsaid(by, event.id)))).toEqual([]);
		}
		lone.learn(law.name(second, scopeOf(['people'])));
		expect(read(lone, host.peer, fresh(unsaid(second, hosts.id)))).toEqual([]);
		expect(counts(lone)).toMatchObject({ gone: 0, unentitled: 3 });
	});

	it('does not appear where its taking back came first', () => {
		const { lone } = listening();
		const event = said(ada, 'Hello');
		read(lone, host.peer, fresh(unsaid(host, event.id)));
		expect(read(lone, host.peer, fresh(event))).toEqual([]);
		expect(counts(lone).shown).toBe(0);
	});

	it('stays where what came first was not for its author to say', () => {
		const { lone, room: law } = listening();
		lone.learn(law.name(second, scopeOf(['people'])));
		const hosts = said(host, 'Welcome', 6);
		read(lone, host.peer, fresh(unsaid(second, hosts.id)));
		expect(texts(read(lone, host.peer, fresh(hosts)))).toEqual(['Welcome']);
		const anybodys = said(ada, 'Buy this', 7);
		read(lone, host.peer, fresh(unsaid(second, anybodys.id)));
		expect(read(lone, host.peer, fresh(anybodys))).toEqual([]);
		expect(counts(lone).shown).toBe(1);
	});

	it('is ours to take back, and nobody else’s', () => {
		const { lone } = listening();
		const [mine] = shown(say(lone, 'Oops'));
		const wish = (id: EventId) => lone.feed({ type: 'wish', wish: { type: 'unsay', said: id } });
		expect(shown(lone.sign(wish(mine!.id)))).toMatchObject([{ id: mine!.id, text: null }]);
		const [theirs] = shown(read(lone, host.peer, fresh(said(ada, 'Hello'))));
		expect(wish(theirs!.id)).toEqual([{ type: 'view' }]);
		expect(lone.peer.view().refusal).toBe('no-power');
	});
});

describe('who comes later', () => {
	it('is told what was written and what was taken back, with how long ago, once', () => {
		const { lone } = listening();
		lone.wait(200);
		const gone = said(ben, 'Oops', 7);
		read(lone, host.peer, fresh(said(ada, 'First')), fresh(gone));
		lone.wait(1_000);
		read(lone, host.peer, fresh(said(ada, 'Second', 6)), fresh(unsaid(ben, gone.id)));
		lone.feed({ type: 'wish', wish: { type: 'fanout', children: 3 } });
		const late = person(30).peer;
		const out = [...lone.letIn(late, 'parent'), ...lone.wait(300)];
		expect(toldTo(out, late)).toEqual(['First', 'Second', `not ${gone.id.slice(0, 4)}`]);
		const [first, next] = piecesTo(out, late).map(({ agoMs }) => agoMs);
		expect(first! - next!).toBeGreaterThanOrEqual(900);
		expect(first! - next!).toBeLessThanOrEqual(1_100);
		expect(toldTo(lone.wait(1_000), late)).toEqual([]);
	});

	it('believes what is told of before at no author’s rate, as long as its teller has just come', () => {
		const { lone } = listening();
		const old = (from: number): ChatPiece[] =>
			Array.from({ length: 16 }, (_, i) => ({
				agoMs: 60_000,
				signed: said(ada, `No. ${from + i}`, from + i).bytes
			}));
		const out = [...read(lone, host.peer, ...old(100)), ...read(lone, host.peer, ...old(200))];
		expect(shown(out)).toHaveLength(32);
		expect(shown(out)[0]!.seenAtMs).toBe(lone.nowMs - 60_000);
		for (let ms = 0; ms <= CHAT_CATCH_UP_MS; ms += 500) {
			lone.wait(500);
			lone.beat(host.peer);
		}
		expect(shown(read(lone, host.peer, ...old(300)))).toHaveLength(CHAT_AUTHOR_RATE.burst);
	});

	it('hears of the last ones, of which so many are kept', () => {
		const { lone } = listening();
		for (let i = 0; i < CHAT_KEPT_MAX + 20; i++) {
			read(lone, host.peer, fresh(said(person(200 + i), `No. ${i}`)));
			if (i % 10 === 9) lone.beat(host.peer);
			lone.wait(100);
		}
		lone.feed({ type: 'wish', wish: { type: 'fanout', children: 3 } });
		const late = person(30).peer;
		const all = toldTo([...lone.letIn(late, 'parent'), ...lone.wait(300)], late);
		expect(all).toHaveLength(CHAT_TOLD_MAX);
		expect(all.at(-1)).toBe(`No. ${CHAT_KEPT_MAX + 19}`);
	});
});

describe('chat in a locked room', () => {
	it('is sealed on its way, and read by who has the key', () => {
		const access = { kind: 'secret', bytes: new Uint8Array(16).fill(7) } as const;
		const opening = { title: 'Hedge', nonce, createdAtMs: 1, locked: true } as const;
		const lone = lonePeer(0, { opening, access, chance: new Uint8Array(32).fill(3) });
		const settle = (out: readonly PeerOutput[]): PeerOutput[] => {
			const next = lone.sign(out);
			return ofType(next, 'sign').length > 0 ? [...next, ...settle(next)] : next;
		};
		settle(lone.wait(300));
		const signing = lone.feed({ type: 'wish', wish: { type: 'say', text: 'Between us.' } });
		const plain = new TextDecoder().decode(ofType(signing, 'sign')[0]!.unsigned);
		expect(plain).not.toContain('Between');
		expect(texts(settle(signing))).toEqual(['Between us.']);
	});
});
