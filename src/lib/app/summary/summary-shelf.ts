/** Summaries of the rooms we have hosted last, kept on this device. */
import type { Store } from '#lib/io/ports.ts';
import { parsePeerId, ROOM_ID_BYTES, type RoomId } from '#lib/p2p/wire/ids.ts';
import { NAME_BYTES_MAX, TITLE_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';
import { hexIn, isRecord, listIn, numberIn, textIn } from '../json-record.ts';
import { openKeptList } from '../kept-list.ts';
import {
	MOMENTS_MAX,
	SPEAKERS_MAX,
	type RoomSummary,
	type SpokenTime,
	type SummaryMoment
} from './room-summary.ts';

export interface SummaryShelf {
	/** Null where this device has not hosted that room lately. */
	find(room: RoomId): RoomSummary | null;
	/** Rejects where the browser refuses to keep it. */
	put(summary: RoomSummary): Promise<void>;
}

/** Half a year of weekly rooms; 15 kB each. */
const SUMMARIES_MAX = 26;
const RECORD = 'summaries';

export async function loadSummaries(store: Store): Promise<SummaryShelf> {
	const list = await openKeptList(store, { record: RECORD, read: readSummary, max: SUMMARIES_MAX });
	return {
		find: (room) => list.items.find((one) => one.room === room) ?? null,
		put: (summary) =>
			list.change((all) => [summary, ...all.filter(({ room }) => room !== summary.room)])
	};
}

function readSummary(item: Readonly<Record<string, unknown>>): RoomSummary | null {
	const room = hexIn(item['room'], ROOM_ID_BYTES);
	if (room === null) return null;
	const peak = item['peak'];
	return {
		room: room as RoomId,
		title: cleanText(textIn(item['title']), TITLE_BYTES_MAX),
		untilMs: numberIn(item['untilMs']),
		moments: listIn(item['moments'], readMoment).slice(-MOMENTS_MAX),
		peak: isRecord(peak) ? readMoment(peak) : { atMs: 0, listeners: 0 },
		speakers: listIn(item['speakers'], readSpoken).slice(0, SPEAKERS_MAX),
		hands: numberIn(item['hands']),
		reactions: numberIn(item['reactions']),
		messages: numberIn(item['messages'])
	};
}

const readMoment = (item: Readonly<Record<string, unknown>>): SummaryMoment => ({
	atMs: numberIn(item['atMs']),
	listeners: numberIn(item['listeners'])
});

function readSpoken(item: Readonly<Record<string, unknown>>): SpokenTime | null {
	const peer = parsePeerId(textIn(item['peer']));
	if (peer === null) return null;
	const name = cleanText(textIn(item['name']), NAME_BYTES_MAX);
	return { peer, name, spokenMs: numberIn(item['spokenMs']) };
}
