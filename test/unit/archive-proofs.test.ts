import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { decodeBlock, encodeBlock, type Run } from '#lib/p2p/archive/block.ts';
import { chooseProofs, covers, signedRows, type ProofOf } from '#lib/p2p/archive/proof-chain.ts';
import { createProver } from '#lib/p2p/peer/prover.ts';
import { type StreamId } from '#lib/p2p/wire/ids.ts';
import { encodeVoice, type Frame } from '#lib/p2p/wire/packet.ts';
import { coveredBy, frameHash, linkOf } from '#lib/p2p/wire/proof.ts';
import { asFrame } from '../lib/tape-maker.ts';

const STREAM = '0011223344556677' as StreamId;
const FIRST = 2 ** 32 - 20;

/** What a speaker sends: a signature is its proof's own name, so that it can be told whose it is. */
function said(ticks: number): Frame[] {
	const prover = createProver();
	return Array.from({ length: ticks }, (_, tick) => {
		const seq = (FIRST + tick) >>> 0;
		const bytes = encodeVoice(STREAM, seq, 30, Uint8Array.of(0x48, tick));
		const offered = prover.offer({ stream: STREAM, seq, bytes, last: false, atMs: tick * 20 });
		if (offered.type === 'ready') return asFrame(offered.bytes);
		return asFrame(prover.proved(offered.ticket, new Uint8Array(64).fill(tick))!);
	});
}

const proofsOf = (frames: readonly Frame[]): ProofOf[] =>
	frames.flatMap(({ seq, proof }) => (proof === null ? [] : [{ ...proof, seq }]));

const runOf = (frames: readonly Frame[], proofs: readonly ProofOf[]): Run => ({
	stream: STREAM,
	atMs: 700,
	frames,
	proofs: chooseProofs(STREAM, frames, proofs)
});

/** As it is read again. */
function written(run: Run): Run {
	const block = decodeBlock(encodeBlock({ writtenMs: 1_000, runs: [run] }));
	if (block === null) throw new Error('It is not read again.');
	return block.runs[0]!;
}

/** Numbers of frames that are as a row of proofs says. */
function vouched(run: Run): number[] {
	const rows = signedRows(run.stream, run.proofs);
	const told = new Map(
		rows.flatMap(({ proofs }) =>
			proofs.flatMap((proof) =>
				coveredBy(proof.seq, proof).map(({ seq, hash }) => [seq, hash] as const)
			)
		)
	);
	return run.frames.flatMap(({ seq, content }) => {
		const hash = told.get(seq);
		return hash !== undefined && hash.join() === frameHash(content).join() ? [seq] : [];
	});
}

describe('proofs of a recording', () => {
	it('share one signature where nothing was lost', () => {
		const frames = said(40);
		const run = written(runOf(frames, proofsOf(frames)));
		expect(run.proofs.filter(({ signature }) => signature !== null)).toHaveLength(1);
		expect(run.proofs.at(-1)?.signature).toEqual(new Uint8Array(64).fill(39));
		expect(vouched(run)).toEqual(frames.map(({ seq }) => seq));
	});

	it('go on with a signature of their own behind one that was lost', () => {
		const frames = said(40);
		const proofs = proofsOf(frames).filter(({ seq }) => seq !== (FIRST + 19) >>> 0);
		const run = written(runOf(frames, proofs));
		expect(run.proofs.filter(({ signature }) => signature !== null)).toHaveLength(2);
		expect(vouched(run)).toEqual(frames.map(({ seq }) => seq));
	});

	it('vouch for nothing where any byte in their row is another', () => {
		const frames = said(24);
		const run = runOf(frames, proofsOf(frames));
		const bytes = encodeBlock({ writtenMs: 1_000, runs: [run] });
		const sound = written(run);
		const [row] = signedRows(STREAM, sound.proofs);
		const name = linkOf(STREAM, row!.signed.seq, row!.signed);
		// Behind the time it was written, the count of runs, and when it was said, which nobody signs.
		for (let at = 5 + 8 + 4 + 4; at < bytes.length - 64; at++) {
			const changed = bytes.slice();
			changed[at]! ^= 1;
			const [other] = decodeBlock(changed)?.runs ?? [];
			if (other === undefined) continue;
			const [signed] = signedRows(other.stream, other.proofs).map((one) => one.signed);
			const isSame =
				signed !== undefined && linkOf(STREAM, signed.seq, signed).join() === name.join();
			expect(isSame && vouched(other).length === frames.length, `byte ${at}`).toBe(false);
		}
	});

	it('cover whatever they can, whichever frames and proofs are there', () => {
		const frames = said(60);
		const all = proofsOf(frames);
		fc.assert(
			fc.property(
				fc.subarray(frames, { minLength: 1 }),
				fc.subarray(all, { minLength: 1 }),
				(some, proofs) => {
					const covered = some.filter(({ seq }) => proofs.some((proof) => covers(proof, seq)));
					if (covered.length === 0) return;
					const run = runOf(covered, proofs);
					expect(written(run).proofs).toEqual(run.proofs);
					expect(vouched(written(run))).toEqual(covered.map(({ seq }) => seq));
				}
			)
		);
	});
});
