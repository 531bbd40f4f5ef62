import { describe, expect, it } from 'vitest';
import { previewOf, signedReport } from '#lib/app/engine/report-desk.ts';
import { HELD_BYTES_MAX, HELD_MS, REPORT_EVENTS_MAX } from '#lib/p2p/wire/limits.ts';
import {
	encodeReport,
	openReport,
	reportMessage,
	sealReport,
	type Report
} from '#lib/p2p/wire/report.ts';
import { createHeldSound } from '#lib/p2p/peer/held-sound.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { checkReport, type ReportVerdict } from '../../src/seed/report-check.ts';
import { faultWords, reportWords, saidAtMs } from '../../src/seed/report-words.ts';
import { decodeVoice } from '../../src/seed/report-sound.ts';
import { reportedRoom, realPerson, type ReportedRoom } from '../lib/reported-room.ts';
import { Dice } from '../sim/dice.ts';

/** Silence, as the encoder of Opus would have it: wide band, 20 ms, mono. */
const opus = (seq: number): Uint8Array => Uint8Array.of(0x48, seq & 255, 3);

const check = (scene: ReportedRoom, file: Uint8Array): Promise<ReportVerdict> =>
	checkReport(file, (...what) => scene.me.keys.verify(...what));

async function reportOf(scene: ReportedRoom, everybody = false): Promise<Uint8Array> {
	const evidence = scene.listener.evidence(scene.speaker.peer, scene.nowMs);
	const by = { keys: scene.me.keys, room: scene.room };
	return signedReport(evidence, { words: ' Loud\nnoises ', everybody }, by);
}

/** The same report with something else in it, signed anew by its reporter. */
async function changed(
	scene: ReportedRoom,
	file: Uint8Array,
	change: (report: Report) => Partial<Report>
): Promise<Uint8Array> {
	const opened = openReport(file);
	if (opened === null) throw new Error('It does not open.');
	const unsigned = encodeReport({ ...opened.report, ...change(opened.report) });
	return sealReport(unsigned, await scene.me.keys.sign(reportMessage(unsigned)));
}

const fault = (verdict: ReportVerdict): string => (verdict.ok ? 'none' : verdict.fault);

