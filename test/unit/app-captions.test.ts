import { describe, expect, it } from 'vitest';
import {
	createCaptionChoices,
	FIRST_CHOICE,
	readCaptionChoice,
	type CaptionChoice
} from '#lib/app/captions/caption-choice.ts';
import { createCaptionDesk, type Captioning } from '#lib/app/captions/caption-desk.ts';
import { createRoomCaptions } from '#lib/app/captions/room-captions.ts';
import { createScreenNews } from '#lib/app/engine/screen-news.ts';
import { CAPTION_LINES_MAX, createCaptionBoard } from '#lib/app/state/caption-board.ts';
import type { CaptionerNews } from '#lib/io/ports.ts';
import type { CaptionNews, Wish } from '#lib/p2p/peer/io.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { person } from './room-people.ts';

const caption = (text: string, more: Partial<CaptionNews> = {}): CaptionNews => ({
	by: { peer: person(1).peer, name: 'Ana' },
	stream: '0123456789abcdef' as StreamId,
	start: 100,
	ticks: 50,
	final: true,
	language: 'en',
	text,
	saidAtMs: 1_000,
	...more
});

const texts = (lines: readonly { readonly text: string }[]) => lines.map(({ text }) => text);

interface Setup {
	readonly choice?: Partial<CaptionChoice>;
	/** Rejects whatever is asked. */
	readonly offline?: boolean;
}

function setup({ choice = {}, offline = false }: Setup = {}) {
	let now: CaptionChoice = { ...FIRST_CHOICE, ...choice };
	const calls: string[] = [];
	const wishes: Wish[] = [];
	const states: Captioning['state'][] = [];
	let tell: (news: CaptionerNews) => void = () => undefined;
	let taps = 0;
	const desk = createCaptionDesk({
		source: {
			packs: () =>
				offline
					? Promise.reject(new Error('nobody answers'))
					: Promise.resolve([{ language: 'en', path: 'en/pack.json' }]),
			missingBytes: () => Promise.resolve(25_000_000),
			start(path, onNews) {
				calls.push(`start ${path}`);
				tell = onNews;
				return {
					listen(port) {
						calls.push('listen');
						port.close();
					},
					stop: () => {
						calls.push('stop');
					}
				};
			}
		},
		choice: () => now,
		choose: (changes) => {
			now = { ...now, ...changes };
		},
		ownLanguage: 'en-GB',
		tap: (port) => {
			taps += port === null ? 0 : 1;
			calls.push(port === null ? 'untap' : 'tap');
			port?.close();
		},
		wish: (wish) => wishes.push(wish),
		onChange: () => states.push(desk.captioning.state)
	});
	const look = async (wanted: boolean, roomLanguage = '') => {
		desk.look({ wanted, roomLanguage });
		await settled();
	};
	return {
		desk,
		calls,
		wishes,
		states,
		look,
		settled,
		tell: (news: CaptionerNews) => tell(news),
		choice: () => now,
		taps: () => taps
	};
}

/** Answers that are there already have come. */
async function settled(): Promise<void> {
	for (let i = 0; i < 10; i++) await Promise.resolve();
}

describe('captions of our own words', () => {
	it('load nothing and hear nothing before the person said yes', async () => {
		const { desk, look, calls } = setup();
		await look(true);
		expect(desk.captioning).toEqual({ state: 'ask', language: 'en', bytes: 25_000_000 });
		expect(calls).toEqual(['untap']);
		await look(true);
		expect(calls).toEqual(['untap']);
	});

	it('load once that is said, then listen, and become wishes', async () => {
		const { desk, look, settled, tell, calls, wishes, choice } = setup();
		await look(true);
		desk.answer(true);
		await settled();
		expect(choice().mine).toBe(true);
		tell({ type: 'progress', doneBytes: 5, totalBytes: 25 });
		expect(desk.captioning).toEqual({ state: 'loading', doneBytes: 5, totalBytes: 25 });
		tell({ type: 'ready', language: 'en' });
		expect(desk.captioning).toMatchObject({ state: 'on', language: 'en', lagging: false });
		expect(calls.slice(-3)).toEqual(['start en/pack.json', 'listen', 'tap']);
		tell({ type: 'words', start: 7, ticks: 20, final: true, text: 'Good evening.' });
		expect(wishes).toEqual([
			{ type: 'caption', start: 7, ticks: 20, final: true, language: 'en', text: 'Good evening.' }
		]);
	});

	it('ask no second time, and not where the person said no', async () => {
		const yes = setup({ choice: { mine: true } });
		await yes.look(true);
		expect(yes.calls).toContain('start en/pack.json');
		const no = setup({ choice: { mine: false } });
		await no.look(true);
		expect(no.desk.captioning).toEqual({ state: 'declined' });
		expect(no.calls).toEqual(['untap']);
	});

	it('stop where the person, the host or the seat says so, and what comes later is not heard', async () => {
		const { desk, look, tell, calls, wishes } = setup({ choice: { mine: true } });
		await look(true);
		tell({ type: 'ready', language: 'en' });
		await look(false);
		expect(desk.captioning).toEqual({ state: 'off' });
		expect(calls.slice(-2)).toEqual(['stop', 'untap']);
		tell({ type: 'words', start: 7, ticks: 20, final: true, text: 'Too late.' });
		expect(wishes).toEqual([]);
		await look(true);
		tell({ type: 'progress', doneBytes: 1, totalBytes: 2 });
		desk.answer(false);
		expect(desk.captioning).toEqual({ state: 'declined' });
		expect(calls.at(-2)).toBe('stop');
	});

	it('say honestly that there is no pack, and begin with another language', async () => {
		const { desk, look, settled, calls } = setup({ choice: { mine: true } });
		await look(true, 'fr');
		expect(desk.captioning).toEqual({ state: 'no-pack', language: 'fr', languages: ['en'] });
		expect(calls).toEqual(['untap']);
		desk.speak('en');
		await settled();
		expect(calls).toContain('start en/pack.json');
		await look(true, 'de');
		expect(desk.captioning.state).toBe('loading');
	});

	it('say that they lag, leave words out, fail, or are too much for the device', async () => {
		const { desk, look, tell, calls } = setup({ choice: { mine: true } });
		await look(true);
		tell({ type: 'ready', language: 'en' });
		tell({ type: 'lag', behindMs: 6_000 });
		expect(desk.captioning).toMatchObject({ lagging: true, leftOut: false });
		tell({ type: 'lag', behindMs: 0 });
		expect(desk.captioning).toMatchObject({ lagging: false });
		tell({ type: 'let-go' });
		expect(desk.captioning).toMatchObject({ lagging: true, leftOut: true });
		tell({ type: 'weak' });
		expect(desk.captioning).toEqual({ state: 'weak' });
		expect(calls.slice(-2)).toEqual(['stop', 'untap']);
		const alone = setup({ choice: { mine: true }, offline: true });
		await alone.look(true);
		expect(alone.desk.captioning).toMatchObject({ state: 'failed' });
		desk.answer(true);
		await settled();
		tell({ type: 'failed', reason: 'a file is damaged' });
		expect(desk.captioning).toEqual({ state: 'failed', reason: 'a file is damaged' });
	});
});

