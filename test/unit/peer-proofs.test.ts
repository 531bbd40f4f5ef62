import { describe, expect, it } from 'vitest';
import { createGuard, WATCH_GRACE_MS, WATCH_MS } from '#lib/p2p/peer/guard.ts';
import { createProver, FRAMES_PER_PROOF, type Prover } from '#lib/p2p/peer/prover.ts';
import {
	createVerifier,
	UNPROVEN_MAX_MS,
	UNPROVEN_ODD_MS,
	type Arrived,
	type Verifier
} from '#lib/p2p/peer/verifier.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import {
	CHECKS_WAITING_MAX,
	PROOFS_WAITING_MAX,
	UNPROVEN_FRAMES_MAX
} from '#lib/p2p/wire/limits.ts';
import {
	decodePacket,
	encodeFrames,
	encodeSilence,
	encodeVoice,
	type Frame
} from '#lib/p2p/wire/packet.ts';
import { coveredBy, FIRST_LINK } from '#lib/p2p/wire/proof.ts';
import { person } from './room-people.ts';

const STREAM = '00112233445566aa' as StreamId;
const OTHER = '00112233445566bb' as StreamId;
const RELAY = person(7).peer;
const [VOICE, OTHER_VOICE, THIRD_VOICE] = [person(11).peer, person(12).peer, person(13).peer];
/** The only signature that holds here. */
const GOOD = new Uint8Array(64).fill(1);
const BAD = new Uint8Array(64).fill(2);

const voiceOf = (seq: number, stream = STREAM): Uint8Array =>
	encodeVoice(stream, seq, 30, Uint8Array.of(0x78, seq & 0xff));

function frameOf(bytes: Uint8Array): Frame {
	const packet = decodePacket(encodeFrames([bytes]));
	const frame = packet?.type === 'frames' ? packet.frames[0] : undefined;
	if (frame === undefined) throw new Error('It cannot be read.');
	return frame;
}

/** Says frame `seq` and signs at once where that is asked for. */
function say(prover: Prover, seq: number, signature = GOOD): Frame {
	const offered = prover.offer({
		stream: STREAM,
		seq,
		bytes: voiceOf(seq),
		last: false,
		atMs: 20 * seq
	});
	if (offered.type === 'ready') return frameOf(offered.bytes);
	const bytes = prover.proved(offered.ticket, signature);
	if (bytes === null) throw new Error('Nothing waited for its signature.');
	return frameOf(bytes);
}

const saidUntil = (last: number, signature = GOOD): Frame[] => {
	const prover = createProver();
	return Array.from({ length: last }, (_, i) => say(prover, i + 1, signature));
};

const arrive = (frame: Frame, atMs = 0, heard = false): Arrived => ({
	frame,
	from: RELAY,
	heard,
	passedOn: true,
	atMs
});

/** What comes of each frame, its signature checked at once. */
function hear(verifier: Verifier, frames: readonly Frame[]) {
	const proven: number[] = [];
	const forged: number[] = [];
	for (const frame of frames) {
		const { verdict, check } = verifier.take(arrive(frame));
		const later =
			check === null ? null : verifier.checked(check.ticket, check.signature[0] === GOOD[0]);
		for (const one of [verdict, ...(later === null ? [] : [later])]) {
			proven.push(...one.proven.map((arrived) => arrived.frame.seq));
			forged.push(...one.forged.map((arrived) => arrived.frame.seq));
		}
	}
	return { proven, forged };
}

const altered = (frame: Frame): Frame => {
	const bytes = frame.bytes.slice();
	const at = frame.content.length - 1;
	bytes[at] = (bytes[at] ?? 0) ^ 0x55;
	return frameOf(bytes);
};

