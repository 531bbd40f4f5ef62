/** Recordings and clips on the screen without any sound behind them. */
import type { Replay, ReplayClip } from '#lib/app/replay/replay.ts';
import type { RecordingId, StreamId } from '#lib/p2p/wire/ids.ts';
import { Dice } from '../sim/dice.ts';
import { fakePeer, FAKE_ROOM } from './fake-session.ts';

const LENGTH_MS = 3_723_000;
const STREAM = '0123456789abcdef' as StreamId;

/** An hour of three, one of whom was not put into words. */
export function fakeReplay(): Replay {
	const dice = new Dice(5);
	const people = ['Ana', 'Dorothea', 'Emre'].map((name) => ({ peer: fakePeer(name), name }));
	const lanes = new Map(
		people.map(({ peer }, who) => [
			peer,
			Array.from({ length: 40 }, (_, i) => {
				const fromMs = (i * 3 + who) * 30_000 + dice.next() * 8_000;
				const toMs = Math.min(LENGTH_MS, fromMs + 15_000 + dice.next() * 20_000);
				return { fromMs, toMs, loudness: 0.3 + dice.next() / 2 };
			})
		])
	);
	const line = (who: number, fromMs: number, text: string) => ({
		...{ ...people[who]!, stream: STREAM, start: fromMs / 20, language: 'en', text },
		...{ fromMs, toMs: fromMs + 4_000 }
	});
	return {
		id: '1'.padStart(32, '0') as RecordingId,
		title: 'An evening in the garden',
		startedAtMs: Date.UTC(2026, 10, 2, 18),
		durationMs: LENGTH_MS,
		...{ people, lanes },
		chapters: [
			{ atMs: 0, title: 'Welcome' },
			{ atMs: 1_240_000, title: 'What the lamp brought' }
		],
		lines: [
			line(0, 2_000, 'Good evening, all of you, and welcome to the garden.'),
			line(1, 7_000, 'We have counted forty kinds of moths since the spring, and the lamp is new.')
		],
		wordless: [people[2]!.peer],
		language: 'en',
		findPack: () => Promise.resolve({ pack: null, bytes: 0, languages: ['en'] }),
		putIntoWords: () => Promise.reject(new Error('There is nothing to hear.')),
		...{ mine: true, sealed: false, readable: true },
		start: () => ({ done: new Promise(() => undefined), stop: () => undefined }),
		close: () => undefined
	};
}

/** Twelve seconds of it, with all it proves. */
export function fakeClip(): ReplayClip {
	const whole = fakeReplay();
	const [host] = whole.people;
	const makerKey = new Uint8Array(32);
	return {
		replay: { ...whole, durationMs: 12_000, chapters: [], wordless: [] },
		checked: {
			clip: {
				...{ id: whole.id, room: FAKE_ROOM, hostKey: makerKey, makerKey, title: whole.title },
				...{ madeAtMs: whole.startedAtMs + LENGTH_MS, startedAtMs: whole.startedAtMs },
				...{ fromMs: 1_240_000, toMs: 1_252_000, bytes: 1, root: makerKey }
			},
			...{ host: host!.peer, maker: host!.peer, texts: 2, voices: [], gaps: [], faults: [] }
		}
	};
}
