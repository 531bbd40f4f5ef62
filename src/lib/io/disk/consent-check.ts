/**
 * Whether those who are heard in a recording had agreed to it, by their own signed answers in it. An honest host takes out
 * whoever says no, and records from a later yes on.
 */
import { isKind, type RoomEvent } from '#lib/p2p/wire/event.ts';
import { streamOf, type PeerId, type StreamId } from '#lib/p2p/wire/ids.ts';
import type { Frame } from '#lib/p2p/wire/packet.ts';
import { TICK_MS } from '#lib/p2p/wire/seq.ts';
import { clock, type Fault, type Place } from './content-check.ts';

/** An answer is written with the sound of the next second. */
const NEAR_MS = 2_000;

interface Answer {
	readonly agreed: boolean;
	readonly lamport: number;
	readonly atMs: number;
}

/** What was said without leave. */
interface Heard extends Place {
	readonly ticks: number;
	readonly fromMs: number;
}

export interface ConsentCheck {
	onEvent(event: RoomEvent, atMs: number): void;
	onFrame(frame: Frame, atMs: number, place: Place): void;
	/** One for each who is heard though they had said no. */
	faults(): Fault[];
	/** Who is heard, and of whom no answer is there. The host, who records, is none of them. */
	unanswered(): PeerId[];
}

export function createConsentCheck(host: PeerId): ConsentCheck {
	const seats = new Map<StreamId, PeerId>();
	const answers = new Map<PeerId, Answer[]>();
	const heard = new Map<PeerId, Heard>();
	const all = new Set<PeerId>();
	return {
		onEvent(event, atMs) {
			if (isKind(event, 'sit')) seats.set(streamOf(event.id), event.author);
			if (!isKind(event, 'consent')) return;
			const { author, lamport, body } = event;
			const agreed = body.answer === 'sound';
			answers.set(author, [...(answers.get(author) ?? []), { agreed, lamport, atMs }]);
		},
		onFrame(frame, atMs, { from, to }) {
			const peer = seats.get(frame.stream);
			if (peer === undefined || peer === host || frame.kind !== 'voice') return;
			all.add(peer);
			if (atMs + NEAR_MS >= agreedFrom(answers.get(peer) ?? [])) return;
			const before = heard.get(peer);
			heard.set(peer, {
				ticks: (before?.ticks ?? 0) + 1,
				fromMs: Math.min(before?.fromMs ?? atMs, atMs),
				from: Math.min(before?.from ?? from, from),
				to: Math.max(before?.to ?? to, to)
			});
		},
		faults: () =>
			[...heard].map(([peer, { from, to, ticks, fromMs }]) => {
				const length = ((ticks * TICK_MS) / 1_000).toFixed(1);
				const what = `${length} s of ${peer}, the first ${clock(fromMs)} from its beginning`;
				return { fault: 'declined', from, to, what };
			}),
		unanswered: () => [...all].filter((peer) => !answers.has(peer))
	};
}

/** From when on the last answer lets somebody be heard: always where they never said no; Infinity where that was the last. */
function agreedFrom(answers: readonly Answer[]): number {
	const inOrder = [...answers].sort((a, b) => a.lamport - b.lamport);
	const lastNo = inOrder.findLastIndex(({ agreed }) => !agreed);
	if (lastNo === -1) return -Infinity;
	return inOrder[lastNo + 1]?.atMs ?? Infinity;
}
