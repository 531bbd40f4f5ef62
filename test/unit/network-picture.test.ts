/** Where everybody stands in the picture of the network. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NetworkWeb, Person } from '#lib/app/state/network-facts.ts';
import { PICTURE_WIDTH, pictureOf, type Picture, type Spot } from '#lib/ui/network/picture.ts';
import { PATH_MAX, SEATS_MAX } from '#lib/p2p/wire/limits.ts';
import { fakePeer } from '../lib/fake-session.ts';

const person = (name: string): Person => ({ peer: fakePeer(name), name, me: name === 'Me' });
const people = (prefix: string, count: number): Person[] =>
	Array.from({ length: count }, (_, i) => person(`${prefix}${i + 1}`));
const me = person('Me');

const empty: NetworkWeb = {
	onStage: false,
	stage: [],
	mesh: [],
	path: [],
	backups: [],
	children: [],
	backupChildren: []
};
const draw = (web: Partial<NetworkWeb>, timed: readonly Person[] = []): Picture =>
	pictureOf({ me, web: { ...empty, ...web }, timed: new Set(timed.map(({ peer }) => peer)) });

const spotOf = (picture: Picture, name: string): Spot =>
	picture.spots.find((spot) => spot.person.name === name)!;
const kinds = (picture: Picture): string[] => picture.lines.map(({ kind }) => kind);

/** A web as large as it can be on both sides of every limit. */
const webs = fc
	.record({
		stage: fc.nat(SEATS_MAX),
		between: fc.nat(PATH_MAX),
		strangers: fc.nat(4),
		stageBackups: fc.nat(2),
		children: fc.nat(70),
		backupChildren: fc.nat(20),
		onStage: fc.boolean()
	})
	.map((size): NetworkWeb => {
		const stage = people('S', size.stage);
		const between = people('R', size.between);
		const hasWay = !size.onStage && stage.length > 0;
		return {
			onStage: size.onStage,
			stage,
			mesh: size.onStage ? stage.slice(1).map(({ peer }) => peer) : [],
			path: hasWay ? [stage[0]!, ...between, me] : [],
			backups: size.onStage
				? []
				: [...people('B', size.strangers), ...stage.slice(-size.stageBackups)].slice(0, 4),
			children: people('C', size.children),
			backupChildren: people('D', size.backupChildren)
		};
	});

describe('the picture of the network', () => {
	it('draws our way from the speaker down to us, and the sound along it', () => {
		const stage = people('S', 3);
		const [relay] = people('R', 1);
		const picture = draw({ stage, path: [stage[0]!, relay!, me] });
		const heights = ['S1', 'R1', 'Me'].map((name) => spotOf(picture, name).y);
		expect(heights).toEqual([...heights].sort((a, b) => a - b));
		expect(kinds(picture)).toEqual(['sound', 'sound']);
		expect(spotOf(picture, 'S1').y).toBeLessThan(picture.stageHeight);
		expect(spotOf(picture, 'R1').y).toBeGreaterThan(picture.stageHeight);
	});

	it('draws backups beside our parent or where they are, with lines that say ready', () => {
		const stage = people('S', 3);
		const [grandparent, parent] = people('R', 2);
		const backups = [person('B1'), stage[2]!, grandparent!];
		const picture = draw({ stage, path: [stage[0]!, grandparent!, parent!, me], backups });
		expect(spotOf(picture, 'B1').y).toBe(spotOf(picture, 'R2').y);
		expect(kinds(picture).filter((kind) => kind === 'ready')).toHaveLength(3);
		expect(picture.spots).toHaveLength(3 + 2 + 1 + 1);
	});

	it('draws those on stage around us where we are one of them', () => {
		const stage = people('S', 4);
		const mesh = stage.slice(0, 3).map(({ peer }) => peer);
		const picture = draw({ onStage: true, stage, mesh, children: people('C', 2) });
		expect(kinds(picture)).toEqual(['mesh', 'mesh', 'mesh', 'sound', 'sound']);
		expect(spotOf(picture, 'Me').y).toBeLessThan(picture.stageHeight);
		expect(spotOf(picture, 'C1').y).toBeGreaterThan(picture.stageHeight);
	});

	it('says how many are between us and a speaker where the way is long', () => {
		const stage = people('S', 1);
		const picture = draw({ stage, path: [...stage, ...people('R', 9), me] });
		const shown = picture.spots.filter(({ standing }) => standing === 'relay');
		expect(shown.map(({ person: { name } }) => name)).toEqual(['R1', 'R8', 'R9']);
		expect(picture.gaps).toMatchObject([{ kind: 'between', count: 6 }]);
	});

	it('draws many children as a crowd, and counts those beyond it', () => {
		const picture = draw({ children: people('C', 25), backupChildren: people('D', 3) });
		const children = picture.spots.filter(({ standing }) => standing !== 'me');
		expect(children).toHaveLength(20);
		expect(children.every(({ named }) => !named)).toBe(true);
		expect(picture.gaps).toMatchObject([{ kind: 'more', count: 8 }]);
		expect(kinds(picture)).toEqual(['sound']);
	});

	it('draws us alone', () => {
		const picture = draw({});
		expect(picture.spots).toHaveLength(1);
		expect(picture.lines).toEqual([]);
	});

	it('never lets two faces overlap or leave the picture, and everybody in it is there once', () => {
		fc.assert(
			fc.property(webs, (web) => {
				const picture = pictureOf({ me, web, timed: new Set(web.children.map((c) => c.peer)) });
				const ids = picture.spots.map((spot) => spot.person.peer);
				expect(new Set(ids).size).toBe(ids.length);
				for (const [i, a] of picture.spots.entries()) {
					expect(a.x - a.size / 2).toBeGreaterThanOrEqual(0);
					expect(a.x + a.size / 2).toBeLessThanOrEqual(PICTURE_WIDTH);
					expect(a.y + a.size).toBeLessThanOrEqual(picture.height);
					for (const b of picture.spots.slice(i + 1)) {
						const apart = Math.hypot(a.x - b.x, a.y + a.size / 2 - b.y - b.size / 2);
						expect(apart).toBeGreaterThanOrEqual((a.size + b.size) / 2);
					}
				}
			})
		);
	});

	it('draws everybody once, whatever they are for each other', () => {
		const some = fc.array(fc.constantFrom(...people('P', 8), me), { maxLength: 9 });
		const mixed = fc.record({
			stage: fc.uniqueArray(fc.constantFrom(...people('P', 8)), {
				maxLength: 6,
				selector: ({ name }) => name
			}),
			path: some,
			backups: some,
			children: some,
			backupChildren: some,
			onStage: fc.boolean()
		});
		fc.assert(
			fc.property(mixed, (web) => {
				const ids = draw(web).spots.map((spot) => spot.person.peer);
				expect(new Set(ids).size).toBe(ids.length);
				expect(ids).toContain(me.peer);
			})
		);
	});

	it('has no line that leads nowhere', () => {
		fc.assert(
			fc.property(webs, (web) => {
				for (const { d } of pictureOf({ me, web, timed: new Set() }).lines) {
					expect(d).not.toMatch(/NaN|undefined|Infinity/);
				}
			})
		);
	});
});
