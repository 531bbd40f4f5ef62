/** What a host says first: that the room exists, whom it keeps out, and whether it records from the beginning. */
import type { EventBody } from '../wire/event.ts';
import { BLOCKED_MAX } from '../wire/limits.ts';
import type { PeerOptions } from './io.ts';

/** In this order. */
export function openingWords(
	hostName: string,
	opening: NonNullable<PeerOptions['opening']>
): readonly EventBody[] {
	const { title, nonce, createdAtMs } = opening;
	const blocked = (opening.blocked ?? []).slice(0, BLOCKED_MAX);
	const isRecorded = opening.recorded === true;
	return [
		{ kind: 'open', title, nonce, createdAtMs, hostName },
		...blocked.map((who): EventBody => ({ kind: 'remove', who, block: true })),
		...(isRecorded ? [{ kind: 'recording', state: 'on', kept: false } as const] : [])
	];
}