describe('a report', () => {
	it('proves who said what, and says what it does not prove', async () => {
		const scene = await reportedRoom(opus);
		await scene.say(103);
		await scene.tell(scene.host, { kind: 'remove', who: scene.speaker.peer, block: false });
		const preview = previewOf(scene.listener.evidence(scene.speaker.peer, scene.nowMs));
		expect(preview.voices).toMatchObject([{ peer: scene.speaker.peer, voiceMs: 2_000 }]);
		const verdict = await check(scene, await reportOf(scene));
		if (!verdict.ok) throw new Error(verdict.fault);
		const { checked } = verdict;
		expect(checked).toMatchObject({
			reporter: scene.me.peer,
			host: scene.host.peer,
			title: 'Reported',
			report: { about: scene.speaker.peer, words: 'Loud noises' }
		});
		expect(checked.events.map(({ body }) => body.kind).sort()).toEqual(
			['open', 'sit', 'invite', 'mic', 'remove'].sort()
		);
		// Three frames had no signature yet: they are no part of it.
		expect(checked.voices).toMatchObject([{ peer: scene.speaker.peer, missing: 0 }]);
		expect(checked.voices[0]?.frames).toHaveLength(100);
		const words = reportWords(checked);
		for (const part of [
			'“Real 2”',
			scene.speaker.peer,
			'Loud noises',
			'2.0 s of voice',
			'NOT PROVEN'
		]) {
			expect(words).toContain(part);
		}
		const samples = await decodeVoice(checked.voices[0]!);
		expect(samples).toHaveLength(100 * 960);
	});

	it('has the words and the events where nothing was heard', async () => {
		const scene = await reportedRoom(opus);
		const verdict = await check(scene, await reportOf(scene, true));
		expect(verdict).toMatchObject({ ok: true, checked: { voices: [] } });
	});

	it('is refused whatever bit of it is changed', async () => {
		const scene = await reportedRoom(opus);
		await scene.say(12);
		const file = await reportOf(scene);
		const dice = new Dice(5);
		for (let i = 0; i < 300; i++) {
			const bytes = file.slice();
			const at = Math.floor(dice.next() * bytes.length);
			bytes[at] = bytes[at]! ^ (1 << Math.floor(dice.next() * 8));
			expect(fault(await check(scene, bytes)), `bit in byte ${at}`).toMatch(/malformed|not-signed/);
		}
		for (const length of [0, 1, 63, 64, 100, file.length - 1]) {
			expect(fault(await check(scene, file.slice(0, length)))).toMatch(/malformed|not-signed/);
		}
	});

	it('is refused where its own reporter has changed what others signed', async () => {
		const scene = await reportedRoom(opus);
		await scene.say(20);
		const file = await reportOf(scene);
		const frames = (of: Report) => of.sound[0]!.frames;
		const sound = (of: Report, change: Report['sound'][number]['frames']) => ({
			sound: [{ stream: of.sound[0]!.stream, frames: change }]
		});
		const flip = (bytes: Uint8Array, at: number): Uint8Array => {
			const other = bytes.slice();
			other[at] = other[at]! ^ 1;
			return other;
		};
		const cases: [string, (of: Report) => Partial<Report>][] = [
			// Another word in the mouth.
			[
				'forged-sound',
				(of) =>
					sound(
						of,
						frames(of).map((one, i) => (i === 5 ? { ...one, bytes: flip(one.bytes, 16) } : one))
					)
			],
			// Another signature, in a frame that carries one.
			[
				'forged-sound',
				(of) =>
					sound(
						of,
						frames(of).map((one, i) =>
							i === 3 ? { ...one, bytes: flip(one.bytes, one.bytes.length - 1) } : one
						)
					)
			],
			// Without its last signature the end is nobody's.
			['unproven-sound', (of) => sound(of, frames(of).slice(0, 19))],
			['bad-frame', (of) => sound(of, [...frames(of)].reverse())],
			['bad-frame', (of) => sound(of, [frames(of)[0]!, frames(of)[0]!, ...frames(of).slice(1)])],
			['bad-frame', (of) => sound(of, [{ ageMs: 0, bytes: Uint8Array.of(1, 2, 3) }])],
			['no-seat', (of) => ({ events: of.events.filter((_, i) => i !== 1) })],
			['no-opening', (of) => ({ events: of.events.slice(1) })],
			[
				'bad-event',
				(of) => ({ events: [...of.events.slice(0, -1), flip(of.events.at(-1)!, 100)] })
			],
			[
				'bad-event',
				(of) => ({
					room: `${of.room.slice(0, -1)}${of.room.endsWith('0') ? '1' : '0'}` as Report['room']
				})
			]
		];
		for (const [expected, change] of cases) {
			expect(fault(await check(scene, await changed(scene, file, change)))).toBe(expected);
		}
		expect(fault(await check(scene, await changed(scene, file, () => ({}))))).toBe('none');
		expect(faultWords('forged-sound', 'frame 1')).toContain('REFUSED');
	});

	it('cannot put the words of one reporter into the name of another', async () => {
		const scene = await reportedRoom(opus);
		const other = await realPerson(9);
		const file = await reportOf(scene);
		const stolen = await changed(scene, file, () => ({ reporterKey: other.keys.publicKey }));
		expect(fault(await check(scene, stolen))).toBe('not-signed');
	});

	it('has at most so many events, the latest, and the opening', async () => {
		const scene = await reportedRoom(opus);
		for (let i = 0; i < 70; i++) {
			await scene.tell(scene.host, { kind: 'remove', who: scene.speaker.peer, block: false });
			await scene.tell(scene.host, { kind: 'readmit', who: scene.speaker.peer });
		}
		const verdict = await check(scene, await reportOf(scene));
		if (!verdict.ok) throw new Error(verdict.fault);
		expect(verdict.checked.events.length).toBeLessThanOrEqual(REPORT_EVENTS_MAX);
		expect(verdict.checked.events[0]?.body.kind).toBe('open');
		expect(verdict.checked.events.at(-1)?.body.kind).toBe('readmit');
	});
});

describe('what is held for a report', () => {
	const frame = (seq: number, atMs: number, size = 100) => ({
		stream: 'aa'.repeat(8) as StreamId,
		seq,
		bytes: new Uint8Array(size),
		atMs
	});

	it('is half a minute', () => {
		const held = createHeldSound();
		for (let i = 0; i < 3_000; i++) held.hold(frame(i, 20 * i));
		const seqs = held.frames(20 * 2_999).map(({ seq }) => seq);
		expect(seqs[0]).toBe(2_999 - HELD_MS / 20);
		expect(seqs.at(-1)).toBe(2_999);
		expect(held.frames(20 * 2_999 + HELD_MS + 1)).toEqual([]);
		expect(held.bytes).toBe(0);
	});

	it('is at most so many bytes', () => {
		const held = createHeldSound();
		for (let i = 0; i < 3_000; i++) held.hold(frame(i, i, 1_400));
		expect(held.bytes).toBeLessThanOrEqual(HELD_BYTES_MAX);
		expect(held.bytes).toBeGreaterThan(HELD_BYTES_MAX - 1_400);
		expect(held.frames(3_000).at(-1)?.seq).toBe(2_999);
	});
});

describe('the time of a speaker', () => {
	it('is the one nearest to when it was heard, whatever the numbers have wrapped', () => {
		const atMs = 1_790_000_000_000;
		const seq = Math.floor(atMs / 20) % 2 ** 32;
		expect(saidAtMs(seq, atMs + 300)).toBe(atMs);
		expect(saidAtMs((seq + 2 ** 32 - 10) % 2 ** 32, atMs)).toBe(atMs - 200);
	});
});
