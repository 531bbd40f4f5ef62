/** Between envelopes and the keys: nothing enters the core as `Verified` but what passed through here. */
import type { Keys } from '#lib/io/ports.ts';
import {
	markVerified,
	openEnvelope,
	seal,
	signingBytes,
	type Verified
} from '#lib/p2p/wire/envelope.ts';
import type { RoomEvent } from '#lib/p2p/wire/event.ts';

/** The event in an envelope whose signature holds; null for anything else. */
export async function checkEnvelope(
	keys: Keys,
	envelope: Uint8Array
): Promise<Verified<RoomEvent> | null> {
	const opened = openEnvelope(envelope);
	if (!opened.ok) return null;
	const { event, unsigned, signature } = opened;
	const good = await keys.verify(event.authorKey, signingBytes(unsigned), signature);
	return good ? markVerified(event) : null;
}

/** An event of a later version of ours: nobody here can judge it, and whoever passes it on did no wrong. */
export function isOfLaterVersion(envelope: Uint8Array): boolean {
	const opened = openEnvelope(envelope);
	return !opened.ok && (opened.reason === 'version' || opened.reason === 'kind');
}

/** Our own event, signed. Throws where the core drafted one that nobody could read. */
export async function signEvent(keys: Keys, unsigned: Uint8Array): Promise<Verified<RoomEvent>> {
	const signature = await keys.sign(signingBytes(unsigned));
	const opened = openEnvelope(seal(unsigned, signature));
	if (!opened.ok) throw new Error(`Our own event is malformed: ${opened.reason}.`);
	return markVerified(opened.event);
}
