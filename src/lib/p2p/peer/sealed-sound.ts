/** Sound of a locked room: sealed before it is signed and sent, opened after it was proven and before it is played. */
import { encodeSealed, encodeVoice, LEVEL_SILENT, type VoiceFrame } from '../wire/packet.ts';
import type { StreamId } from '../wire/ids.ts';
import { UNOPENED_FRAMES_MAX } from '../wire/limits.ts';
import type { Said } from '../lock/vault.ts';
import type { PeerOutput } from './io.ts';
import { epochNow } from './key-ring.ts';
import type { PeerState } from './state.ts';

/** Speakers go over to a new key so long after they have it: time for it to reach the last listener. */
export const SWITCH_MS = 300;
/** Whoever has heard of a new epoch and is still without its key says nothing under the old one any more. */
const OLD_KEY_MAX_MS = 700;
/** A frame is not worth waiting for its key any longer. */
const UNOPENED_MAX_MS = 600;
/** Speakers hear of the lock by then; what comes in the clear later is not played. */
const CLEAR_AFTER_LOCK_MS = 2_000;

/** Our own voice as it leaves; null where there is no key that it may be said under. */
export function encodeOwnVoice(
	peer: PeerState,
	said: Said & { readonly stream: StreamId; readonly seq: number },
	nowMs: number
): Uint8Array | null {
	const { stream, seq, level, opus } = said;
	if (epochNow(peer) === null) return encodeVoice(stream, seq, level, opus);
	const epoch = epochToSpeak(peer, nowMs);
	if (epoch === null) return null;
	return encodeSealed(stream, seq, peer.ring.vault.sealFrame(epoch, said));
}

/** The newest key, once it has had the time to spread; before, the one we have had. */
function epochToSpeak(peer: PeerState, nowMs: number): number | null {
	const { vault, keyedMs, toldMs } = peer.ring;
	const known = [...keyedMs.keys()].sort((a, b) => b - a);
	const [newest, before] = known;
	if (newest === undefined) return null;
	const spread = nowMs - (keyedMs.get(newest) ?? 0) >= SWITCH_MS;
	const epoch = spread || before === undefined || vault.keyOf(before) === null ? newest : before;
	const now = epochNow(peer)?.number ?? 0;
	const late = now > epoch && nowMs - (toldMs.get(now) ?? nowMs) >= OLD_KEY_MAX_MS;
	return late ? null : epoch;
}

/** Voice that everybody can read is not of this room any more. */
export function isBare(peer: PeerState, frame: VoiceFrame, nowMs: number): boolean {
	const first = peer.room.lock?.epochs[0];
	if (frame.sealed === true || first === undefined) return false;
	const [toldMs = nowMs] = peer.ring.toldMs.values();
	return nowMs - toldMs >= CLEAR_AFTER_LOCK_MS;
}

/** What is to be played of a frame of voice; null where no key of ours opens it. */
export function openVoice(peer: PeerState, frame: VoiceFrame, nowMs: number): Uint8Array | null {
	if (frame.sealed !== true) return frame.opus;
	const { ring } = peer;
	const said = ring.vault.openFrame(frame.stream, frame.seq, frame.opus);
	if (said === 'no-key' && ring.memberKey !== null) {
		ring.unopened = [...ring.unopened, { frame, atMs: nowMs }].slice(-UNOPENED_FRAMES_MAX);
	}
	if (said === 'no-key' || said === 'broken') {
		ring.unread++;
		return null;
	}
	noteLevel(peer, frame.stream, said.level, nowMs);
	return said.opus;
}

function noteLevel(peer: PeerState, stream: StreamId, level: number, nowMs: number): void {
	const counters = peer.streams.get(stream);
	if (counters === undefined) return;
	counters.level = Math.min(LEVEL_SILENT, level);
	counters.levelAtMs = nowMs;
}

/** A key has come: what waited for it is played, as far as it is still worth it. */
export function openWaiting(peer: PeerState, nowMs: number): PeerOutput[] {
	const { ring } = peer;
	const waiting = ring.unopened;
	ring.unopened = [];
	return waiting.flatMap(({ frame, atMs }): PeerOutput[] => {
		if (nowMs - atMs > UNOPENED_MAX_MS) return [];
		const { stream, seq } = frame;
		const opus = openVoice(peer, frame, nowMs);
		return opus === null ? [] : [{ type: 'play', input: { type: 'frame', stream, seq, opus } }];
	});
}
