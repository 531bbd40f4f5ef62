/** Talk comes in spurts: numbers go on while nothing is said, and who tells of the next first is a matter of the ways. */
import { describe, expect, it } from 'vitest';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { encodeFrames, encodeSilence } from '#lib/p2p/wire/packet.ts';
import { hearing, hearProven, leases, SILENT_UNKNOWN_MS, tellHeld } from '../lib/stage.ts';

describe('a voice that begins anew', () => {
	/** The speaker says that it is silent, and is for so long. */
	function silent(forMs: number) {
		const room = hearing();
		const { lone, one, next, parent, backups } = room;
		const bytes = encodeFrames([encodeSilence(one, next, 1)]);
		lone.feed({ type: 'datagram', from: parent, bytes });
		// As a rule they are no further than we are.
		for (const backup of backups) tellHeld(lone, backup, [[one, next]]);
		for (let leftMs = forMs; leftMs > 0; leftMs -= 100) {
			lone.beat(parent, ...backups);
			lone.pass(100);
		}
		return { ...room, next: next + 1 + forMs / 20 };
	}

	it('is no reason to ask for it where backups only heard it first', () => {
		const { lone, one, next, parent, backups } = silent(10_000);
		const first = backups.flatMap((backup) => tellHeld(lone, backup, [[one, next]], 1));
		expect(leases([...first, ...lone.pass(10)])).toEqual([]);
		hearProven(lone, parent, next, one);
		const then = backups.flatMap((backup) => tellHeld(lone, backup, [[one, next + 1]], 0b11));
		expect(leases([...then, ...lone.pass(5)])).toEqual([]);
	});

	it('is asked for where backups go on to hear it and our parent brings nothing', () => {
		const { lone, one, next, backups } = silent(10_000);
		tellHeld(lone, backups[0], [[one, next + 5]], 0b111_111);
		expect(leases(tellHeld(lone, backups[0], [[one, next + 15]]))).toMatchObject([
			{ to: backups[0] }
		]);
	});

	it('leaves our parent as much time as any other voice, where another way is shorter', () => {
		const { lone, one, two, next, parent, backups } = silent(10_000);
		let seq = next;
		const speak = (ticks: number) => {
			for (let i = 0; i < ticks; i++) {
				hearProven(lone, parent, ++seq, two);
				lone.beat(...backups);
				lone.pass(20);
			}
		};
		speak(50);
		// A stand-in, once, which owes us for a while what it has.
		lone.pass(SILENT_UNKNOWN_MS);
		hearProven(lone, backups[0], seq, one);
		speak(15);
		expect(lone.peer.diagnostics(lone.nowMs)).toMatchObject({ parent, blamed: [] });
		hearProven(lone, parent, seq, one);
		speak(15);
		expect(lone.peer.diagnostics(lone.nowMs)).toMatchObject({ parent, blamed: [] });
	});
});

describe('a parent that is late again and again', () => {
	it('is given as much time after a pause, of which it tells now and then', () => {
		const { lone, one, next, parent, backups } = hearing();
		let seq = next;
		const asked = () => lone.peer.diagnostics(lone.nowMs).repair.leasesAsked;
		const speakAndStall = () => {
			const before = asked();
			for (let i = 0; i < 50; i++) {
				hearProven(lone, parent, seq++, one);
				lone.pass(20);
				lone.beat(...backups);
			}
			lone.pass(100);
			return asked() - before;
		};
		for (let i = 0; i < 3; i++) expect(speakAndStall()).toBeGreaterThan(0);
		expect(speakAndStall()).toBe(0);
		const tellSilence = (ticks: number) => {
			seq += ticks;
			const bytes = encodeFrames([encodeSilence(one, seq - 1, ticks)]);
			lone.feed({ type: 'datagram', from: parent, bytes });
			lone.pass(20 * ticks);
			lone.beat(...backups);
		};
		tellSilence(1);
		for (let told = 0; told < 5; told++) tellSilence(10);
		expect(speakAndStall()).toBe(0);
	});
});

describe('a backup that is far behind us', () => {
	it('is not taken to be ahead when it is less so', () => {
		const { lone, one, next, parent, backups } = hearing();
		const out = [];
		for (let i = 0; i < 200; i++) {
			hearProven(lone, parent, next + i, one);
			// Held up for a while, it tells of what is old; then it is level with us again.
			const back = i < 100 ? 25 : 0;
			if (i % 10 === 0)
				for (const each of backups) out.push(...tellHeld(lone, each, [[one, next + i - back]]));
			out.push(...lone.pass(20));
			lone.beat(...backups);
		}
		expect(leases(out)).toEqual([]);
	});
});

describe('a backup that is far ahead of us', () => {
	it('is so as a rule, also after it stood in', () => {
		const { lone, one, next, parent, backups } = hearing();
		const [backup] = backups;
		const lead = 10;
		let seq = next;
		const go = (ticks: number, ...sources: readonly PeerId[]) => {
			const before = lone.peer.diagnostics(lone.nowMs).repair.leasesAsked;
			for (let i = 0; i < ticks; i++, seq++) {
				if (sources.includes(parent)) hearProven(lone, parent, seq, one);
				if (sources.includes(backup)) hearProven(lone, backup, seq + lead, one);
				if (i % 10 === 0) tellHeld(lone, backup, [[one, seq + lead]]);
				lone.pass(20);
				lone.beat(...backups);
			}
			return lone.peer.diagnostics(lone.nowMs).repair.leasesAsked - before;
		};
		expect(go(100, parent)).toBe(0);
		lone.pass(SILENT_UNKNOWN_MS);
		go(60, parent, backup);
		expect(go(100, parent)).toBe(0);
	});
});
