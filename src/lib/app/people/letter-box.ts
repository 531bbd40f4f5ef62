/** Letters that came and letters that wait to go, kept on this device, within bounds. */
import type { Store } from '#lib/io/ports.ts';
import { SEALED_LETTER_BYTES } from '#lib/p2p/letter/letter.ts';
import { fromHex, parsePeerId, toHex, type LetterId, type PeerId } from '#lib/p2p/wire/ids.ts';
import { hexIn, loadList, numberIn, saveList, textIn } from '../json-record.ts';
import { letterIdIn } from './letter-id.ts';

/** An invitation that came. */
export interface Received {
	readonly id: LetterId;
	readonly from: PeerId;
	/** What the writer calls themselves. */
	readonly fromName: string;
	/** To listen, or on stage. */
	readonly place: 'room' | 'stage';
	/** The end of the room's link. */
	readonly access: string;
	readonly title: string;
	readonly note: string;
	readonly sentAtMs: number;
	readonly untilMs: number;
}

/** An invitation of mine. */
export interface Sent {
	readonly id: LetterId;
	readonly to: PeerId;
	/** Which room it invites to. */
	readonly roomKey: string;
	readonly title: string;
	readonly place: 'room' | 'stage';
	readonly sentAtMs: number;
	readonly untilMs: number;
	readonly delivered: boolean;
	/** Empty once it is delivered. */
	readonly sealed: Uint8Array;
}

export interface LetterBox {
	received: readonly Received[];
	sent: readonly Sent[];
	seen: readonly LetterId[];
	/** Rejects where the browser refuses to keep it. */
	save(): Promise<void>;
}

/** Those of one identity: another tab is another person. */
export async function openLetterBox(store: Store, me: PeerId): Promise<LetterBox> {
	const records = { received: `inbox.${me}`, sent: `outbox.${me}`, seen: `letters-seen.${me}` };
	const box: LetterBox = {
		received: await loadList(store, records.received, readReceived),
		sent: await loadList(store, records.sent, readSent),
		seen: await loadList(store, records.seen, (item) => letterIdIn(item['id'])),
		async save() {
			await saveList(store, records.received, box.received);
			await saveList(
				store,
				records.sent,
				box.sent.map((one) => ({ ...one, sealed: toHex(one.sealed) }))
			);
			await saveList(
				store,
				records.seen,
				box.seen.map((id) => ({ id }))
			);
		}
	};
	return box;
}

function readReceived(item: Readonly<Record<string, unknown>>): Received | null {
	const id = letterIdIn(item['id']);
	const from = parsePeerId(textIn(item['from']));
	if (id === null || from === null) return null;
	const texts = {
		fromName: textIn(item['fromName']),
		access: textIn(item['access']),
		title: textIn(item['title']),
		note: textIn(item['note'])
	};
	return { id, from, ...texts, ...timesIn(item) };
}

function readSent(item: Readonly<Record<string, unknown>>): Sent | null {
	const id = letterIdIn(item['id']);
	const to = parsePeerId(textIn(item['to']));
	if (id === null || to === null) return null;
	const delivered = item['delivered'] === true;
	const sealed = hexIn(item['sealed'], SEALED_LETTER_BYTES);
	if (sealed === null && !delivered) return null;
	const title = textIn(item['title']);
	const roomKey = textIn(item['roomKey']);
	return { id, to, roomKey, title, delivered, sealed: fromHex(sealed ?? ''), ...timesIn(item) };
}

function timesIn(item: Readonly<Record<string, unknown>>) {
	const place = item['place'] === 'stage' ? ('stage' as const) : ('room' as const);
	return { place, sentAtMs: numberIn(item['sentAtMs']), untilMs: numberIn(item['untilMs']) };
}
