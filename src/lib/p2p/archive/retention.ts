/** How long a recording lives: thirty days from its end, unless its host chose to keep it. */
import { RETENTION_DAYS } from './limits.ts';
import type { RecordingMeta } from './meta.ts';

const DAY_MS = 86_400_000;

type Dated = Pick<RecordingMeta, 'startedAtMs' | 'endedAtMs' | 'keptAtMs'>;

/**
 * When it is to be deleted, epoch ms; null where it is kept. `lastMs`, by the recording's own clock, is the last time
 * at which anything was written: one that was cut off and never taken up again ended then.
 */
export function deletedAtMs(meta: Dated, lastMs: number): number | null {
	if (meta.keptAtMs !== null) return null;
	return (meta.endedAtMs ?? meta.startedAtMs + lastMs) + RETENTION_DAYS * DAY_MS;
}

/** Whether its day has come. A clock that was set back keeps it a while longer, never for good. */
export function isOver(meta: Dated, lastMs: number, nowMs: number): boolean {
	const atMs = deletedAtMs(meta, lastMs);
	return atMs !== null && nowMs >= atMs;
}
