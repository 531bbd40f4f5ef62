/** What the system hands to the app. */
import { describe, expect, it } from 'vitest';
import { readOpenedLink, textsIn } from '#lib/app/opened-link.ts';
import { encodeShareLink } from '#lib/p2p/archive/share-link.ts';
import { fakeLink } from '../lib/fake-sharing.ts';
import { FAKE_ACCESS, FAKE_KEY } from '../lib/fake-session.ts';

const shared = encodeShareLink(fakeLink(1));
const room = { to: 'room', tail: FAKE_KEY };
const locked = { to: 'room', tail: `${FAKE_KEY}#${FAKE_ACCESS}` };

describe('a link that is opened', () => {
	it.each([
		[`web+grapevine:${FAKE_KEY}`, room],
		[`web+grapevine://${FAKE_KEY}#${FAKE_ACCESS}`, locked],
		[`https://rooms.example/r/${FAKE_KEY}#${FAKE_ACCESS}`, locked],
		[`Come and listen: https://rooms.example/r/${FAKE_KEY}`, room],
		[`https://rooms.example/shared#${shared}`, { to: 'recording', text: shared }],
		[`web+grapevine:shared#${shared}`, { to: 'recording', text: shared }],
		['web+grapevine:people#card', { to: 'card', text: 'card' }],
		[`https://rooms.example/shared#${shared.slice(5)}`, null],
		['https://rooms.example/about', null],
		['', null],
		['x'.repeat(9_000), null]
	])('%s', (text, expected) => {
		expect(readOpenedLink([text])).toEqual(expected);
	});

	it('is found behind the # and in what another app shares, wherever it put it', () => {
		const link = `web+grapevine:${FAKE_KEY}#${FAKE_ACCESS}`;
		const at = (tail: string): URL => new URL(`https://rooms.example/open${tail}`);
		expect(readOpenedLink(textsIn(at(`#${encodeURIComponent(link)}`)))).toEqual(locked);
		expect(readOpenedLink(textsIn(at(`#${link}`)))).toEqual(locked);
		const query = new URLSearchParams({ title: 'A room', text: `Come: ${link}` });
		expect(readOpenedLink(textsIn(at(`?${query.toString()}`)))).toEqual(locked);
		expect(readOpenedLink(textsIn(at('#%E0%A4%A')))).toBeNull();
	});
});
