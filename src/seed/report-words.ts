/** A checked report in words: what is proven, what is only said, and what nobody can prove. */
import type { RoomEvent } from '#lib/p2p/wire/event.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { TICK_MS } from '#lib/p2p/wire/seq.ts';
import { sealedBytesOf } from '#lib/p2p/wire/text.ts';
import type { CheckedReport, CheckedVoice, ReportFault } from './report-check.ts';

/** Numbers of frames are of 32 bits. */
const NUMBERS = 2 ** 32;

const FAULTS: Readonly<Record<ReportFault, string>> = {
	malformed: 'This is no report, or it was cut short or changed',
	'not-signed':
		'Its reporter did not sign it as it is: it was changed afterwards, or made by somebody else',
	'bad-event': 'It contains an event that is not what its author signed, or is of another room',
	'no-opening': 'The event that opened the room is missing, or opened another room',
	'no-seat': 'It contains sound of a seat that nobody in it has taken',
	'bad-frame': 'It contains sound that is none, comes twice or out of order',
	'forged-sound': 'It contains sound that its speaker did not sign',
	'unproven-sound': 'It contains sound of which no signature says whose it is'
};

export const faultWords = (fault: ReportFault, about: string): string =>
	`REFUSED. ${FAULTS[fault]} (${about}).\nNothing in this file is proven.`;

export function reportWords(checked: CheckedReport): string {
	const { report, reporter, title, host, events, voices } = checked;
	const person = (peer: PeerId): string => `${nameIn(events, peer)} (${peer})`;
	const signatures = events.length + voices.reduce((sum, voice) => sum + proofsIn(voice), 0) + 1;
	return [
		`Every signature in this report holds: ${signatures} of them.`,
		'',
		'PROVEN, by signatures that nobody else can make',
		`  Reporter: ${person(reporter)}`,
		`  About: ${person(report.about)}`,
		`  Room: ${quoted(title)}, ${report.room}, opened by ${person(host)}`,
		...voices.flatMap((voice) => voiceLines(voice, person)),
		...(voices.length === 0 ? ['  Sound: none in this report'] : []),
		`  Events, by their authors, in the order of the room (${events.length}):`,
		...[...events].sort((a, b) => a.lamport - b.lamport).map((event) => eventLine(event, person)),
		'',
		'ONLY SAID',
		`  The reporter’s words: ${report.words === '' ? '(none)' : report.words}`,
		`  Made at ${iso(report.madeAtMs)}, and each sound heard when it says, by the reporter’s clock`,
		'  Names and the time a room was opened are what people have called themselves, and their clocks',
		'',
		'NOT PROVEN',
		'  When it was said: speakers count time by their own clocks, which may be wrong or set wrong.',
		'  That it is all: the reporter chose whom to include, and nothing shows what was said before or after,',
		'  in ticks that are missing, or by others.',
		'  That a seat counted: events that are not in this report may have taken it back.',
		'  Who the people behind these keys are. A key can be copied by whoever has the device.',
		''
	].join('\n');
}

function voiceLines(
	{ peer, frames, missing }: CheckedVoice,
	person: (peer: PeerId) => string
): string[] {
	const [first, last] = [frames[0], frames.at(-1)];
	const voice = frames.filter(({ frame }) => frame.kind === 'voice').length;
	const lines = [
		`  Sound of ${person(peer)}: ${seconds(TICK_MS * voice)} of voice, ${frames.length} frames,`,
		`    ${proofsIn({ frames })} signatures of the speaker cover all of them; ${missing} ticks of 20 ms are missing`
	];
	if (frames.some(({ frame }) => frame.kind === 'voice' && frame.sealed === true)) {
		lines.push(
			'    sealed: the room was locked. That this was said is proven, what it was only members can hear'
		);
	}
	if (first === undefined || last === undefined) return lines;
	const said = (one: typeof first): string => iso(saidAtMs(one.frame.seq, one.heardAtMs));
	return [
		...lines,
		`    said ${said(first)} to ${said(last)}, by the speaker’s own count`,
		`    heard ${iso(first.heardAtMs)} to ${iso(last.heardAtMs)}, by the reporter’s clock`
	];
}

const proofsIn = ({ frames }: Pick<CheckedVoice, 'frames'>): number =>
	frames.filter(({ frame }) => frame.proof !== null).length;

/** Numbers count ticks of the speaker's wall clock modulo 2^32: the time meant is the nearest to when it was heard. */
export function saidAtMs(seq: number, heardAtMs: number): number {
	const heardTick = Math.round(heardAtMs / TICK_MS);
	const ahead = (((seq - heardTick) % NUMBERS) + NUMBERS) % NUMBERS;
	return TICK_MS * (heardTick + (ahead < NUMBERS / 2 ? ahead : ahead - NUMBERS));
}

function eventLine(event: RoomEvent, person: (peer: PeerId) => string): string {
	const { author, lamport, body } = event;
	// A name has no place in the order of the room.
	if (body.kind === 'here') return `         listens as ${quoted(body.name)}, ${author}`;
	const whom = 'to' in body ? body.to : body.kind !== 'speakers' && 'who' in body ? body.who : null;
	const words = body.kind === 'mic' ? (body.open ? 'mic open' : 'mic muted') : body.kind;
	return `    ${String(lamport).padStart(6)}  ${words}${whom === null ? '' : ` ${person(whom)}`}, by ${person(author)}`;
}

/** As that person is called in the events; the last name counts. */
function nameIn(events: readonly RoomEvent[], peer: PeerId): string {
	const names = events
		.filter(({ author }) => author === peer)
		.flatMap(({ body }) =>
			body.kind === 'open' ? [body.hostName] : 'name' in body ? [body.name] : []
		);
	const [last] = names.slice(-1);
	return last === undefined ? 'no name in this report' : quoted(last);
}

/** In a locked room members alone can read what people call themselves. */
const quoted = (text: string): string =>
	sealedBytesOf(text) === null ? `“${text}”` : '(a name sealed for members)';

const iso = (ms: number): string => new Date(ms).toISOString();
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
