/** Makes a report of evidence: what would go into it, and the signed file. */
import type { Keys } from '#lib/io/ports.ts';
import type { Evidence, EvidenceOfVoice } from '#lib/p2p/peer/evidence.ts';
import type { RoomId } from '#lib/p2p/wire/ids.ts';
import { REPORT_EVENTS_MAX } from '#lib/p2p/wire/limits.ts';
import { encodeReport, reportMessage, sealReport } from '#lib/p2p/wire/report.ts';
import type { ReportPreview } from './messages.ts';

export interface ReportChoice {
	/** The reporter's own, cleaned and cut to REPORT_WORDS_BYTES_MAX. */
	readonly words: string;
	/** With what others said, not only whom it is about. */
	readonly everybody: boolean;
}

export function previewOf({ about, atMs, events, voices }: Evidence): ReportPreview {
	return {
		about,
		atMs,
		events: events.length,
		voices: voices.map(({ peer, name, voiceMs, sound: { frames } }) => ({
			peer,
			name,
			voiceMs,
			fromMs: frames[0]?.ageMs ?? 0,
			bytes: frames.reduce((sum, { bytes }) => sum + bytes.length, 0)
		}))
	};
}

export async function signedReport(
	{ about, atMs, events, voices }: Evidence,
	{ words, everybody }: ReportChoice,
	by: { readonly keys: Pick<Keys, 'publicKey' | 'sign'>; readonly room: RoomId }
): Promise<Uint8Array> {
	const heard = voices.filter(({ peer }) => everybody || peer === about);
	const unsigned = encodeReport({
		room: by.room,
		reporterKey: by.keys.publicKey,
		madeAtMs: Math.floor(atMs),
		about,
		words,
		events: eventsWith(events, heard),
		sound: heard.map(({ sound }) => sound)
	});
	return sealReport(unsigned, await by.keys.sign(reportMessage(unsigned)));
}

/** The seats of those who are heard are there whatever else has to give way: without them the sound is nobody's. */
function eventsWith(
	events: readonly Uint8Array[],
	heard: readonly EvidenceOfVoice[]
): Uint8Array[] {
	const seats = [...new Set(heard.flatMap(({ seat }) => seat))];
	const [opening, ...others] = events;
	const room = REPORT_EVENTS_MAX - seats.length - 1;
	return [...(opening === undefined ? [] : [opening]), ...seats, ...others.slice(-room)];
}
