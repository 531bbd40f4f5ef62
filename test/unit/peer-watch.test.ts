import { describe, expect, it } from 'vitest';
import { tagOf } from '#lib/p2p/wire/repair.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { encodeFrames, encodeHeartbeat, encodeSilence, UNCOUNTED } from '#lib/p2p/wire/packet.ts';
import {
	GRAFT_AFTER_MS,
	HELD_UP_MS,
	LEASE_MS,
	SILENT_MS,
	TALKING_FRESH_MS,
	WITHHELD_MS
} from '#lib/p2p/peer/repair-timing.ts';
import { told, type LonePeer } from '../lib/lone-peer.ts';
import {
	backedUp,
	hearing,
	hearProven,
	leases,
	listening,
	pulls,
	SILENT_UNKNOWN_MS,
	tellHeld
} from '../lib/stage.ts';
import { host, person } from './room-people.ts';

/** A heartbeat that says how many packets were sent. */
function tellSent(lone: LonePeer, from: PeerId, sent: number, lossesAbove = 0): void {
	const beat = { stampMs: 1, echoMs: 0, heldMs: 0, ...UNCOUNTED, sent, lossesAbove };
	lone.feed({ type: 'datagram', from, bytes: encodeHeartbeat(beat) });
}

const counts = (lone: LonePeer) => lone.peer.diagnostics(lone.nowMs).repair;

