/** A checked clip in words: where it is not as it was signed, or what it proves, and what it does not. */
import { clock } from '#lib/io/disk/content-check.ts';
import type { CheckedClip, Gap } from '#lib/io/disk/clip-check.ts';
import { TICK_MS } from '#lib/p2p/wire/seq.ts';
import { iso, quoted, refusalWords, seconds } from './recording-words.ts';

export function clipWords(checked: CheckedClip): string {
	const { clip, host, maker, voices, gaps, faults, texts } = checked;
	if (clip === null || host === null || maker === null || faults.length > 0) {
		return refusalWords(faults);
	}
	const nameOf = ({ peer }: Gap): string =>
		quoted(voices.find((voice) => voice.peer === peer)?.name ?? peer);
	return [
		`Every signature in this clip holds: ${voices.reduce((sum, { proofs }) => sum + proofs, 1)} of sound and of its maker.`,
		'',
		'PROVEN, by signatures that nobody else can make',
		...voices.map(
			({ peer, name, voiceTicks }) =>
				`  Said by ${quoted(name)} (${peer}): ${seconds(voiceTicks * TICK_MS)} of voice, not altered`
		),
		gaps.length === 0
			? '  Nothing was cut inside the clip: between the first and the last word of each no number is missing'
			: '  Nothing was cut inside the clip but for these, which were lost on their way, not recorded, or cut out:',
		...gaps.map(
			(gap) =>
				`    ${seconds(gap.lengthMs)} of ${nameOf(gap)}, ${clock(gap.atMs)} from the recording’s beginning`
		),
		`  In room ${clip.room} of ${host}; ${texts} captions, each by its author`,
		'',
		maker === host
			? 'ONLY SAID, by the host, who cut and signed it'
			: `ONLY SAID, by ${maker}, who cut and signed it and is not the host`,
		`  It is a clip of recording ${clip.id} ${quoted(clip.title)}, begun at ${iso(clip.startedAtMs)},`,
		`  from ${clock(clip.fromMs)} to ${clock(clip.toMs)} of it; cut at ${iso(clip.madeAtMs)}`,
		'  When in it everything was heard, and that nobody who spoke there was left out',
		'  Names are what people have called themselves',
		'',
		'NOT PROVEN',
		'  What was said before and after: a sentence can mean something else there.',
		'  The last fifth of a second before somebody begins to speak after a silence: a sound may be missing there.',
		'  Who the people behind these keys are. A key can be copied by whoever has the device.',
		''
	].join('\n');
}
