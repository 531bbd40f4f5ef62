/** A checked recording in words: where it is not as it was signed, or what it proves, and what it does not. */
import { sealedBytesOf } from '#lib/p2p/wire/text.ts';
import type { Fault, RecordingFault } from '#lib/io/disk/content-check.ts';
import type { CheckedRecording } from '#lib/io/disk/recording-check.ts';
import { TICK_MS } from '#lib/p2p/wire/seq.ts';

const FAULTS: Readonly<Record<RecordingFault, string>> = {
	'no-recording': 'This is no recording and no clip, or its head was changed',
	manifest: 'Whoever it names did not sign it like this',
	length: 'Something was cut off or added',
	sizes: 'Changed',
	piece: 'Not what its host signed',
	hash: 'Changed',
	record: 'Changed or damaged',
	'no-opening': 'Nothing shows that it is this host’s room',
	'bad-event': 'Its author did not sign it, or signed it for another room',
	'no-seat': 'Nobody in it has taken this seat',
	declined: 'Its speaker had answered that it is not to be recorded',
	'forged-sound': 'Its speaker did not sign it'
};

const faultLine = ({ fault, from, to, what }: Fault): string =>
	`  Bytes ${from} to ${to - 1}: ${what}. ${FAULTS[fault]}.`;

export const refusalWords = (faults: readonly Fault[]): string =>
	[
		'REFUSED. It is not as it was signed:',
		...faults.map(faultLine),
		'The narrowest of these places is where to look.',
		''
	].join('\n');

export function recordingWords(checked: CheckedRecording): string {
	const { manifest, host, voices, faults, events, texts } = checked;
	if (manifest === null || host === null || faults.length > 0) return refusalWords(faults);
	const proofs = voices.reduce((sum, voice) => sum + voice.proofs, 0);
	return [
		`Every signature in this recording holds: ${proofs + events + texts + 1} of them.`,
		'',
		'PROVEN, by signatures that nobody else can make',
		`  Recorded by ${host}, the host of room ${manifest.room}: ${quoted(manifest.title)}`,
		`  Nothing was cut from it, added or changed since ${iso(manifest.issuedAtMs)}, when its host signed it`,
		...voices.map(
			({ peer, name, voiceTicks, frames, proofs: own }) =>
				`  ${quoted(name)} (${peer}): ${seconds(voiceTicks * TICK_MS)} of voice; ${own} signatures cover all ${frames} frames`
		),
		`  ${events} events and ${texts} texts, each by its author`,
		'',
		'ONLY SAID, by the host',
		`  Begun at ${iso(manifest.startedAtMs)}, ${seconds(manifest.durationMs)} to listen to; when in it everything was heard`,
		'  Names are what people have called themselves',
		'',
		'NOT PROVEN',
		'  That it is all that was said: a host may have paused, and chose whom to record.',
		...checked.unanswered.map(
			(peer) => `  That ${peer} agreed to be recorded: no answer of theirs is in it.`
		),
		'  Who the people behind these keys are. A key can be copied by whoever has the device.',
		''
	].join('\n');
}

/** In a locked room members alone can read names and titles. */
export const quoted = (text: string): string =>
	sealedBytesOf(text) === null ? `“${text}”` : '(sealed for members)';
export const iso = (ms: number): string => new Date(ms).toISOString();
export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
