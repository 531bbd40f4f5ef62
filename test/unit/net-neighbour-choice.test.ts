import { describe, expect, it } from 'vitest';
import { choose, nextChoiceMs, type Acquaintance } from '#lib/io/net/neighbour-choice.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import {
	GOSSIP_NEIGHBOURS_MAX,
	NEIGHBOUR_DIALS_MAX,
	NEIGHBOUR_SETTLE_MS
} from '#lib/p2p/wire/limits.ts';

const KNOWN_MS = 1_000;
/** Everybody may be called. */
const LATE_MS = KNOWN_MS + 2 * NEIGHBOUR_SETTLE_MS;

function setup(me: string, others: string, connected = '') {
	const known = new Map<PeerId, Acquaintance>();
	for (const name of others) {
		const peer = name as PeerId;
		const contact = { peer, addrs: [] };
		const times = { knownMs: KNOWN_MS, nextCallMs: KNOWN_MS };
		known.set(peer, { contact, ...times, failures: 0, calling: false });
	}
	const all = { me: me as PeerId, known, connected: new Set(Array.from(connected) as PeerId[]) };
	return {
		all,
		who: (name: string) => known.get(name as PeerId) as Acquaintance,
		chosen: (nowMs = LATE_MS) => choose(all, nowMs)?.contact.peer ?? null
	};
}

describe('the choice of neighbours', () => {
	it('begins with the nearest below, goes down from there, and then down from the top', () => {
		const { chosen, all } = setup('m', 'azlkx');
		const order: (string | null)[] = [];
		for (let i = 0; i < 3; i++) {
			const next = chosen();
			order.push(next);
			if (next !== null) all.connected.add(next);
		}
		expect(order).toEqual(['l', 'k', 'a']);
		expect(chosen()).toBeNull();
		expect(setup('a', 'mxz').chosen()).toBe('z');
	});

	it('wants the nearest below also where there are enough others', () => {
		expect(setup('m', 'abcl', 'abc').chosen()).toBe('l');
		expect(setup('m', 'abcl', 'abl').chosen()).toBeNull();
	});

	it('passes over those below who must not be called yet, until they may', () => {
		const { who, chosen } = setup('m', 'kl');
		who('l').nextCallMs = LATE_MS + 1;
		expect(chosen()).toBe('k');
		expect(chosen(LATE_MS + 1)).toBe('l');
	});

	it('leaves newcomers alone, and those above twice as long, for they may call', () => {
		const { chosen, all } = setup('m', 'az', '');
		expect(chosen(KNOWN_MS + NEIGHBOUR_SETTLE_MS - 1)).toBeNull();
		expect(chosen(KNOWN_MS + NEIGHBOUR_SETTLE_MS)).toBe('a');
		all.connected.add('a' as PeerId);
		expect(chosen(LATE_MS - 1)).toBeNull();
		expect(nextChoiceMs(all, LATE_MS - 1)).toBe(LATE_MS);
		expect(chosen(LATE_MS)).toBe('z');
		expect(nextChoiceMs(all, LATE_MS)).toBe(Infinity);
	});

	it('makes a few calls at once and no more', () => {
		const { chosen, who } = setup('m', 'abcdefgh');
		for (let i = 0; i < NEIGHBOUR_DIALS_MAX; i++) who(chosen() ?? '').calling = true;
		expect(chosen()).toBeNull();
	});

	it('takes nobody beyond the most there may be, not even the nearest below', () => {
		const others = 'abcdefgh'.slice(0, GOSSIP_NEIGHBOURS_MAX);
		expect(setup('m', others + 'l', others).chosen()).toBeNull();
	});
});
