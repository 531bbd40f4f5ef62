import { describe, expect, it } from 'vitest';
import { relayReport } from '../../../src/seed/relay-report.ts';
import { fakePeer } from '../../lib/fake-session.ts';

const now = (unsent: number): Parameters<typeof relayReport>[0] => ({
	depth: 1,
	children: [fakePeer('Ada'), fakePeer('Bob')],
	fanout: 30,
	listenerCount: 7,
	speakers: [],
	bytes: { up: 0, down: 2_048, packetsUp: 0, packetsDown: 0 },
	engine: { unsent, unsentBy: {}, sentBytes: 4_096, encoder: null, errors: [] }
});

describe("a relay helper's report", () => {
	it('says what it carries', () => {
		expect(relayReport(now(0))).toBe(
			'depth 1 · carrying 2 of 30 · 7 listening in all · 0 frames passed on · 2 KiB in, 4 KiB out'
		);
	});

	it('says how much it could not send, where that is anything', () => {
		expect(relayReport(now(12))).toContain(
			' · 0 frames passed on · 12 messages not sent · 2 KiB in'
		);
	});
});
