/** What wants to be seen wherever the person is in the app: an invitation, a room that begins, a recording that is kept. */
import type { PeerId, RoomId } from '#lib/p2p/wire/ids.ts';
import type { Heard } from './people/keep-box.ts';
import type { KeepDesk } from './people/keep-desk.ts';
import type { LetterDesk } from './people/letter-desk.ts';
import type { Received } from './people/letter-box.ts';
import type { Reminder, Reminders } from './lobby/reminders.ts';
import { createListeners } from './listeners.ts';

/** More at once would cover the screen; the oldest go first, and are still found where they are kept. */
export const ALERTS_MAX = 4;

export type Alert =
	| { readonly type: 'letter'; readonly id: string; readonly letter: Received }
	| { readonly type: 'reminder'; readonly id: string; readonly reminder: Reminder }
	| { readonly type: 'kept'; readonly id: string; readonly heard: Heard };

export interface Alerts {
	/** The oldest first. */
	readonly list: readonly Alert[];
	dismiss(id: string): void;
	onChange(listener: (list: readonly Alert[]) => void): () => void;
	/** Called once for each new one. */
	onNew(listener: (alert: Alert) => void): () => void;
}

export interface AlertsParts {
	readonly letters: Pick<LetterDesk, 'onArrival'>;
	readonly keeping: Pick<KeepDesk, 'onArrival'>;
	readonly reminders: Pick<Reminders, 'onDue'>;
}

export function createAlerts({ letters, keeping, reminders }: AlertsParts): Alerts {
	let list: readonly Alert[] = [];
	const changes = createListeners<readonly Alert[]>();
	const news = createListeners<Alert>();
	const set = (next: readonly Alert[]): void => {
		list = next.slice(-ALERTS_MAX);
		changes.tell(list);
	};
	const add = (alert: Alert): void => {
		set([...list.filter(({ id }) => id !== alert.id), alert]);
		news.tell(alert);
	};
	letters.onArrival((letter) =>
		add({ type: 'letter', id: letterKey(letter.from, letter.access), letter })
	);
	keeping.onArrival((heard) => add({ type: 'kept', id: keptKey(heard), heard }));
	reminders.onDue((reminder) =>
		add({ type: 'reminder', id: reminderKey(reminder.room), reminder })
	);
	return {
		get list() {
			return list;
		},
		dismiss: (id) => set(list.filter((one) => one.id !== id)),
		onChange: (listener) => changes.add(listener),
		onNew: (listener) => news.add(listener)
	};
}

/** A second invitation of the same person to the same room takes the place of the first. */
const letterKey = (from: PeerId, access: string): string => `letter ${from} ${access}`;
const keptKey = ({ from, startedAtMs }: Heard): string => `kept ${from} ${startedAtMs}`;
const reminderKey = (room: RoomId): string => `reminder ${room}`;
