/**
 * What was said in a room, as lines with names and times, and as files: text to read, WebVTT and SubRip for players.
 * Lines come as captions do: a later one of the same phrase takes the place of the one before.
 */
import { forgetOldest } from '../wire/bounded.ts';
import type { PeerId, StreamId } from '../wire/ids.ts';

/** Phrases of one room: a long day of a full stage, some 5 MB. The oldest go first. */
export const TRANSCRIPT_LINES_MAX = 20_000;

export interface TranscriptLine {
	readonly peer: PeerId;
	/** As it was called; empty where nobody knows. */
	readonly name: string;
	readonly stream: StreamId;
	/** Number of its first frame in the stream. */
	readonly start: number;
	/** From when to when, in ms; all lines of one transcript count from the same moment. */
	readonly fromMs: number;
	readonly toMs: number;
	/** BCP 47, or empty. */
	readonly language: string;
	readonly text: string;
}

export interface Transcript {
	/** An empty text takes the phrase out again. */
	put(line: TranscriptLine): void;
	/** In the order in which they were begun. The same list as before where nothing is new. */
	lines(): readonly TranscriptLine[];
}

export function createTranscript(): Transcript {
	const byPhrase = new Map<string, TranscriptLine>();
	let sorted: readonly TranscriptLine[] | null = [];
	return {
		put(line) {
			const key = `${line.stream} ${line.start}`;
			if (line.text !== '') byPhrase.set(key, line);
			else if (!byPhrase.delete(key)) return;
			forgetOldest(byPhrase, TRANSCRIPT_LINES_MAX);
			sorted = null;
		},
		lines: () => (sorted ??= [...byPhrase.values()].sort((a, b) => a.fromMs - b.fromMs))
	};
}

/** What a file of a transcript says beside its lines. */
export interface TranscriptFile {
	/** Of the room; may be empty. */
	readonly title: string;
	/** The moment from which the file counts, in the time of the lines. */
	readonly originMs: number;
	/** What somebody is called of whom no name is known. */
	readonly unnamed: string;
	readonly lines: readonly TranscriptLine[];
}

/** One line each, `[0:01:05] Ana: Good evening.`, below the title. */
export function textOf(file: TranscriptFile): string {
	const lines = file.lines.map(
		(line) => `[${clock(line.fromMs - file.originMs)}] ${nameIn(file, line)}: ${flat(line.text)}`
	);
	const head = flat(file.title);
	return [...(head === '' ? [] : [head, '']), ...lines, ''].join('\n');
}

/** https://www.w3.org/TR/webvtt1/: who speaks stands in a voice tag. */
export function webVttOf(file: TranscriptFile): string {
	const cues = file.lines.map((line) => {
		const text = `<v ${escaped(nameIn(file, line))}>${escaped(flat(line.text))}`;
		return `${span(file, line, '.')}\n${text}\n`;
	});
	// A note ends at the first empty line, and must not hold an arrow.
	const title = flat(file.title).replaceAll('-->', '->');
	const note = title === '' ? [] : [`NOTE\n${title}\n`];
	return ['WEBVTT\n', ...note, ...cues].join('\n');
}

/** SubRip has no place for names: they stand before the words. */
export function srtOf(file: TranscriptFile): string {
	return file.lines
		.map((line, i) => {
			const text = `${nameIn(file, line)}: ${flat(line.text)}`.replaceAll('-->', '->');
			return `${i + 1}\n${span(file, line, ',')}\n${text}\n`;
		})
		.join('\n');
}

const nameIn = ({ unnamed }: TranscriptFile, { name }: TranscriptLine): string =>
	flat(name) || unnamed;

/** One line, whatever a peer has put into its text. */
const flat = (text: string): string => text.replace(/\s+/g, ' ').trim();

const escaped = (text: string): string =>
	text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A cue ends after it begins, or players show nothing. */
function span(
	{ originMs }: TranscriptFile,
	{ fromMs, toMs }: TranscriptLine,
	point: string
): string {
	const from = Math.max(0, Math.round(fromMs - originMs));
	const to = Math.max(from + 1, Math.round(toMs - originMs));
	return `${stamp(from, point)} --> ${stamp(to, point)}`;
}

/** `00:01:05.250` */
function stamp(ms: number, point: string): string {
	const pad = (value: number, length: number): string => String(value).padStart(length, '0');
	const [hours, minutes, seconds] = partsOf(ms);
	return `${pad(hours, 2)}:${pad(minutes, 2)}:${pad(seconds, 2)}${point}${pad(ms % 1_000, 3)}`;
}

/** `0:01:05` */
function clock(ms: number): string {
	const [hours, minutes, seconds] = partsOf(Math.max(0, ms));
	const pad = (value: number): string => String(value).padStart(2, '0');
	return `${hours}:${pad(minutes)}:${pad(seconds)}`;
}

function partsOf(ms: number): [number, number, number] {
	const seconds = Math.floor(ms / 1_000);
	return [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
}