describe('what we say', () => {
	it('leaves at once, but for every fourth frame, which waits for a signature', () => {
		const prover = createProver();
		const offers = [1, 2, 3, 4, 5].map((seq) =>
			prover.offer({ stream: STREAM, seq, bytes: voiceOf(seq), last: false, atMs: 20 * seq })
		);
		expect(offers.map(({ type }) => type)).toEqual(['ready', 'ready', 'ready', 'prove', 'ready']);
	});

	it('waits no longer for its proof where the microphone skips ticks', () => {
		const prover = createProver();
		const offers = [100, 159, 219, 240].map((atMs, seq) =>
			prover.offer({ stream: STREAM, seq, bytes: voiceOf(seq), last: false, atMs })
		);
		expect(offers.map(({ type }) => type)).toEqual(['ready', 'ready', 'prove', 'ready']);
	});

	it('is named in two proofs, so that a lost one costs nothing', () => {
		const frames = saidUntil(3 * FRAMES_PER_PROOF);
		const covered = frames.flatMap(({ seq, proof }) =>
			proof === null ? [] : [coveredBy(seq, proof).map((one) => one.seq)]
		);
		expect(covered).toEqual([
			[4, 3, 2, 1],
			[8, 7, 6, 5, 4, 3, 2, 1],
			[12, 11, 10, 9, 8, 7, 6, 5]
		]);
	});

	it('is proven at once where nothing may follow it', () => {
		const prover = createProver();
		say(prover, 1);
		const bytes = encodeSilence(STREAM, 2, 1);
		const offered = prover.offer({ stream: STREAM, seq: 2, bytes, last: true, atMs: 40 });
		if (offered.type !== 'prove') throw new Error('It did not wait.');
		const frame = frameOf(prover.proved(offered.ticket, GOOD) ?? new Uint8Array(0));
		expect(frame).toMatchObject({ kind: 'silence', ticks: 1 });
		expect(frame.proof?.mask).toBe(0b11);
	});

	it('from another seat is not proven together with what was said before', () => {
		const prover = createProver();
		say(prover, 1);
		const bytes = encodeSilence(OTHER, 2, 1);
		const offered = prover.offer({ stream: OTHER, seq: 2, bytes, last: true, atMs: 40 });
		const proven = offered.type === 'prove' ? prover.proved(offered.ticket, GOOD) : null;
		expect(frameOf(proven ?? new Uint8Array(0)).proof?.mask).toBe(1);
	});

	it('is let go where signing takes for ever, the oldest first', () => {
		const prover = createProver();
		const tickets: number[] = [];
		for (let seq = 0; tickets.length <= PROOFS_WAITING_MAX; seq++) {
			const offered = prover.offer({
				stream: STREAM,
				seq,
				bytes: voiceOf(seq),
				last: false,
				atMs: 20 * seq
			});
			if (offered.type === 'prove') tickets.push(offered.ticket);
		}
		expect(prover.overdue).toBe(1);
		expect(tickets.map((ticket) => prover.proved(ticket, GOOD) === null)).toEqual([
			true,
			...tickets.slice(1).map(() => false)
		]);
	});
});

