import { describe, expect, it } from 'vitest';
import { createRoomChat } from '#lib/app/chat/room-chat.ts';
import type { ChatNews } from '#lib/p2p/peer/io.ts';
import { CHAT_KEPT_MAX } from '#lib/p2p/wire/chat-limits.ts';
import type { EventId } from '#lib/p2p/wire/ids.ts';
import { piecesOf } from '#lib/ui/chat/pieces-of.ts';
import { person } from './room-people.ts';

const written = (number: number, text: string | null, seenAtMs = number): ChatNews => ({
	id: number.toString(16).padStart(32, '0') as EventId,
	by: { peer: person(1).peer, name: 'Ana' },
	text,
	seenAtMs
});

describe('what was written in a room', () => {
	it('stands in the order in which it was seen, and what was taken back is gone', () => {
		const chat = createRoomChat();
		const told: string[][] = [];
		chat.watch((all) => told.push(all.map(({ text }) => text)));
		chat.take([written(3, 'three')]);
		chat.take([written(1, 'one'), written(2, 'two')]);
		chat.take([written(2, null), written(9, null)]);
		chat.take([]);
		expect(told).toEqual([['three'], ['one', 'two', 'three'], ['one', 'three']]);
		expect(chat.messages().map(({ text }) => text)).toEqual(['one', 'three']);
	});

	it('is kept up to a bound, the last of it', () => {
		const chat = createRoomChat();
		for (let i = 1; i <= CHAT_KEPT_MAX + 5; i++) chat.take([written(i, String(i))]);
		expect(chat.messages()).toHaveLength(CHAT_KEPT_MAX);
		expect(chat.messages()[0]?.text).toBe('6');
	});
});

describe('a message on the screen', () => {
	const links = (text: string) =>
		piecesOf(text).flatMap((piece) => (piece.type === 'link' ? [piece] : []));
	const whole = (text: string): string =>
		piecesOf(text)
			.map((piece) => (piece.type === 'words' ? piece.text : `<${piece.href}>`))
			.join('');

	it('is words and web addresses, and the stop of a sentence belongs to no address', () => {
		expect(whole('See https://example.org/a?b=1, or (http://x.example).')).toBe(
			'See <https://example.org/a?b=1>, or (<http://x.example/>).'
		);
		expect(piecesOf('Plain words, 1 < 2 & "so on"')).toEqual([
			{ type: 'words', text: 'Plain words, 1 < 2 & "so on"' }
		]);
		expect(piecesOf('')).toEqual([]);
	});

	it('shows where an address leads, whatever letters it is written in', () => {
		expect(links('https://example.org/')[0]?.shown).toBe('example.org');
		// The first letter is Cyrillic.
		expect(links('https://\u0430pple.com/x')[0]?.shown).toBe('xn--pple-43d.com/x');
	});

	it('makes no link of what could run, hide its host, or is none', () => {
		for (const text of [
			'javascript:alert(1)',
			'data:text/html,<script>alert(1)</script>',
			'https://',
			'http://user:secret@evil.example/',
			'https://bank.example@evil.example/',
			'ftp://example.org/x',
			'<a href="x">y</a>',
			`https://example.org/${'x'.repeat(2_000)}`
		]) {
			expect(links(text), text.slice(0, 40)).toEqual([]);
			expect(whole(text)).toBe(text);
		}
	});
});
