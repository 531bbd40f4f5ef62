/** What those who spoke were told of recordings that are kept, and what we were told; kept on this device, within bounds. */
import type { Store } from '#lib/io/ports.ts';
import { SEALED_LETTER_BYTES } from '#lib/p2p/letter/letter.ts';
import {
	fromHex,
	parsePeerId,
	RECORDING_ID_BYTES,
	ROOM_ID_BYTES,
	toHex,
	type LetterId,
	type PeerId,
	type RecordingId,
	type RoomId
} from '#lib/p2p/wire/ids.ts';
import { hexIn, loadList, numberIn, saveList, textIn } from '../json-record.ts';
import { letterIdIn } from './letter-id.ts';

/** One of mine, to somebody who spoke in a room of mine. */
export interface Told {
	readonly id: LetterId;
	readonly to: PeerId;
	/** As they called themselves. */
	readonly name: string;
	readonly recording: RecordingId;
	/** That it is kept; false: that it is not after all. */
	readonly kept: boolean;
	/** 'refused': their app cannot read it. */
	readonly state: 'waiting' | 'told' | 'refused';
	/** Empty once it does not wait any more. */
	readonly sealed: Uint8Array;
}

/** One that came. */
export interface Heard {
	readonly id: LetterId;
	/** Whose room it was. */
	readonly from: PeerId;
	/** What they call themselves. */
	readonly fromName: string;
	readonly room: RoomId;
	readonly title: string;
	readonly startedAtMs: number;
	/** When it is deleted, epoch ms; null: it is kept. */
	readonly deletedAtMs: number | null;
	readonly sentAtMs: number;
}

export interface KeepBox {
	told: readonly Told[];
	heard: readonly Heard[];
	/** Rejects where the browser refuses to keep it. */
	save(): Promise<void>;
}

/** Those of one identity: another tab is another person. */
export async function openKeepBox(store: Store, me: PeerId): Promise<KeepBox> {
	const records = { told: `keeps-told.${me}`, heard: `keeps-heard.${me}` };
	const box: KeepBox = {
		told: await loadList(store, records.told, readTold),
		heard: await loadList(store, records.heard, readHeard),
		async save() {
			const told = box.told.map((one) => ({ ...one, sealed: toHex(one.sealed) }));
			await saveList(store, records.told, told);
			await saveList(store, records.heard, box.heard);
		}
	};
	return box;
}

type Item = Readonly<Record<string, unknown>>;

function readTold(item: Item): Told | null {
	const id = letterIdIn(item['id']);
	const to = parsePeerId(textIn(item['to']));
	const recording = hexIn(item['recording'], RECORDING_ID_BYTES) as RecordingId | null;
	if (id === null || to === null || recording === null) return null;
	const sealed = fromHex(hexIn(item['sealed'], SEALED_LETTER_BYTES) ?? '');
	const said = { name: textIn(item['name']), kept: item['kept'] === true, sealed };
	if (item['state'] === 'told' || item['state'] === 'refused') {
		return { id, to, recording, ...said, state: item['state'] };
	}
	return sealed.length === 0 ? null : { id, to, recording, ...said, state: 'waiting' };
}

function readHeard(item: Item): Heard | null {
	const id = letterIdIn(item['id']);
	const from = parsePeerId(textIn(item['from']));
	const room = hexIn(item['room'], ROOM_ID_BYTES) as RoomId | null;
	if (id === null || from === null || room === null) return null;
	return {
		...{ id, from, room, fromName: textIn(item['fromName']), title: textIn(item['title']) },
		...{ startedAtMs: numberIn(item['startedAtMs']), sentAtMs: numberIn(item['sentAtMs']) },
		deletedAtMs: numberIn(item['deletedAtMs']) || null
	};
}
