import { describe, expect, it } from 'vitest';
import { createTalk, type TalkStep } from '#lib/p2p/voice/talk.ts';

/** One letter for each tick: v voice, . quiet, M muted while speaking, m muted and quiet. */
function talk(script: string, firstSeq = 100): TalkStep[] {
	const step = createTalk(firstSeq);
	return Array.from(script, (tick) =>
		step({ active: tick === 'v' || tick === 'M', muted: tick === 'M' || tick === 'm' })
	);
}

function silences(steps: readonly TalkStep[]): number[][] {
	return steps.flatMap((s) => (s.type === 'silence' ? [[s.seq, s.ticks]] : []));
}

describe('talk', () => {
	it('sends a frame for every tick with voice', () => {
		expect(talk('vvv')).toEqual([
			{ type: 'voice', seq: 100 },
			{ type: 'voice', seq: 101 },
			{ type: 'voice', seq: 102 }
		]);
	});

	it('tells the end of a spurt three times, then says every 200 ms that it is still here', () => {
		expect(silences(talk('v' + '.'.repeat(24)))).toEqual([
			[101, 1],
			[102, 2],
			[103, 3],
			[113, 13],
			[123, 23]
		]);
	});

	it('counts ticks that are not sent', () => {
		const steps = talk('v......v');
		expect(steps.at(-1)).toEqual({ type: 'voice', seq: 107 });
	});

	it('says three times that it is muted, and then nothing at all', () => {
		expect(silences(talk('vv' + 'M'.repeat(100)))).toEqual([
			[102, 1],
			[103, 2],
			[104, 3]
		]);
		expect(silences(talk('v.....' + 'm'.repeat(100)))).toEqual([
			[101, 1],
			[102, 2],
			[103, 3],
			[106, 6],
			[107, 7],
			[108, 8]
		]);
	});

	it('tells being muted from being quiet', () => {
		const steps = talk('v...mmm');
		expect(steps.map((step) => step.type === 'silence' && step.muted)).toEqual([
			...[false, false, false, false],
			...[true, true, true]
		]);
	});

	it('says that it is here when it is unmuted in silence', () => {
		const steps = talk('vmmmmm....');
		expect(silences(steps)).toEqual([
			[101, 1],
			[102, 2],
			[103, 3],
			[106, 6],
			[107, 7],
			[108, 8]
		]);
	});

	it('counts on from 2^32 - 1 to 0', () => {
		expect(talk('vvv', 2 ** 32 - 2).map(({ seq }) => seq)).toEqual([2 ** 32 - 2, 2 ** 32 - 1, 0]);
	});

	it('never says more than 65,535 ticks', () => {
		const steps = silences(talk('.'.repeat(70_000)));
		expect(steps.at(-1)?.[1]).toBe(65_535);
	});
});
