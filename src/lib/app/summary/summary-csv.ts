/** A summary as a table for other programs: comma-separated values (RFC 4180), a row for each thing that was counted. */
import type { RoomSummary } from './room-summary.ts';

/** What a spreadsheet would take for a formula: names are of strangers. */
const FORMULA = /^[=+\-@\t\r]/;

/** What its columns and rows are called in the reader's language. */
export interface CsvWords {
	readonly what: string;
	readonly who: string;
	readonly when: string;
	readonly value: string;
	readonly listeners: string;
	readonly peak: string;
	readonly spoken: string;
	readonly hands: string;
	readonly reactions: string;
	readonly messages: string;
	readonly unnamed: string;
}

/** Times are ISO 8601 in UTC, speaking times whole seconds. */
export function csvOf(summary: RoomSummary, words: CsvWords): string {
	const { moments, peak, speakers, hands, reactions, messages } = summary;
	const rows: (readonly (string | number)[])[] = [
		[words.what, words.who, words.when, words.value],
		[words.peak, '', timeOf(peak.atMs), peak.listeners],
		...speakers.map(({ name, spokenMs }) => [
			words.spoken,
			name || words.unnamed,
			'',
			Math.round(spokenMs / 1_000)
		]),
		[words.hands, '', '', hands],
		[words.reactions, '', '', reactions],
		[words.messages, '', '', messages],
		...moments.map(({ atMs, listeners }) => [words.listeners, '', timeOf(atMs), listeners])
	];
	return rows.map((row) => row.map(cellOf).join(',')).join('\r\n') + '\r\n';
}

const timeOf = (atMs: number): string => (atMs === 0 ? '' : new Date(atMs).toISOString());

function cellOf(value: string | number): string {
	const text = typeof value === 'number' ? String(value) : value.replace(FORMULA, "'$&");
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
