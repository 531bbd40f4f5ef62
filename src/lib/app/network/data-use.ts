/** How many bytes rooms took this month, counted on this device. */
import type { Clock, Store } from '#lib/io/ports.ts';
import { isRecord, numberIn, parsed, textIn } from '../json-record.ts';

export interface MonthOfData {
	/** `2026-11`, by this device's calendar. */
	readonly month: string;
	readonly up: number;
	readonly down: number;
}

export interface DataUse {
	readonly now: MonthOfData;
	/** What a room has sent and received since it was entered; tells it apart from others by itself. */
	count(room: object, up: number, down: number): void;
}

const RECORD = 'data-use';
/** A crash costs the count no more than this. */
const KEPT_EVERY_MS = 15_000;

export async function loadDataUse(
	store: Store,
	clock: Clock,
	monthNow: () => string = calendarMonth
): Promise<DataUse> {
	const bytes = await store.get(RECORD);
	let kept = bytes === null ? null : readMonth(parsed(bytes));
	const counted = new WeakMap<object, { readonly up: number; readonly down: number }>();
	let keptAtMs = 0;
	const now = (): MonthOfData => {
		const month = monthNow();
		if (kept?.month !== month) kept = { month, up: 0, down: 0 };
		return kept;
	};
	return {
		get now() {
			return now();
		},
		count(room, up, down) {
			const before = counted.get(room) ?? { up: 0, down: 0 };
			counted.set(room, { up, down });
			const { month, ...sum } = now();
			kept = {
				month,
				up: sum.up + Math.max(0, up - before.up),
				down: sum.down + Math.max(0, down - before.down)
			};
			if (clock.nowMs() - keptAtMs < KEPT_EVERY_MS) return;
			keptAtMs = clock.nowMs();
			store.put(RECORD, new TextEncoder().encode(JSON.stringify(kept))).catch((error: unknown) => {
				console.warn(error);
			});
		}
	};
}

function calendarMonth(): string {
	const now = new Date();
	return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}`;
}

function readMonth(json: unknown): MonthOfData | null {
	if (!isRecord(json)) return null;
	const month = textIn(json['month']);
	if (!/^\d{4}-\d{2}$/.test(month)) return null;
	return { month, up: numberIn(json['up']), down: numberIn(json['down']) };
}
