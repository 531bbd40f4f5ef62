import { describe, expect, it } from 'vitest';
import { transcribe, type SpokenFrame, type Transcribing } from '#lib/app/captions/transcribe.ts';
import type { TappedSound } from '#lib/io/captions/messages.ts';
import type { CaptionerNews } from '#lib/io/ports.ts';

const WORDS = { type: 'words', start: 7, ticks: 50, final: true, text: 'Good evening.' } as const;

/** A captioner that hears what it is sent, fifty frames at a time, and puts the end of it into words. */
function setup(frames: number, { failsAt = Infinity } = {}) {
	const heard: number[] = [];
	const told: string[] = [];
	const progress: number[] = [];
	const ending = new AbortController();
	let unhurried = false;
	let stopped = 0;
	let mostAhead = 0;
	let given = 0;
	async function* voice(): AsyncGenerator<SpokenFrame> {
		for (let seq = 0; seq < frames; seq++) {
			given++;
			mostAhead = Math.max(mostAhead, given - heard.length);
			await Promise.resolve();
			yield { seq, samples: new Float32Array(960) };
		}
	}
	const task: Transcribing = {
		source: {
			packs: () => Promise.resolve([]),
			missingBytes: () => Promise.resolve(0),
			start(_path, onNews: (news: CaptionerNews) => void, how) {
				unhurried = how?.unhurried === true;
				queueMicrotask(() => onNews({ type: 'ready', language: 'en' }));
				return {
					listen(port) {
						port.onmessage = ({ data }: MessageEvent<TappedSound>) => {
							if (data.type === 'heard') heard.push(data.seq);
							if (heard.length >= failsAt) onNews({ type: 'failed', reason: 'no memory' });
							const isEnd = data.type === 'closed';
							if (isEnd) onNews(WORDS);
							if (isEnd || heard.length % 50 === 0)
								onNews({ type: 'heard', seq: (heard.at(-1) ?? -1) + 1 });
							if (isEnd) port.close();
						};
					},
					stop: () => {
						stopped++;
					}
				};
			}
		},
		path: 'en/pack.json',
		frames: voice(),
		onWords: ({ text }) => told.push(text),
		onHeard: (seq) => progress.push(seq),
		signal: ending.signal
	};
	return {
		task,
		heard,
		told,
		progress,
		ending,
		unhurried: () => unhurried,
		stopped: () => stopped,
		mostAhead: () => mostAhead
	};
}

describe('a recorded voice', () => {
	it('is heard whole and in order, a little at a time, and put into words', async () => {
		const { task, heard, told, progress, unhurried, stopped, mostAhead } = setup(3_020);
		await transcribe(task);
		expect(heard).toEqual(Array.from({ length: 3_020 }, (_, i) => i));
		expect(told).toEqual(['Good evening.']);
		expect(progress.at(-1)).toBe(3_020);
		expect(progress.length).toBeGreaterThan(50);
		expect(unhurried()).toBe(true);
		expect(mostAhead()).toBeLessThan(1_100);
		expect(stopped()).toBe(1);
	});

	it('is given up when asked to, and where the models fail', async () => {
		const ended = setup(5_000);
		const running = transcribe({
			...ended.task,
			onHeard: (seq) => {
				if (seq >= 500) ended.ending.abort(new Error('enough'));
			}
		});
		await expect(running).rejects.toThrow('enough');
		expect(ended.heard.length).toBeLessThan(5_000);
		expect(ended.stopped()).toBe(1);
		const broken = setup(5_000, { failsAt: 100 });
		await expect(transcribe(broken.task)).rejects.toThrow('no memory');
		expect(broken.stopped()).toBe(1);
	});
});
