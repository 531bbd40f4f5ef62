import { describe, expect, it } from 'vitest';
import {
	createTranscript,
	srtOf,
	textOf,
	TRANSCRIPT_LINES_MAX,
	webVttOf,
	type TranscriptLine
} from '#lib/p2p/archive/transcript.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { person } from './room-people.ts';

const ORIGIN_MS = 1_790_000_000_000;

const line = (
	fromMs: number,
	text: string,
	more: Partial<TranscriptLine> = {}
): TranscriptLine => ({
	peer: person(1).peer,
	name: 'Ana',
	stream: '0123456789abcdef' as StreamId,
	start: fromMs / 20,
	fromMs: ORIGIN_MS + fromMs,
	toMs: ORIGIN_MS + fromMs + 1_500,
	language: 'en',
	text,
	...more
});

const file = (...lines: readonly TranscriptLine[]) => ({
	title: 'Evening talk',
	originMs: ORIGIN_MS,
	unnamed: 'Somebody',
	lines
});

describe('a transcript', () => {
	it('has its lines in the order in which they were begun, each phrase once', () => {
		const transcript = createTranscript();
		transcript.put(line(4_000, 'Second.'));
		transcript.put(line(2_000, 'First, so far'));
		transcript.put(line(2_000, 'First.'));
		expect(transcript.lines().map(({ text }) => text)).toEqual(['First.', 'Second.']);
		expect(transcript.lines()).toBe(transcript.lines());
		transcript.put(line(2_000, ''));
		transcript.put(line(9_000, ''));
		expect(transcript.lines().map(({ text }) => text)).toEqual(['Second.']);
	});

	it('lets go of what was said first where there is too much', () => {
		const transcript = createTranscript();
		for (let i = 0; i <= TRANSCRIPT_LINES_MAX; i++) transcript.put(line(20 * i, `${i}`));
		expect(transcript.lines()).toHaveLength(TRANSCRIPT_LINES_MAX);
		expect(transcript.lines()[0]?.text).toBe('1');
	});
});

describe('a transcript as a file', () => {
	const lines = [
		line(0, 'Good evening.'),
		line(3_725_250, 'x < y & "z" --> w\n\nthat', { name: '<b>Ben</b>' }),
		line(3_730_000, 'Who?', { name: '' })
	];

	it('is text with names and times', () => {
		expect(textOf(file(...lines))).toBe(
			[
				'Evening talk',
				'',
				'[0:00:00] Ana: Good evening.',
				'[1:02:05] <b>Ben</b>: x < y & "z" --> w that',
				'[1:02:10] Somebody: Who?',
				''
			].join('\n')
		);
	});

	it('is WebVTT in which nothing that was said is taken for markup', () => {
		expect(webVttOf(file(...lines))).toBe(
			[
				'WEBVTT',
				'',
				'NOTE',
				'Evening talk',
				'',
				'00:00:00.000 --> 00:00:01.500',
				'<v Ana>Good evening.',
				'',
				'01:02:05.250 --> 01:02:06.750',
				'<v &lt;b&gt;Ben&lt;/b&gt;>x &lt; y &amp; "z" --&gt; w that',
				'',
				'01:02:10.000 --> 01:02:11.500',
				'<v Somebody>Who?',
				''
			].join('\n')
		);
	});

	it('is SubRip, numbered from one', () => {
		expect(srtOf(file(...lines.slice(0, 2)))).toBe(
			[
				'1',
				'00:00:00,000 --> 00:00:01,500',
				'Ana: Good evening.',
				'',
				'2',
				'01:02:05,250 --> 01:02:06,750',
				'<b>Ben</b>: x < y & "z" -> w that',
				''
			].join('\n')
		);
	});

	it('never has a cue that ends before it begins, or before the file does', () => {
		const odd = line(-5_000, 'Early.', { toMs: ORIGIN_MS - 6_000 });
		expect(webVttOf(file(odd))).toContain('00:00:00.000 --> 00:00:00.001');
	});
});