describe('captions on the screen', () => {
	it('take the place of partial ones, and go when they were read', () => {
		const board = createCaptionBoard();
		board.take([caption('Good', { final: false })], 0);
		expect(texts(board.look(100))).toEqual(['Good']);
		board.take([caption('Good evening.')], 1_000);
		expect(texts(board.look(1_000))).toEqual(['Good evening.']);
		expect(board.look(1_100)).toBe(board.look(1_200));
		expect(board.look(1_000 + 2_000 + 13 * 40)).toEqual([]);
	});

	it('are taken back where they turned out to be none, and are a few at most', () => {
		const board = createCaptionBoard();
		board.take([caption('Good', { final: false }), caption('', { final: true })], 0);
		expect(board.look(0)).toEqual([]);
		for (let i = 0; i < 9; i++) board.take([caption(`${i}`, { start: 100 * i })], 10);
		expect(texts(board.look(20))).toEqual(['6', '7', '8']);
		expect(CAPTION_LINES_MAX).toBe(3);
	});
});

describe('captions from the engine', () => {
	it('are of each phrase the newest, of a flood the first', () => {
		const waiting = createScreenNews();
		const add = (news: CaptionNews): void =>
			waiting.add({ type: 'caption', news, envelope: new Uint8Array(0) });
		expect(waiting.isEmpty).toBe(true);
		add(caption('Good', { final: false }));
		add(caption('Good evening.'));
		for (let i = 0; i < 100; i++) add(caption('x', { start: 1_000 + i }));
		expect(waiting.isEmpty).toBe(false);
		const { captions } = waiting.empty();
		expect(captions).toHaveLength(64);
		expect(captions[0]?.text).toBe('Good evening.');
		expect(waiting.empty()).toEqual({ reactions: [], captions: [], chat: [] });
	});
});

describe('what was said in a room', () => {
	it('is kept in final words with its times, and told to who watches', () => {
		const captions = createRoomCaptions();
		const seen: string[] = [];
		const stop = captions.watch((news) => seen.push(...texts(news)));
		captions.take([
			caption('Good', { final: false }),
			caption('Second.', { start: 900, saidAtMs: 9_000 })
		]);
		captions.take([caption('First.')]);
		expect(seen).toEqual(['Good', 'Second.', 'First.']);
		expect(captions.lines()).toMatchObject([
			{ name: 'Ana', fromMs: 1_000, toMs: 2_000, text: 'First.' },
			{ name: 'Ana', fromMs: 9_000, toMs: 10_000, text: 'Second.' }
		]);
		stop();
		captions.take([caption('Third.', { start: 2_000 })]);
		expect(seen).toHaveLength(3);
	});
});

describe('what a person chose of captions', () => {
	it('is read part by part, and as it is at first where it cannot be', () => {
		const chosen = {
			...FIRST_CHOICE,
			mine: true,
			language: 'pt',
			size: 'huge',
			place: 'top'
		} as const;
		expect(readCaptionChoice(JSON.parse(JSON.stringify(chosen)))).toEqual(chosen);
		for (const wrong of [undefined, null, 7, 'x', []])
			expect(readCaptionChoice(wrong)).toEqual(FIRST_CHOICE);
		expect(readCaptionChoice({ size: 'giant', colours: 3, mine: 'yes', shown: false })).toEqual({
			...FIRST_CHOICE,
			shown: false
		});
	});

	it('holds at once, kept or not', async () => {
		const choices = createCaptionChoices(FIRST_CHOICE, () => Promise.reject(new Error('full')));
		let told = 0;
		choices.onChange(() => told++);
		await expect(choices.change({ size: 'large' })).rejects.toThrow('full');
		expect(choices.now.size).toBe('large');
		expect(told).toBe(1);
	});
});
