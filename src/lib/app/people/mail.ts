/** What the desks of what goes from person to person have in common: a box that is saved, and those who want to hear of it. */
import type { Clock } from '#lib/io/ports.ts';
import { createListeners, type Listeners } from '../listeners.ts';
import { createDelivery, type Delivery, type DeliveryParts } from './delivery.ts';
import type { People } from './people.ts';

export interface MailParts {
	readonly people: People;
	readonly box: { save(): Promise<void> };
	readonly clock: Clock;
}

export interface Mail<Parts extends MailParts, Arrival> {
	readonly parts: Parts;
	readonly changes: Listeners<undefined>;
	readonly arrivals: Listeners<Arrival>;
	readonly delivery: Delivery;
}

export function createMail<Parts extends MailParts, Arrival>(
	parts: Parts,
	outgoing: Pick<DeliveryParts, 'waiting' | 'onAnswer'>
): Mail<Parts, Arrival> {
	const { clock, people } = parts;
	return {
		parts,
		changes: createListeners(),
		arrivals: createListeners(),
		delivery: createDelivery({ clock, people, ...outgoing })
	};
}

/** Rejects where the browser keeps nothing. */
export async function kept({
	parts,
	changes
}: Pick<Mail<MailParts, unknown>, 'parts' | 'changes'>): Promise<void> {
	await parts.box.save();
	changes.tell(undefined);
}
