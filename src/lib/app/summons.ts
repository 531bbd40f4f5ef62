/** Calls a person who looks elsewhere, and counts what waits for them. */
import type { SystemNotices } from '#lib/io/ports.ts';
import type { ShowWaiting } from '#lib/io/system/ports.ts';
import type { SignalChoice, SignalKind } from './signals.ts';

export interface Summons {
	/** A sound and a notification, as far as this kind is wanted. */
	call(kind: SignalKind, notice: Parameters<SystemNotices['show']>[0]): void;
	/** So many of this kind wait for an answer now. */
	wait(kind: SignalKind, count: number): void;
}

export interface SummonsParts {
	readonly notices: Pick<SystemNotices, 'show'>;
	readonly mark: ShowWaiting;
	readonly ring: () => void;
	readonly choice: () => SignalChoice;
}

export function createSummons({ notices, mark, ring, choice }: SummonsParts): Summons {
	const waiting = new Map<SignalKind, number>();
	return {
		call(kind, notice) {
			const wanted = choice();
			if (!wanted[kind]) return;
			if (wanted.sound) ring();
			notices.show(notice);
		},
		wait(kind, count) {
			waiting.set(kind, choice()[kind] ? count : 0);
			mark([...waiting.values()].reduce((sum, one) => sum + one, 0));
		}
	};
}
