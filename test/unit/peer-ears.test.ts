/** How this person wants to hear the others: by person, whatever seat they have. */
import { describe, expect, it } from 'vitest';
import { PANS } from '#lib/p2p/peer/ears.ts';
import { streamOf, type StreamId } from '#lib/p2p/wire/ids.ts';
import { SEATS_MAX } from '#lib/p2p/wire/limits.ts';
import { ofType, type LonePeer } from '../lib/lone-peer.ts';
import { listening, second } from '../lib/stage.ts';
import { host } from './room-people.ts';

const places = (lone: LonePeer, volumes: readonly (readonly [string, number])[], placed = false) =>
	ofType(lone.feed({ type: 'ears', volumes: volumes as never, placed }), 'play').map(
		({ input }) => input
	);
const place = (stream: StreamId, gain: number, pan: number) => ({
	type: 'place',
	stream,
	place: { gain, pan }
});

describe('how voices are heard', () => {
	it('is told to playout by stream, and only what is new', () => {
		const { lone, two } = listening();
		expect(places(lone, [])).toEqual([]);
		expect(places(lone, [[second.peer, 0.5]])).toEqual([place(two, 0.5, 0)]);
		expect(places(lone, [[second.peer, 0.5]])).toEqual([]);
		expect(places(lone, [])).toEqual([place(two, 1, 0)]);
	});

	it('is never louder than twice, and of nobody who is not on stage', () => {
		const { lone, two } = listening();
		expect(
			places(lone, [
				[second.peer, 40],
				[lone.me.peer, 2]
			])
		).toEqual([place(two, 2, 0)]);
	});

	it('gives each voice a place of its own where that is wanted, and takes it back', () => {
		const { lone, one, two, three } = listening();
		const all = [one, two, three];
		expect(places(lone, [], true)).toEqual(all.map((stream, i) => place(stream, 1, PANS[i] ?? 0)));
		expect(places(lone, [[host.peer, 0.8]], true)).toEqual([place(one, 0.8, PANS[0])]);
		expect(places(lone, [], false)).toEqual(all.map((stream) => place(stream, 1, 0)));
	});

	it('leaves everybody where they are when somebody goes; who comes takes the place that is free', () => {
		const { lone, one, two, three, room, sits } = listening();
		places(lone, [], true);
		const gone = lone.learn(room.tell(host, { kind: 'stand', sit: sits[0].id }));
		expect(ofType(gone, 'play').map(({ input }) => input)).toEqual([{ type: 'drop', stream: one }]);
		const sit = room.tell(host, { kind: 'sit', invite: null, name: host.name });
		const back = ofType(lone.learn(sit), 'play').map(({ input }) => input);
		expect(back).toEqual([place(streamOf(sit.id), 1, PANS[0])]);
		const moved = places(lone, [], false).flatMap((input) =>
			'stream' in input ? input.stream : []
		);
		expect(new Set(moved)).toEqual(new Set([streamOf(sit.id), two, three]));
	});

	it('has as many places as there are seats, none shared, none at one ear alone', () => {
		expect(new Set(PANS).size).toBe(SEATS_MAX);
		expect(Math.max(...PANS.map(Math.abs))).toBeLessThan(0.8);
	});
});
