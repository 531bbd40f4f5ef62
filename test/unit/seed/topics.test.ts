import { describe, expect, it } from 'vitest';
import { createTopicLedger, TOPICS_MAX, TOPICS_PER_PEER_MAX } from '#lib/io/net/seed-topics.ts';

const topic = (n: number): string => `grapevine/room/${n.toString(16).padStart(40, '0')}`;

describe('the rooms that a seed carries', () => {
	it('begin with the first listener and end with the last', () => {
		const ledger = createTopicLedger();
		expect(ledger.subscription('ann', topic(1), true)).toEqual([
			{ type: 'carry', topic: topic(1) }
		]);
		expect(ledger.subscription('bob', topic(1), true)).toEqual([]);
		expect(ledger.subscription('ann', topic(1), false)).toEqual([]);
		expect(ledger.gone('bob')).toEqual([{ type: 'drop', topic: topic(1) }]);
	});

	it('are counted once, however often somebody subscribes', () => {
		const ledger = createTopicLedger();
		ledger.subscription('ann', topic(1), true);
		expect(ledger.subscription('ann', topic(1), true)).toEqual([]);
		expect(ledger.gone('ann')).toEqual([{ type: 'drop', topic: topic(1) }]);
		expect(ledger.gone('ann')).toEqual([]);
	});

	it('do not stay open because another seed listens', () => {
		const ledger = createTopicLedger();
		ledger.isSeed('seed');
		expect(ledger.subscription('seed', topic(1), true)).toEqual([]);
	});

	it('are dropped when their only listener turns out to be a seed', () => {
		const ledger = createTopicLedger();
		ledger.subscription('seed', topic(1), true);
		expect(ledger.isSeed('seed')).toEqual([{ type: 'drop', topic: topic(1) }]);
	});

	it.each([
		'grapevine/room/',
		'grapevine/room/xyz',
		'elsewhere',
		`${topic(1)}0`,
		topic(1).toUpperCase()
	])('are no other topics: %s', (other) => {
		expect(createTopicLedger().subscription('ann', other, true)).toEqual([]);
	});

	it('are a few for each peer and bounded in all', () => {
		const ledger = createTopicLedger();
		let carried = 0;
		for (let n = 0; n < 2 * TOPICS_PER_PEER_MAX; n++) {
			carried += ledger.subscription('greedy', topic(n), true).length;
		}
		expect(carried).toBe(TOPICS_PER_PEER_MAX);
		for (let n = 0; n < 2 * TOPICS_MAX; n++) {
			carried += ledger.subscription(`peer ${n}`, topic(1_000 + n), true).length;
		}
		expect(carried).toBe(TOPICS_MAX);
		// A room that is carried already takes more listeners.
		ledger.subscription('late', topic(0), true);
		expect(ledger.gone('greedy')).not.toContainEqual({ type: 'drop', topic: topic(0) });
	});
});
