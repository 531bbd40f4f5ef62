/**
 * How each voice is to be heard by this person alone: how loud, and from where. People are told apart here; playout knows
 * streams only, and is told of each seat what is new for it.
 */
import { GAIN_MAX, MIDDLE, type Place } from '../playout/mix.ts';
import type { PeerId, StreamId } from '../wire/ids.ts';
import type { PeerOutput } from './io.ts';
import type { PeerState } from './state.ts';

export interface EarsWish {
	/** Loudness of some people, 0 to GAIN_MAX; the others are as they are. */
	readonly volumes: readonly (readonly [PeerId, number])[];
	/** Voices come from places between left and right. */
	readonly placed: boolean;
}

export interface EarsState {
	volumes: ReadonlyMap<PeerId, number>;
	placed: boolean;
	/** Which of PANS each stream on stage has; kept while it sits. */
	readonly places: Map<StreamId, number>;
	/** What playout was told last, of streams on stage. */
	readonly told: Map<StreamId, Place>;
}

export const newEars = (): EarsState => ({
	volumes: new Map(),
	placed: false,
	places: new Map(),
	told: new Map()
});

/**
 * Where voices stand, in the order in which places are taken: each as far from those before it as there is room, the two first
 * near the middle. Nobody speaks into one ear alone: who hears badly on that side would miss them. As many as there are others on
 * a full stage.
 */
export const PANS = [-0.25, 0.25, -0.6, 0.6, 0, -0.42, 0.42, -0.78, 0.78, -0.12, 0.12] as const;

export function onEars(peer: PeerState, { volumes, placed }: EarsWish): PeerOutput[] {
	peer.ears.volumes = new Map(volumes);
	peer.ears.placed = placed;
	return tellPlaces(peer);
}

/** To be called whenever seats may have changed. */
export function tellPlaces({ ears, room, options }: PeerState): PeerOutput[] {
	const others = room.seats.filter((seat) => seat.peer !== options.me);
	const streams = new Set(others.map(({ stream }) => stream));
	for (const kept of [ears.places, ears.told]) {
		for (const stream of kept.keys()) if (!streams.has(stream)) kept.delete(stream);
	}
	return others.flatMap(({ peer, stream }): PeerOutput[] => {
		const place = { gain: gainOf(ears, peer), pan: ears.placed ? panOf(ears, stream) : 0 };
		const told = ears.told.get(stream) ?? MIDDLE;
		if (place.gain === told.gain && place.pan === told.pan) return [];
		ears.told.set(stream, place);
		return [{ type: 'play', input: { type: 'place', stream, place } }];
	});
}

const gainOf = ({ volumes }: EarsState, peer: PeerId): number =>
	Math.max(0, Math.min(GAIN_MAX, volumes.get(peer) ?? 1));

/** The first that nobody has: whoever sits stays where they are, whoever comes and goes. */
function panOf({ places }: EarsState, stream: StreamId): number {
	const taken = new Set(places.values());
	const place = places.get(stream) ?? PANS.findIndex((_, i) => !taken.has(i));
	places.set(stream, place);
	return PANS[place] ?? 0;
}
