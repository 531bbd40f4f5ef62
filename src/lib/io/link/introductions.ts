/**
 * Both ways in which two peers are introduced: calls over libp2p (through a seed, or a direct connection), and routes
 * over the links that the room has. Calls go first where they can get through; routes need nobody but the room.
 */
import type { Clock, Signalling } from '#lib/io/ports.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { firstOf, type Way } from './first-of.ts';
import type { RoutedSignalling } from './routed-signalling.ts';

/** A call takes one round trip through a seed; who has not got through by then is called along routes as well. */
export const CALL_HEAD_START_MS = 700;

export interface IntroductionsOptions {
	readonly calls: Signalling;
	readonly routed: RoutedSignalling;
	/** Whether a call to this peer has a way: a seed that is connected, or a direct connection to it. */
	readonly mayCall: (peer: PeerId) => boolean;
	readonly clock: Clock;
}

export function createIntroductions(options: IntroductionsOptions): Signalling {
	const { calls, routed, mayCall, clock } = options;
	return {
		open(to, signal) {
			if (!routed.hasRoute(to.peer)) return calls.open(to, signal);
			const call = (afterMs: number): Way => ({
				afterMs,
				open: (given) => calls.open(to, given)
			});
			const route = (afterMs: number): Way => ({
				afterMs,
				open: (given) => routed.open(to, given)
			});
			const ways = mayCall(to.peer)
				? [call(0), route(CALL_HEAD_START_MS)]
				: [route(0), call(CALL_HEAD_START_MS)];
			return firstOf(ways, clock, signal);
		},
		onStream(take) {
			const stops = [calls.onStream(take), routed.onStream(take)];
			return () => {
				for (const stop of stops) stop();
			};
		}
	};
}
