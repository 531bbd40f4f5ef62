/** Those who are out of the room: no source of ours, no child, no link. */
import { describe, expect, it } from 'vitest';
import { BAD_AVOID_MS } from '#lib/p2p/tree/timing.ts';
import { contact, HOST, ofType, peer, plant } from './tree-rig.ts';

const out = (...numbers: readonly number[]) =>
	({ type: 'out', peers: new Set(numbers.map((number) => peer(number))) }) as const;

describe('somebody who is out of the room', () => {
	it('is let go as a child, and the link is closed', () => {
		const rig = plant();
		rig.attach(peer(5), [HOST, peer(5)]);
		rig.adopt(peer(7));
		rig.adopt(peer(8));
		expect(ofType(rig.feed(out(7)), 'close')).toEqual([{ type: 'close', peer: peer(7) }]);
		expect(rig.tree.children).toEqual([peer(8)]);
	});

	it('is left as a parent, and another is looked for', () => {
		const rig = plant();
		rig.attach(peer(5), [HOST, peer(5)]);
		const told = rig.feed(out(5));
		expect(ofType(told, 'close')).toEqual([{ type: 'close', peer: peer(5) }]);
		expect(rig.tree.parent).toBeNull();
		const tried = ofType([...told, ...rig.wait(1_000)], 'open').map(({ to }) => to.peer);
		expect(tried).toContain(HOST);
		expect(tried).not.toContain(peer(5));
	});

	it('loses its link of the mesh with its seat', () => {
		const rig = plant();
		rig.feed({ type: 'stage', peers: [HOST, peer(100), peer(6)] });
		for (const number of [1, 6]) rig.feed({ type: 'opened', peer: peer(number) });
		rig.feed({ type: 'stage', peers: [HOST, peer(100)] });
		expect(ofType(rig.feed(out(6)), 'close')).toEqual([{ type: 'close', peer: peer(6) }]);
		expect(rig.tree.mesh).toEqual([HOST]);
	});

	it('is never tried, however often it is named, and again once it is let in', () => {
		const rig = plant();
		rig.feed(out(5));
		const tries = (): readonly string[] => {
			const named = rig.feed({ type: 'contacts', contacts: [contact(5)] });
			return ofType([...named, ...rig.wait(5_000)], 'open').map(({ to }) => to.peer);
		};
		for (let ms = 0; ms < 3 * BAD_AVOID_MS; ms += 20_000) {
			expect(tries()).toEqual([]);
			rig.wait(15_000);
		}
		rig.feed(out());
		expect(tries()).toContain(peer(5));
	});
});
