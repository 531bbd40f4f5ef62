/** Whether a room is locked, by which epochs, and whether its door is closed. */
import { sha256 } from '@noble/hashes/sha2.js';
import { OUT_DIGEST_BYTES } from '../wire/act.ts';
import { concat, publicKeyOf, toHex, type PeerId } from '../wire/ids.ts';
import type { Authorised } from './authority.ts';
import type { Epoch, Lock } from './state.ts';

/**
 * Epochs that count. Where two have one number the later counts, and of one time that of the lower id; whoever was put
 * out meanwhile is in neither, so that the next one is due at once.
 */
export function lockOf({ acts }: Authorised): Lock | null {
	const epochs = new Map<number, Epoch>();
	let doorClosed = false;
	let doorAt = 0;
	for (const { id: event, author: by, lamport, body } of acts) {
		if (body.kind === 'lock' && body.epoch > 0) {
			const { epoch: number, check, out, before, texts } = body;
			const rival = epochs.get(number);
			const isLater = rival === undefined || lamport > rival.lamport || event < rival.event;
			if (isLater) epochs.set(number, { number, by, event, lamport, check, out, before, texts });
		}
		if (body.kind === 'door') {
			// Of two words of one time the one that closes counts.
			doorClosed = lamport === doorAt ? doorClosed || body.closed : body.closed;
			doorAt = lamport;
		}
	}
	if (epochs.size === 0) return null;
	return { epochs: [...epochs.values()].sort((a, b) => a.number - b.number), doorClosed };
}

export const currentEpoch = (lock: Lock | null): Epoch | null => lock?.epochs.at(-1) ?? null;

/** The same for the same people, in whatever order. */
export function digestOfOut(out: Iterable<PeerId>): string {
	const keys = [...out].sort().map((one) => publicKeyOf(one) ?? new Uint8Array(0));
	return toHex(sha256(concat(...keys)).subarray(0, OUT_DIGEST_BYTES));
}