describe('what others say', () => {
	it('is heard once it is proven, in order', () => {
		const { proven, forged } = hear(createVerifier(), saidUntil(8));
		expect(proven).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
		expect(forged).toEqual([]);
	});

	it('is heard although a proof was lost, by the next one', () => {
		const frames = saidUntil(8).filter(({ seq }) => seq !== 4);
		expect(hear(createVerifier(), frames).proven).toEqual([1, 2, 3, 5, 6, 7, 8]);
	});

	it('is heard at once where it comes after its proof', () => {
		const frames = saidUntil(8);
		const late = frames.filter(({ seq }) => seq === 2);
		const others = frames.filter(({ seq }) => seq !== 2);
		expect(hear(createVerifier(), [...others, ...late]).proven).toEqual([1, 3, 4, 5, 6, 7, 8, 2]);
	});

	it('is not heard where it was altered, before its proof or after', () => {
		const frames = saidUntil(8).map((frame) => (frame.seq === 2 ? altered(frame) : frame));
		const verifier = createVerifier();
		expect(hear(verifier, frames)).toEqual({ proven: [1, 3, 4, 5, 6, 7, 8], forged: [2] });
		const late = saidUntil(4).map((frame) => (frame.seq === 2 ? altered(frame) : frame));
		const [one, two, ...rest] = late as [Frame, Frame, ...Frame[]];
		expect(hear(createVerifier(), [one, ...rest, two]).forged).toEqual([2]);
	});

	it('is heard after all where the true frame follows the forged one', () => {
		const frames = saidUntil(4);
		const forgedFirst = frames.map((frame) => (frame.seq === 2 ? altered(frame) : frame));
		const again = frames.filter(({ seq }) => seq === 2);
		expect(hear(createVerifier(), [...forgedFirst, ...again])).toEqual({
			proven: [1, 3, 4, 2],
			forged: [2]
		});
	});

	it('is not heard on the word of a signature that does not hold', () => {
		const { proven, forged } = hear(createVerifier(), saidUntil(8, BAD));
		expect(proven).toEqual([]);
		expect(forged).toEqual([4, 8]);
	});

	it('is not heard where the proof was taken off', () => {
		const bare = saidUntil(4).map((frame) => frameOf(voiceOf(frame.seq)));
		const verifier = createVerifier();
		expect(hear(verifier, bare).proven).toEqual([]);
		// The next proof, which comes another way, names the frame that once carried one.
		const [...all] = saidUntil(8);
		expect(hear(verifier, all.slice(4))).toEqual({ proven: [1, 2, 3, 5, 6, 7, 8], forged: [4] });
	});

	it('is odd when it waits for long, told once, and let go in the end', () => {
		const verifier = createVerifier();
		verifier.take(arrive(frameOf(voiceOf(1)), 1_000));
		verifier.take(arrive(frameOf(voiceOf(2)), 1_100));
		const odd = (nowMs: number): number[] =>
			verifier.expire(nowMs).odd.map(({ frame }) => frame.seq);
		expect(odd(1_000 + UNPROVEN_ODD_MS)).toEqual([]);
		expect(odd(1_001 + UNPROVEN_ODD_MS)).toEqual([1]);
		expect(odd(1_101 + UNPROVEN_ODD_MS)).toEqual([2]);
		expect(verifier.waiting()).toBe(2);
		expect(odd(1_001 + UNPROVEN_MAX_MS)).toEqual([]);
		expect(verifier.waiting()).toBe(1);
	});

	it('is not odd where what proves it is here and waits to be checked', () => {
		const verifier = createVerifier();
		const checks = saidUntil(6).flatMap((frame) => verifier.take(arrive(frame, 1_000)).check ?? []);
		expect(checks).toHaveLength(1);
		// The fifth and the sixth have no proof yet.
		const odd = verifier.expire(1_001 + UNPROVEN_ODD_MS).odd.map(({ frame }) => frame.seq);
		expect(odd).toEqual([5, 6]);
	});

	it('may have had a proof that there was no time to check', () => {
		const verifier = createVerifier();
		const proof = { mask: 1, link: FIRST_LINK, hashes: new Uint8Array(6), signature: BAD };
		const flood = (seq: number): unknown =>
			verifier.take(arrive({ ...frameOf(voiceOf(seq)), proof }, 1_000));
		for (let seq = 1; seq <= CHECKS_WAITING_MAX; seq++) flood(seq);
		expect(verifier.isBehind(1_000)).toBe(false);
		flood(CHECKS_WAITING_MAX + 1);
		expect(verifier.isBehind(1_000 + UNPROVEN_MAX_MS)).toBe(true);
		expect(verifier.isBehind(1_001 + UNPROVEN_MAX_MS)).toBe(false);
	});

	it('fills no more than its bounds, whatever comes', () => {
		const verifier = createVerifier();
		const checks: number[] = [];
		for (let seq = 1; seq <= 2_000; seq++) {
			const frame = {
				...frameOf(voiceOf(seq)),
				proof: { mask: 1, link: FIRST_LINK, hashes: new Uint8Array(6), signature: BAD }
			};
			const { check } = verifier.take(arrive(frame));
			if (check !== null) checks.push(check.ticket);
		}
		expect(checks).toHaveLength(CHECKS_WAITING_MAX);
		expect(verifier.waiting()).toBe(UNPROVEN_FRAMES_MAX);
		verifier.keep([]);
		expect(verifier.waiting()).toBe(0);
	});

	it('leaves nothing behind for an answer nobody waits for', () => {
		expect(createVerifier().checked(5, true)).toEqual({ proven: [], forged: [] });
	});
});

