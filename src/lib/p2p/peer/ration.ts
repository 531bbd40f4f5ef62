/**
 * A parent that holds back part of a voice, and passes on the rest: repair hides it, so it is counted. Of every half
 * second of a voice we look, a little later, at how much of what we have our parent brought, asked or unasked: who is
 * below a withholder and honest answers when it is asked. Where clearly too little adds up, it is left. What
 * lines lose is nobody's fault: a frame that was late on the way goes only to those who asked for it.
 */
import { seqAdd, seqDistance } from '../wire/seq.ts';
import { keptFrame } from './kept.ts';
import type { Hearing } from './hearing.ts';
import {
	RATION_DEBT_FRAMES,
	RATION_LEAST_FRAMES,
	RATION_LINKS_MAX,
	RATION_LOSS_MAX,
	RATION_SETTLE_TICKS,
	RATION_SHARE,
	RATION_TICKS
} from './repair-timing.ts';

/** What our parent brought of one voice in the half second under count. */
export interface Ration {
	/** The first number of it; null before the parent's first frame. */
	from: number | null;
	/** Frames of it that it brought. */
	brought: number;
	/** Frames by which it brought too little so far, less those by which it then brought more (CUSUM, Page 1954). */
	debt: number;
}

export const newRation = (): Ration => ({ from: null, brought: 0, debt: 0 });

/**
 * How much of a voice a way of so many links lets through by itself, losing so much on the last one and on those above.
 * Of both we have our parent's word: of what it sent, and of what it missed. More than a bad line loses is not believed.
 */
export function passableShare(lineLoss: number, above: number, links: number): number {
	const aboveMax = RATION_LOSS_MAX * Math.min(RATION_LINKS_MAX, Math.max(0, links - 1));
	return Math.exp(-Math.min(RATION_LOSS_MAX, lineLoss) - Math.min(aboveMax, above));
}

/** Our parent brought this; of all that is said an honest one brings about `passable`. */
export function noteRation(hearing: Hearing, seq: number, passable: number): void {
	const { ration } = hearing;
	if (ration.from === null) {
		Object.assign(ration, { from: seqAdd(seq, 1), brought: 0 });
		return;
	}
	const ticks = seqDistance(seq, ration.from);
	if (ticks >= 0 && ticks < RATION_TICKS) ration.brought++;
	if (ticks < RATION_TICKS + RATION_SETTLE_TICKS) return;
	judge(hearing, ration.from, passable);
	// A voice that paused begins a new count: what lies between was never said.
	Object.assign(ration, { from: seqAdd(seq, 1), brought: 0 });
}

function judge(hearing: Hearing, from: number, passable: number): void {
	const { ration } = hearing;
	let had = 0;
	for (let i = 0; i < RATION_TICKS; i++) {
		if (keptFrame(hearing.kept, seqAdd(from, i)) !== undefined) had++;
	}
	if (had < RATION_LEAST_FRAMES) return;
	const due = (1 - RATION_SHARE) * passable * had;
	ration.debt = Math.max(0, ration.debt + due - ration.brought);
}

export const isRationed = ({ ration }: Hearing): boolean => ration.debt >= RATION_DEBT_FRAMES;
