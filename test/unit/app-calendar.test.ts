import { describe, expect, it } from 'vitest';
import { calendarOf } from '#lib/app/lobby/calendar.ts';
import type { RoomId } from '#lib/p2p/wire/ids.ts';

const entry = {
	room: 'ab'.repeat(20) as RoomId,
	title: 'Figs, vines; and \\ more',
	startsAtMs: Date.UTC(2026, 10, 30, 18, 30),
	topics: ['figs', 'soil'],
	hostName: 'Hanna',
	link: 'https://example.org/r/GHrGwbBbejLJduLh1aoKWzJAuj78Z2YHJS'
};
const NOW_MS = Date.UTC(2026, 10, 28, 7, 0, 5);
const unfolded = (text: string): string[] => text.replaceAll('\r\n ', '').split('\r\n');

describe('a calendar file', () => {
	it('says when, what, by whom and where, in the words of RFC 5545', () => {
		expect(unfolded(calendarOf(entry, NOW_MS))).toEqual([
			'BEGIN:VCALENDAR',
			'VERSION:2.0',
			'PRODID:-//Grapevine//Rooms//EN',
			'BEGIN:VEVENT',
			`UID:${'ab'.repeat(20)}@grapevine`,
			'DTSTAMP:20261128T070005Z',
			'DTSTART:20261130T183000Z',
			'DTEND:20261130T193000Z',
			'SUMMARY:Figs\\, vines\\; and \\\\ more',
			`DESCRIPTION:Hanna\\nfigs\\, soil\\n${entry.link}`,
			`URL:${entry.link}`,
			'BEGIN:VALARM',
			'ACTION:DISPLAY',
			'DESCRIPTION:Figs\\, vines\\; and \\\\ more',
			'TRIGGER:-PT10M',
			'END:VALARM',
			'END:VEVENT',
			'END:VCALENDAR',
			''
		]);
	});

	it('has no line of more than 75 octets, and cuts no letter', () => {
		const long = calendarOf({ ...entry, title: '🌿é'.repeat(60) }, NOW_MS);
		for (const line of long.split('\r\n'))
			expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
		expect(unfolded(long)).toContain(`SUMMARY:${'🌿é'.repeat(60)}`);
		expect(long).not.toContain('\ufffd');
	});
});