describe('a parent that falls silent while somebody talks', () => {
	it('is stood in for by a backup at once, which pushes what is newer than what we have', () => {
		const { lone, one, next, backups } = hearing();
		expect(pulls(lone.pass(SILENT_UNKNOWN_MS - 21))).toEqual([]);
		expect(pulls(lone.pass(1))).toEqual([
			{
				to: backups[0],
				leaseMs: LEASE_MS,
				entries: [{ tag: tagOf(one), seq: next - 1, bits: 0 }]
			}
		]);
	});

	it('is not asked after at once where it is we who were held up, and what came waits to be read', () => {
		const { lone, parent, one, next } = hearing();
		lone.nowMs += 400;
		expect(leases(lone.feed({ type: 'tick' }))).toEqual([]);
		hearProven(lone, parent, next, one);
		expect(leases(lone.pass(SILENT_UNKNOWN_MS - 21))).toEqual([]);
		lone.nowMs += 400;
		expect(leases(lone.feed({ type: 'tick' }))).toEqual([]);
		expect(leases(lone.pass(HELD_UP_MS))).toHaveLength(1);
	});

	it('is given more time on a line that is not regular', () => {
		const { lone, parent, one, backups } = backedUp();
		for (let seq = 1; seq < 100; seq++) {
			hearProven(lone, parent, seq, one);
			lone.pass(seq % 2 === 0 ? 5 : 35);
			lone.beat(...backups);
		}
		hearProven(lone, parent, 100, one);
		expect(leases(lone.pass(SILENT_UNKNOWN_MS))).toEqual([]);
		expect(leases(lone.pass(SILENT_UNKNOWN_MS))).toHaveLength(1);
	});

	it('is given as long as it was late where that happens again and again, and not for long', () => {
		const { lone, parent, one, backups } = backedUp();
		let seq = 0;
		const asked = (out: Parameters<typeof pulls>[0]) =>
			pulls(out).filter(({ leaseMs }) => leaseMs === LEASE_MS).length;
		const speak = (count: number) => {
			const out = [];
			for (let i = 0; i < count; i++) {
				out.push(...hearProven(lone, parent, ++seq, one), ...lone.pass(20));
				lone.beat(...backups);
			}
			return asked(out);
		};
		const stallMs = 100;
		const stalls = Array.from({ length: 5 }, () => speak(50) + asked(lone.pass(stallMs)));
		expect(stalls.slice(0, 3).every((count) => count > 0)).toBe(true);
		expect(stalls.slice(3)).toEqual([0, 0]);
		// One that does not come back is still noticed soon,
		speak(50);
		expect(asked(lone.pass(SILENT_UNKNOWN_MS + stallMs))).toBeGreaterThan(0);
		// and after ten quiet seconds as soon as ever.
		speak(550);
		expect(asked(lone.pass(SILENT_UNKNOWN_MS))).toBeGreaterThan(0);
	});

	it('is not taken for late where frames of it are missing as well', () => {
		const { lone, parent, one, backups } = backedUp();
		let seq = 0;
		const speak = (count: number) => {
			for (let i = 0; i < count; i++) {
				hearProven(lone, parent, ++seq, one);
				lone.pass(20);
				lone.beat(...backups);
			}
		};
		const stalls = Array.from({ length: 5 }, () => {
			speak(25);
			seq++;
			speak(25);
			return leases(lone.pass(100)).length;
		});
		expect(stalls.every((count) => count > 0)).toBe(true);
	});

	it.each([
		[0, 0],
		[0.01, 1],
		[0.1, 2],
		[0.4, 3]
	])('is given time for what its line loses: of %f, %i packets in a row', (share, packets) => {
		const { lone, one, parent, backups } = backedUp();
		let [seq, sent] = [0, 0];
		const speak = (losing: boolean) => {
			seq++;
			sent++;
			if (!losing) hearProven(lone, parent, seq, one);
			if (sent % 50 === 0) tellSent(lone, parent, sent);
			lone.beat(...backups);
			lone.pass(20);
		};
		while (sent < 1_000) speak(Math.floor(sent * share) !== Math.floor((sent + 1) * share));
		speak(false);
		expect(leases(lone.pass(SILENT_MS + 20 * packets - 22))).toEqual([]);
		expect(leases(lone.pass(10))).toHaveLength(1);
	});

	it('is stood in for by the next backup where the first does not answer', () => {
		const { lone, backups } = hearing();
		const asked = leases(lone.pass(500)).map(({ to }) => to);
		expect(asked.slice(0, 2)).toEqual(backups);
	});

	it('is replaced where a backup hears the voice, and not before it had time to come back', () => {
		const { lone, one, next, parent, backups } = hearing();
		const graft = (outputs: Parameters<typeof told>[0]) =>
			told(outputs, backups[0]).filter(({ type }) => type === 'graft');
		const silentMs = SILENT_UNKNOWN_MS + GRAFT_AFTER_MS;
		lone.pass(40);
		const out = [];
		for (let i = 0; i < 5; i++)
			out.push(...hearProven(lone, backups[0], next + i, one), ...lone.pass(20));
		expect(graft(out)).toEqual([]);
		expect(60 + 100).toBeLessThan(silentMs);
		const after = [...hearProven(lone, backups[0], next + 5, one), ...lone.pass(20)];
		expect(graft(after)).toHaveLength(1);
		expect(counts(lone).starved).toBe(1);
		expect(lone.peer.diagnostics(lone.nowMs).blamed).toMatchObject([
			{ peer: parent, reason: 'silent', count: 1 }
		]);
	});

	it('is waited for twice as long where it spoke again right after it had been replaced', () => {
		const { lone, one, next, parent, backups } = hearing();
		const starved = () => counts(lone).starved;
		let seq = next;
		const silentFor = (ticks: number) => {
			for (let i = 0; i < ticks; i++) {
				hearProven(lone, backups[0], seq++, one);
				lone.pass(20);
				lone.beat(parent, ...backups);
			}
		};
		const usualTicks = Math.ceil((SILENT_UNKNOWN_MS + GRAFT_AFTER_MS) / 20);
		silentFor(usualTicks);
		expect(starved()).toBe(1);
		for (let i = 0; i < 10; i++) {
			hearProven(lone, parent, seq++, one);
			lone.pass(20);
		}
		silentFor(usualTicks + 1);
		expect(starved()).toBe(1);
		silentFor(usualTicks);
		expect(starved()).toBe(2);
	});

	it('is not replaced where nobody hears anything: then it is the speaker who is silent', () => {
		const { lone, parent, backups } = hearing();
		const out = lone.pass(300);
		lone.beat(parent, ...backups);
		out.push(...lone.pass(300));
		expect(told(out).filter(({ type }) => type === 'graft' || type === 'attach')).toEqual([]);
		expect(counts(lone).starved).toBe(0);
	});

	it('is let be soon after the last word of anybody', () => {
		const { lone, parent, backups } = hearing();
		const quiet = (forMs: number) => {
			const out = [];
			for (let leftMs = forMs; leftMs > 0; leftMs -= 100) {
				lone.beat(parent, ...backups);
				out.push(...lone.pass(100));
			}
			return out;
		};
		expect(leases(quiet(TALKING_FRESH_MS)).length).toBeGreaterThan(0);
		expect(pulls(quiet(2_000))).toEqual([]);
	});

	it('is no reason for anything once the voice has said that it is silent', () => {
		const { lone, one, next, parent } = hearing();
		const bytes = encodeFrames([encodeSilence(one, next, 1)]);
		lone.feed({ type: 'datagram', from: parent, bytes });
		expect(pulls(lone.pass(400))).toEqual([]);
	});

	it('needs no stand-in any more when it is back', () => {
		const { lone, one, next, parent, backups } = hearing();
		lone.pass(40);
		hearProven(lone, backups[0], next, one);
		expect(pulls(hearProven(lone, parent, next, one))).toEqual([
			{ to: backups[0], leaseMs: 1, entries: [] }
		]);
		expect(pulls([...lone.pass(20), ...hearProven(lone, parent, next + 1, one)])).toEqual([]);
		expect(counts(lone)).toMatchObject({ leasesAsked: 1, starved: 0 });
	});

	it('is stood in for as long as it takes, without a second copy of what came', () => {
		const { lone, one, next, backups } = hearing();
		const asked = [];
		for (let i = 0; i < 40; i++) {
			asked.push(...leases(lone.pass(20)));
			lone.beat(...backups);
			hearProven(lone, backups[0], next + i, one);
		}
		expect(asked.length).toBeGreaterThan(2);
		expect(
			asked.slice(1).every(({ to, entries }) => to === backups[0] && entries.length === 0)
		).toBe(true);
	});
});

