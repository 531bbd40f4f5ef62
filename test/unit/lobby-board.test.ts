import { describe, expect, it } from 'vitest';
import { createBoard, type Board } from '#lib/p2p/lobby/board.ts';
import {
	ANNOUNCED_AHEAD_MAX_MS,
	ANNOUNCED_LATE_MS,
	CLOCK_SKEW_MAX_MS,
	LISTING_LIVE_MS,
	LISTING_WITHDRAWN_MS,
	LISTINGS_MAX,
	LISTINGS_PER_HOST_MAX,
	LISTINGS_PER_SOURCE_MAX
} from '#lib/p2p/wire/limits.ts';
import type { Listing } from '#lib/p2p/wire/listing.ts';
import { listing, NOW_MS } from '../lib/listings.ts';

const NOBODY = { source: null };
const titles = (board: Board, nowMs = NOW_MS): string[] =>
	board.list(nowMs).map((notice) => notice.listing.title);
const put = (board: Board, host: number, room: number, more: Partial<Listing> = {}) =>
	board.put(listing(host, room, more), NOBODY, NOW_MS);
const HOUR_MS = 3_600_000;

describe('a board', () => {
	it('shows one notice of a room, the one that was issued last', () => {
		const board = createBoard();
		expect(put(board, 1, 1)).toBe('taken');
		expect(put(board, 1, 1, { title: 'New title', issuedAtMs: NOW_MS + 1 })).toBe('taken');
		expect(put(board, 1, 1, { title: 'Older', issuedAtMs: NOW_MS })).toBe('old');
		expect(put(board, 1, 1, { title: 'Other', issuedAtMs: NOW_MS + 1 })).toBe('old');
		expect(titles(board)).toEqual(['New title']);
	});

	it('forgets an open room of which nothing is heard', () => {
		const board = createBoard();
		put(board, 1, 1);
		expect(titles(board, NOW_MS + LISTING_LIVE_MS - 1)).toEqual(['Room 1']);
		expect(titles(board, NOW_MS + LISTING_LIVE_MS)).toEqual([]);
		expect(board.size).toBe(0);
	});

	it('counts the age that another board gave it', () => {
		const board = createBoard();
		const ageMs = LISTING_LIVE_MS - 10;
		expect(board.put(listing(1, 1), { source: null, ageMs }, NOW_MS)).toBe('taken');
		expect(titles(board, NOW_MS + 10)).toEqual([]);
		expect(board.put(listing(1, 2), { source: null, ageMs: LISTING_LIVE_MS }, NOW_MS)).toBe(
			'out-of-time'
		);
	});

	it('keeps an announcement until half an hour after its time', () => {
		const board = createBoard();
		const startsAtMs = NOW_MS + HOUR_MS;
		expect(put(board, 1, 1, { state: 'announced', startsAtMs })).toBe('taken');
		expect(titles(board, startsAtMs + ANNOUNCED_LATE_MS - 1)).toEqual(['Room 1']);
		expect(titles(board, startsAtMs + ANNOUNCED_LATE_MS)).toEqual([]);
	});

	it('takes nothing from the past, the far future, or by a wrong clock', () => {
		const board = createBoard();
		const announced = 'announced' as const;
		const far = NOW_MS + ANNOUNCED_AHEAD_MAX_MS + 2 * CLOCK_SKEW_MAX_MS;
		expect(put(board, 1, 1, { state: announced, startsAtMs: far })).toBe('out-of-time');
		expect(put(board, 1, 1, { state: announced, startsAtMs: NOW_MS - HOUR_MS })).toBe(
			'out-of-time'
		);
		for (const skewMs of [-CLOCK_SKEW_MAX_MS - 1, CLOCK_SKEW_MAX_MS + 1])
			expect(put(board, 1, 1, { issuedAtMs: NOW_MS + skewMs })).toBe('out-of-time');
		expect(board.size).toBe(0);
	});

	it('tells of a withdrawal for a while, and shows the room no more', () => {
		const board = createBoard();
		put(board, 1, 1);
		const before = board.revision;
		put(board, 1, 1, { state: 'withdrawn', issuedAtMs: NOW_MS + 1 });
		expect(titles(board)).toEqual([]);
		expect(board.since(before, NOW_MS).map((one) => one.listing.state)).toEqual(['withdrawn']);
		expect(board.since(before, NOW_MS + LISTING_WITHDRAWN_MS)).toEqual([]);
	});

	it('tells what has changed since, in order', () => {
		const board = createBoard();
		put(board, 1, 1);
		put(board, 1, 2);
		const before = board.revision;
		put(board, 1, 3);
		put(board, 1, 1, { issuedAtMs: NOW_MS + 1 });
		const since = board.since(before, NOW_MS).map((one) => one.listing.title);
		expect(since).toEqual(['Room 3', 'Room 1']);
		expect(board.since(board.revision, NOW_MS)).toEqual([]);
	});
});

describe('a board under a flood', () => {
	it('takes so many of one host, and lets it renew them', () => {
		const board = createBoard();
		for (let room = 0; room < LISTINGS_PER_HOST_MAX; room++)
			expect(put(board, 1, room)).toBe('taken');
		expect(put(board, 1, 99)).toBe('full');
		expect(put(board, 1, 0, { issuedAtMs: NOW_MS + 1 })).toBe('taken');
		expect(put(board, 2, 0)).toBe('taken');
	});

	it('takes so many from one address, whoever signs them', () => {
		const board = createBoard();
		const from = { source: '203.0.113.9' };
		for (let host = 0; host < LISTINGS_PER_SOURCE_MAX; host++)
			expect(board.put(listing(host, 0), from, NOW_MS)).toBe('taken');
		expect(board.put(listing(999, 0), from, NOW_MS)).toBe('full');
		expect(board.put(listing(999, 0), { source: '203.0.113.10' }, NOW_MS)).toBe('taken');
	});

	it('keeps what is there, in bounds, and half of it for rooms that are open', () => {
		const board = createBoard();
		const announced = { state: 'announced', startsAtMs: NOW_MS + HOUR_MS } as const;
		let taken = 0;
		for (let host = 0; host < LISTINGS_MAX; host++)
			if (put(board, host, 0, announced) === 'taken') taken += 1;
		expect(taken).toBe(LISTINGS_MAX / 2);
		for (let host = 0; host < LISTINGS_MAX; host++)
			if (put(board, 10_000 + host, 0) === 'taken') taken += 1;
		expect(taken).toBe(LISTINGS_MAX);
		expect(board.size).toBe(LISTINGS_MAX);
		expect(put(board, 99_999, 0)).toBe('full');
		expect(put(board, 0, 0, { ...announced, issuedAtMs: NOW_MS + 1 })).toBe('taken');
	});
});