describe('a neighbour that brings a forged frame', () => {
	it('is watched, and bad when it brings another after those below it would have stopped', () => {
		const guard = createGuard();
		expect(guard.isWatched(RELAY, 0)).toBe(false);
		expect(guard.forged(RELAY, 990, 1_000)).toBe(false);
		expect(guard.isWatched(RELAY, 1_000)).toBe(true);
		expect(guard.forged(RELAY, 1_000 + WATCH_GRACE_MS, 1_300)).toBe(false);
		expect(guard.forged(RELAY, 1_001 + WATCH_GRACE_MS, 1_300)).toBe(true);
	});

	it('is believed again after a while, and watched anew', () => {
		const guard = createGuard();
		guard.forged(RELAY, 0, 0);
		expect(guard.isWatched(RELAY, WATCH_MS)).toBe(true);
		expect(guard.isWatched(RELAY, WATCH_MS + 1)).toBe(false);
		expect(guard.forged(RELAY, WATCH_MS + 1, WATCH_MS + 1)).toBe(false);
	});

	it('is told from one on a bad line, whose frames are proven for the most part', () => {
		const guard = createGuard();
		for (let i = 0; i < 100; i++) {
			guard.proven(RELAY, VOICE, i * 10);
			if (i % 3 === 0) expect(guard.unproven(RELAY, VOICE, i * 10, i * 10)).toBe(false);
		}
		expect(guard.isWatched(RELAY, 1_000)).toBe(false);
	});

	it('is found out where no proof ever comes', () => {
		const guard = createGuard();
		const bad: number[] = [];
		for (let atMs = 0; atMs < 1_000; atMs += 20) {
			const oddMs = atMs + UNPROVEN_ODD_MS;
			if (guard.unproven(RELAY, VOICE, atMs, oddMs)) bad.push(oddMs);
		}
		expect(bad[0]).toBeLessThan(1_000);
		expect(guard.isWatched(RELAY, 1_000)).toBe(true);
	});

	it('is found out where the proofs of one voice alone never come', () => {
		const guard = createGuard();
		let isBad = false;
		for (let atMs = 0; atMs < 1_000; atMs += 20) {
			for (const voice of [OTHER_VOICE, THIRD_VOICE]) guard.proven(RELAY, voice, atMs);
			isBad ||= guard.unproven(RELAY, VOICE, atMs, atMs + UNPROVEN_ODD_MS);
		}
		expect(isBad).toBe(true);
	});

	it('is not bad for two voices of which one after the other turns out to be slow', () => {
		const guard = createGuard();
		for (const [voice, atMs] of [
			[VOICE, 0],
			[OTHER_VOICE, 1_000]
		] as const) {
			// In one go, as after a hitch: it cannot know yet.
			for (let i = 0; i < 20; i++) {
				expect(guard.unproven(RELAY, voice, atMs, atMs + UNPROVEN_ODD_MS)).toBe(false);
			}
			expect(guard.isWatched(RELAY, atMs + UNPROVEN_ODD_MS)).toBe(true);
		}
		expect(guard.unproven(RELAY, OTHER_VOICE, 2_000, 2_000 + UNPROVEN_ODD_MS)).toBe(true);
	});
});
