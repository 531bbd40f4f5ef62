/** What an app lets through to its core that is modified to ignore removals. Runs in Node, and in a page's Worker. */
import { decodeControl, encodeControl } from '#lib/p2p/wire/control.ts';
import { openEnvelope } from '#lib/p2p/wire/envelope.ts';

/** The same control message without removals. */
export function withoutRemovals(data: ArrayBuffer): ArrayBuffer {
	const message = decodeControl(new Uint8Array(data));
	if (message?.type !== 'events') return data;
	const envelopes = message.envelopes.filter((envelope) => {
		const opened = openEnvelope(envelope);
		return !opened.ok || opened.event.body.kind !== 'remove';
	});
	return envelopes.length === message.envelopes.length
		? data
		: encodeControl({ type: 'events', envelopes }).buffer;
}
