/** What those who spoke in a recording are to be told of how long it is kept: read of the recording itself. */
import type { OpenRecording } from '#lib/p2p/archive/reader.ts';
import type { Vault } from '#lib/p2p/lock/vault.ts';
import { openEnvelope } from '#lib/p2p/wire/envelope.ts';
import { isKind } from '#lib/p2p/wire/event.ts';
import { peerIdOf, type PeerId } from '#lib/p2p/wire/ids.ts';
import { NAME_BYTES_MAX, TITLE_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';
import type { KeepNews } from '../people/keep-desk.ts';

/** Null where nobody but the host is in it, or it does not say of which room it is. */
export function keepNewsOf(
	{ meta, log, events }: OpenRecording,
	vault: Pick<Vault, 'openText'>,
	deletedAtMs: number | null
): KeepNews | null {
	const opening = events.map(({ event }) => event).find((event) => isKind(event, 'open'));
	if (opening === undefined || !isKind(opening, 'open')) return null;
	const read = (text: string, max: number): string => cleanText(vault.openText(text) ?? '', max);
	const answers = new Map<PeerId, Uint8Array>();
	for (const entry of log) {
		if (entry.type !== 'event') continue;
		const opened = openEnvelope(entry.envelope);
		if (opened.ok && isKind(opened.event, 'consent'))
			answers.set(opened.event.author, entry.envelope);
	}
	const host = peerIdOf(meta.hostKey);
	const spoke = meta.people.flatMap(({ peer, name }) => {
		const consent = answers.get(peer);
		if (peer === host || consent === undefined) return [];
		return [{ peer, consent, name: read(name, NAME_BYTES_MAX) }];
	});
	const { id: recording, startedAtMs } = meta;
	const title = read(meta.title, TITLE_BYTES_MAX);
	return spoke.length === 0
		? null
		: { recording, nonce: opening.body.nonce, title, startedAtMs, deletedAtMs, spoke };
}
