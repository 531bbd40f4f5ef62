/** An announced room as a calendar file (RFC 5545). */
import type { ListedRoom } from './lobby-desk.ts';

/** Nobody says how long a room will last; an hour is what calendars assume. */
const LENGTH_MS = 3_600_000;
/** A line has 75 octets at most, its end not counted (section 3.1). */
const LINE_BYTES_MAX = 75;
const REMIND_MINUTES = 10;

export interface CalendarEntry extends Pick<
	ListedRoom,
	'room' | 'title' | 'startsAtMs' | 'topics'
> {
	readonly hostName: string;
	/** Where the room is entered. */
	readonly link: string;
}

/** The text of an `.ics` file; `nowMs` is when it is made. */
export function calendarOf(entry: CalendarEntry, nowMs: number): string {
	const { room, title, startsAtMs, topics, hostName, link } = entry;
	const about = [hostName, topics.join(', '), link].filter((part) => part !== '').join('\n');
	const lines = [
		'BEGIN:VCALENDAR',
		'VERSION:2.0',
		'PRODID:-//Grapevine//Rooms//EN',
		'BEGIN:VEVENT',
		`UID:${room}@grapevine`,
		`DTSTAMP:${stampOf(nowMs)}`,
		`DTSTART:${stampOf(startsAtMs)}`,
		`DTEND:${stampOf(startsAtMs + LENGTH_MS)}`,
		`SUMMARY:${escaped(title)}`,
		`DESCRIPTION:${escaped(about)}`,
		`URL:${link}`,
		'BEGIN:VALARM',
		'ACTION:DISPLAY',
		`DESCRIPTION:${escaped(title)}`,
		`TRIGGER:-PT${REMIND_MINUTES}M`,
		'END:VALARM',
		'END:VEVENT',
		'END:VCALENDAR'
	];
	return lines.map((line) => `${folded(line)}\r\n`).join('');
}

/** Form 2 of DATE-TIME: UTC, to the second. */
function stampOf(atMs: number): string {
	return `${new Date(atMs).toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`;
}

/** TEXT, section 3.3.11. */
function escaped(text: string): string {
	return text.replace(/[\\;,]/g, (letter) => `\\${letter}`).replace(/\r?\n/g, '\\n');
}

/** A long line goes on in the next, behind a space; no letter is cut in two. */
function folded(line: string): string {
	let whole = '';
	let bytes = 0;
	for (const letter of line) {
		const size = new TextEncoder().encode(letter).length;
		if (bytes + size > LINE_BYTES_MAX) {
			whole += '\r\n ';
			bytes = 1;
		}
		whole += letter;
		bytes += size;
	}
	return whole;
}
