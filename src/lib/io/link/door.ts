/** Where strangers knock: their streams until the knock is read, and the knocks until they are answered. */
import type { Clock, KnockTicket, Signalling, SignalStream } from '#lib/io/ports.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import {
	KNOCK_ANSWER_MS,
	KNOCK_WINDOW_MS,
	KNOCKERS_REMEMBERED_MAX,
	KNOCKS_PER_PEER_MAX,
	KNOCKS_WAITING_MAX
} from '#lib/p2p/wire/limits.ts';
import { createRate } from './rates.ts';
import { decodeLinkMessage, type LinkMessage } from './signals.ts';

/** A peer that stands at the door. What it says meanwhile is kept (the stream bounds it). */
export interface Knocker {
	readonly from: PeerId;
	readonly ticket: KnockTicket;
	readonly knock: Uint8Array;
	readonly stream: SignalStream;
	/** Hands over what it said after the knock and will say. From now on its time is not ours to keep. */
	listen(say: (message: LinkMessage) => void): void;
	/** Runs when the knocker leaves, or its time is up, before `listen` was called. */
	onGone: () => void;
	/** Gives it `KNOCK_ANSWER_MS` from now, as when it had to wait for a decision of ours. */
	wait(): void;
}

interface DoorOptions {
	readonly signalling: Signalling;
	readonly clock: Clock;
	/** A knock was read. */
	readonly onKnock: (knocker: Knocker) => void;
}

/** Returns what closes the door, on all who stand there as well. */
export function openDoor({ signalling, clock, onKnock }: DoorOptions): () => void {
	const standing = new Set<SignalStream>();
	const rate = createRate({
		max: KNOCKS_PER_PEER_MAX,
		windowMs: KNOCK_WINDOW_MS,
		namesMax: KNOCKERS_REMEMBERED_MAX
	});
	let tickets = 0;
	const stopTaking = signalling.onStream((stream) => {
		if (standing.size >= KNOCKS_WAITING_MAX || !rate.allow(stream.peer, clock.nowMs())) {
			stream.close();
			return;
		}
		standing.add(stream);
		tickets += 1;
		const leave = (): void => void standing.delete(stream);
		receive(stream, tickets as KnockTicket, { clock, onKnock, leave });
	});
	return () => {
		stopTaking();
		for (const stream of [...standing]) stream.close();
	};
}

interface Reception {
	readonly clock: Clock;
	readonly onKnock: (knocker: Knocker) => void;
	/** The stream stands at the door no longer. */
	readonly leave: () => void;
}

function receive(
	stream: SignalStream,
	ticket: KnockTicket,
	{ clock, onKnock, leave }: Reception
): void {
	const said: LinkMessage[] = [];
	let say: ((message: LinkMessage) => void) | null = null;
	let knocker: Knocker | null = null;
	let cancelAlarm: () => void = () => undefined;
	const wait = (): void => {
		cancelAlarm();
		cancelAlarm = clock.wake(clock.nowMs() + KNOCK_ANSWER_MS, () => {
			stream.close();
		});
	};
	const makeKnocker = (knock: Uint8Array): Knocker => ({
		from: stream.peer,
		ticket,
		knock,
		stream,
		onGone: () => undefined,
		wait,
		listen(onMessage) {
			cancelAlarm();
			leave();
			say = onMessage;
			for (const message of said.splice(0)) onMessage(message);
		}
	});
	wait();
	stream.listen({
		message(bytes) {
			const message = decodeLinkMessage(bytes);
			if (message === null || (message.type === 'knock') === (knocker !== null)) stream.close();
			else if (message.type === 'knock') {
				knocker = makeKnocker(message.knock);
				onKnock(knocker);
			} else if (say) say(message);
			else said.push(message);
		},
		closed() {
			cancelAlarm();
			leave();
			if (say === null) knocker?.onGone();
		}
	});
}
