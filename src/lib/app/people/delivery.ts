/** Brings what waits to whoever it is for, once they are there: at once, and with pauses that grow while something waits. */
import type { Clock, LetterAnswer } from '#lib/io/ports.ts';
import { reachKeyOf } from '#lib/p2p/wire/card.ts';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import type { LetterId, PeerId } from '#lib/p2p/wire/ids.ts';
import { DELIVER_MAX_MS, DELIVER_MIN_MS, DELIVER_MS } from '#lib/p2p/wire/limits.ts';
import type { LetterNetwork } from './letter-desk.ts';
import type { People } from './people.ts';

/** Sealed, and not delivered yet. */
export interface Waiting {
	readonly id: LetterId;
	readonly to: PeerId;
	readonly sealed: Uint8Array;
}

export interface DeliveryParts {
	readonly clock: Clock;
	readonly people: People;
	/** All that waits now; what is over is left out. */
	readonly waiting: () => readonly Waiting[];
	/** It came, or its reader cannot read it, and never will. Nothing is lost where it rejects. */
	readonly onAnswer: (letter: Waiting, answer: 'taken' | 'unreadable') => Promise<void>;
}

export interface Delivery {
	/** Something is there to be delivered. */
	soon(): void;
	/** It is being handed over now: whoever it is for may have it. */
	isUnderWay(id: LetterId): boolean;
	/** From now on it can be. */
	connect(network: LetterNetwork): void;
}

export function createDelivery({ clock, people, waiting, onAnswer }: DeliveryParts): Delivery {
	let network: LetterNetwork | null = null;
	let delivering = false;
	let underWay: LetterId | null = null;
	/** Something came to be delivered meanwhile. */
	let again = false;
	let pauseMs = DELIVER_MIN_MS;
	let cancelAlarm = (): void => undefined;

	const deliver = async (by: LetterNetwork, letter: Waiting): Promise<void> => {
		// It may have been taken back while those before it were brought.
		if (!waiting().some(({ id }) => id === letter.id)) return;
		underWay = letter.id;
		const signal = AbortSignal.timeout(DELIVER_MS);
		const answer = await handOver(people, by, { letter, signal }).catch(() => 'busy' as const);
		if (answer !== 'busy') await onAnswer(letter, answer).catch(() => undefined);
		underWay = null;
	};
	const deliverAll = async (): Promise<void> => {
		again = delivering;
		if (delivering || network === null) return;
		delivering = true;
		cancelAlarm();
		// One after the other: each is a search and a relayed connection.
		for (const letter of waiting()) if (network.seeds.reached() > 0) await deliver(network, letter);
		delivering = false;
		if (again) return deliverAll();
		if (waiting().length === 0) return;
		cancelAlarm = clock.wake(clock.nowMs() + pauseMs, () => void deliverAll());
		pauseMs = Math.min(2 * pauseMs, DELIVER_MAX_MS);
	};
	const soon = (): void => {
		pauseMs = DELIVER_MIN_MS;
		void deliverAll();
	};
	return {
		soon,
		isUnderWay: (id) => id === underWay,
		connect(next) {
			network = next;
			next.seeds.onChange((reached) => {
				if (reached > 0) soon();
			});
			soon();
		}
	};
}

/** Through a seed that we share, where the id is enough; else where their card says. */
async function handOver(
	people: People,
	{ letters, directory }: LetterNetwork,
	{ letter, signal }: { readonly letter: Waiting; readonly signal: AbortSignal }
): Promise<LetterAnswer> {
	const secret = people.find(letter.to)?.secret ?? null;
	const near: Contact = { peer: letter.to, addrs: [] };
	try {
		return await letters.send(near, letter.sealed, signal);
	} catch (error) {
		if (secret === null) throw error;
	}
	for await (const contact of directory.find(reachKeyOf({ peer: letter.to, secret }), signal)) {
		if (contact.peer === letter.to) return letters.send(contact, letter.sealed, signal);
	}
	return 'busy';
}