describe('a parent that holds one voice back', () => {
	it('is left, once others have brought that voice for half a second', () => {
		const { lone, one, two, parent, backups } = backedUp();
		for (let seq = 1; seq <= 30; seq++) {
			hearProven(lone, parent, seq, one, two);
			if (seq % 5 === 0)
				tellHeld(lone, backups[0], [
					[one, seq],
					[two, seq]
				]);
			lone.pass(20);
			lone.beat(...backups);
		}
		let leasedAtMs = 0;
		let leftAtMs = 0;
		const startMs = lone.nowMs;
		for (let seq = 31; seq <= 75 && leftAtMs === 0; seq++) {
			const out = hearProven(lone, parent, seq, one);
			if (leasedAtMs > 0) out.push(...hearProven(lone, backups[0], seq, one, two));
			if (seq % 5 === 0)
				out.push(
					...tellHeld(lone, backups[0], [
						[one, seq],
						[two, seq]
					])
				);
			out.push(...lone.pass(20));
			lone.beat(...backups);
			if (leases(out).length > 0) leasedAtMs ||= lone.nowMs - startMs;
			if (lone.peer.diagnostics(lone.nowMs).blamed.length > 0) leftAtMs = lone.nowMs - startMs;
		}
		expect(leasedAtMs).toBeGreaterThan(0);
		expect(leasedAtMs).toBeLessThan(300);
		expect(leftAtMs).toBeGreaterThanOrEqual(WITHHELD_MS);
		expect(leftAtMs).toBeLessThan(1_000);
		expect(lone.peer.diagnostics(lone.nowMs).blamed).toMatchObject([
			{ peer: parent, reason: 'withheld' }
		]);
	});

	/** Of every five frames it brings three; the others come from a backup. Of that it says that so much was lost. */
	function bringsThreeOfFive(sentShare: number, lossesAbove: number): LonePeer {
		const { lone, one, parent, backups } = backedUp();
		const path = [host, person(60), person(61), person(62), person(50)].map(({ peer }) => peer);
		lone.control(parent, { type: 'path', path, delayMs: 10, roots: [] });
		for (let seq = 1; seq <= 400; seq++) {
			hearProven(lone, seq % 5 < 3 ? parent : backups[0], seq, one);
			if (seq % 5 === 0) tellHeld(lone, backups[0], [[one, seq]]);
			if (seq % 10 === 0) tellSent(lone, parent, Math.round(seq * sentShare), lossesAbove);
			lone.pass(20);
			lone.beat(...backups);
		}
		return lone;
	}

	it('in part is left', () => {
		const lone = bringsThreeOfFive(0.6, 0);
		expect(lone.peer.diagnostics(lone.nowMs).blamed).toMatchObject([
			{ peer: person(50).peer, reason: 'withheld' }
		]);
	});

	it('in part and says that its own line lost it is left', () => {
		const lone = bringsThreeOfFive(1, 0);
		expect(lone.peer.diagnostics(lone.nowMs).blamed).toMatchObject([
			{ peer: person(50).peer, reason: 'withheld' }
		]);
	});

	it('is not what brings little because the whole way loses much', () => {
		const lone = bringsThreeOfFive(0.66, 0.4);
		expect(lone.peer.diagnostics(lone.nowMs).blamed).toEqual([]);
	});

	it('is not left for what a backup only claims', () => {
		const { lone, one, two, parent, backups } = backedUp();
		for (let seq = 1; seq <= 100; seq++) {
			hearProven(lone, parent, seq, one);
			if (seq <= 30) hearProven(lone, parent, seq, two);
			if (seq % 5 === 0)
				tellHeld(lone, backups[0], [
					[one, seq],
					[two, seq]
				]);
			lone.pass(20);
			lone.beat(...backups);
		}
		expect(lone.peer.diagnostics(lone.nowMs)).toMatchObject({ parent, blamed: [] });
	});

	it('is not taken for one because the other way is shorter', () => {
		const { lone, one, parent, backups } = backedUp();
		const out = [];
		for (let seq = 1; seq <= 100; seq++) {
			out.push(...hearProven(lone, parent, seq, one));
			if (seq % 5 === 0) out.push(...tellHeld(lone, backups[0], [[one, seq + 10]]));
			out.push(...lone.pass(20));
		}
		expect(leases(out)).toEqual([]);
	});
});

describe('what playout is told to wait for at least', () => {
	const floors = (outputs: ReturnType<LonePeer['feed']>) =>
		outputs.flatMap((output) =>
			output.type === 'play' && output.input.type === 'floor' ? [output.input.ms] : []
		);

	it('is told before the first frame, and again where it has moved', () => {
		const { lone, one, parent } = backedUp();
		const out = hearProven(lone, parent, 1, one);
		expect(floors(out)).toEqual([115]);
		expect(out.findIndex(({ type }) => type === 'play')).toBeLessThan(out.length - 1);
		expect(floors(lone.pass(500))).toEqual([]);
	});

	it('is no less for a voice that comes straight from its author: repairs take their time', () => {
		const { lone, one } = listening();
		expect(
			floors(hearProven(lone, lone.peer.view().stage[0]?.peer ?? person(0).peer, 1, one))
		).toEqual([115]);
	});
});
