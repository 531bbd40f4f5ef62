/**
 * Two clocks of a recording. Its own (`atMs`) runs on while it is paused or its host is gone; the one people listen by
 * (`playMs`) leaves that out, so that what was recorded in parts plays as one.
 */
import type { LogEntry } from './log-entry.ts';

/** A time in which it recorded, by its own clock. */
export interface Span {
	readonly fromMs: number;
	readonly toMs: number;
	/** Where it begins for who listens. */
	readonly playMs: number;
	/** Why nothing was recorded before it; null for the first. */
	readonly after: 'paused' | 'cut-off' | null;
}

/**
 * From the marks in the log. `lastMs` is the last time at which anything was written: where no mark ends the last span,
 * it ends there.
 */
export function spansOf(entries: readonly LogEntry[], lastMs: number): readonly Span[] {
	const spans: Span[] = [];
	const now: { open: Pick<Span, 'fromMs' | 'after'> | null; begun: boolean } = {
		open: null,
		begun: false
	};
	/** A mark dated back would have two spans overlap: it is taken for what stands before it. */
	const openAt = (atMs: number, after: Exclude<Span['after'], null>): void => {
		const fromMs = Math.max(atMs, spans.at(-1)?.toMs ?? 0);
		now.open = { fromMs, after: now.begun ? after : null };
		now.begun = true;
	};
	const close = (toMs: number): void => {
		const { open } = now;
		if (open !== null && toMs > open.fromMs) {
			spans.push({ ...open, toMs, playMs: durationOf(spans) });
		}
		now.open = null;
	};
	for (const entry of entries) {
		if (entry.type !== 'mark') continue;
		const { mark, atMs, lastMs: before } = entry;
		const wasOpen = now.open !== null;
		close(mark === 'back' ? Math.min(before, atMs) : atMs);
		if (mark === 'on') openAt(atMs, 'paused');
		if (mark === 'back' && wasOpen) openAt(atMs, 'cut-off');
	}
	close(lastMs);
	return spans;
}

/** How long there is to listen, ms. */
export function durationOf(spans: readonly Span[]): number {
	const last = spans.at(-1);
	return last === undefined ? 0 : last.playMs + last.toMs - last.fromMs;
}

/** From the recording's clock to that of who listens; what lies in a pause is at its end. */
export function toPlay(spans: readonly Span[], atMs: number): number {
	for (const { fromMs, toMs, playMs } of spans) {
		if (atMs < toMs) return playMs + Math.max(0, atMs - fromMs);
	}
	return durationOf(spans);
}

/** The other way round; where two spans meet, in the later one. */
export function fromPlay(spans: readonly Span[], playMs: number): number {
	let at = spans[0]?.fromMs ?? 0;
	for (const span of spans) {
		if (playMs < span.playMs) break;
		at = Math.min(span.toMs, span.fromMs + playMs - span.playMs);
	}
	return at;
}
