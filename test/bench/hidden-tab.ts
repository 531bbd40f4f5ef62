/**
 * A speaker and a listener whose tabs are hidden behind others: what the listener plays, and what somebody who looks at
 * the room plays of the speaker, sample by sample, searched for holes.
 */
import type { Diagnostics } from '#lib/app/window-grapevine.ts';
import { diagnosticsOf } from '../e2e/drive.ts';
import { RATE } from '../lib/sound.ts';
import { openBackgrounding, type FreePage } from './backgrounding-browser.ts';
import { pause, SHORT, type Bench } from './bench.ts';
import { info, quantile, type Row, type Table } from './report.ts';
import { comeListen, openRoom, speakUp, type Guest } from './room.ts';
import { steadyVoice } from './steady-voice.ts';
import { recordRaw, type RawRecording } from './tap.ts';
import { samplesOf } from './timed-sound.ts';

/** Five minutes, after which browsers wake some hidden pages once a minute only, and a listener of ours gives less; and more. */
const FOR_S = 330;
const SHORT_FOR_S = 30;
const SHOWN_FOR_S = 60;
/** One piece of it: more at a time would be too much to hand over. */
const PIECE_S = 15;
/** A sound card that finds nothing plays zeros, 128 at a time; two such blocks in a voice are heard as a click. */
const HOLE_SAMPLES = 256;
/** More of them are told by their number. */
const HOLES_TOLD_MAX = 4;
/** What a page asks for; hidden and silent it would get one a second, and after five minutes one a minute. */
const TIMER_MS = 100;

/** A page that plays, whoever drives it. */
interface Ear {
	record(seconds: number): Promise<RawRecording>;
	diagnostics(): Promise<Diagnostics>;
}

interface Hole {
	/** Since the stretch began. */
	readonly atS: number;
	readonly ms: number;
}

interface Played {
	readonly holes: readonly Hole[];
	/** Between the moments at which the sound card took something. */
	readonly longestWaitMs: number;
	/** Share of the frames that were made up. */
	readonly concealed: number;
}

/** A stretch of time, and what came of it at both ears. */
interface Stretch {
	/** The listener whose tab gets hidden. */
	readonly behind: Played;
	/** The one that looks at the room, and hears the speaker whose tab gets hidden. */
	readonly before: Played;
	/** Between two turns of a timer, for the pages of the listener and the speaker, and for this program. */
	readonly turnsMs: readonly (readonly number[])[];
}

export async function hiddenTab({ seedUrl, listening, effort }: Bench): Promise<Table> {
	const voiced = await openBackgrounding(steadyVoice());
	const silent = await openBackgrounding(null);
	const forS = effort === SHORT ? SHORT_FOR_S : FOR_S;
	const shownForS = Math.min(forS, SHOWN_FOR_S);
	try {
		const room = await openRoom(seedUrl, voiced, 4);
		await speakUp(room);
		await comeListen(room, silent, 4);
		const looking = await comeListen(room, listening, 4);
		const speaker = await voiced.letGo();
		const listener = await silent.letGo();
		await pause(effort.settleMs);
		const all = { listener, speaker, looking };
		const shown = await stretch(all, shownForS);
		await Promise.all([listener.hide(), speaker.hide()]);
		const hidden = await stretch(all, forS);
		await looking.close();
		return tableOf(shown, hidden, [shownForS, forS]);
	} finally {
		await Promise.all([voiced.close(), silent.close()]);
	}
}

interface Three {
	readonly listener: FreePage;
	readonly speaker: FreePage;
	readonly looking: Guest;
}

async function stretch({ listener, speaker, looking }: Three, seconds: number): Promise<Stretch> {
	const ofLooking: Ear = {
		record: (s) => recordRaw(looking.page, 'ear', s),
		diagnostics: () => diagnosticsOf(looking.person)
	};
	const ofListener: Ear = {
		record: (s) => listener.ask((length) => window.tap.record('ear', length), s),
		diagnostics: () => listener.ask(() => window.grapevine.diagnostics(), null)
	};
	await Promise.all([listener.ask(countTurns, TIMER_MS), speaker.ask(countTurns, TIMER_MS)]);
	const own = countOwnTurns();
	const [behind, before] = await Promise.all([
		listenFor(ofListener, seconds),
		listenFor(ofLooking, seconds)
	]);
	const turnsMs = await Promise.all([listener.ask(turns, null), speaker.ask(turns, null)]);
	return { behind, before, turnsMs: [...turnsMs, own()] };
}

async function listenFor(ear: Ear, seconds: number): Promise<Played> {
	const [playedAtFirst, madeUpAtFirst] = framesOf(await ear.diagnostics());
	const holes: Hole[] = [];
	const startMs = Date.now();
	let longestWaitMs = 0;
	for (let at = 0; at < seconds; at += PIECE_S) {
		const raw = await ear.record(PIECE_S);
		const atS = ((raw.pieces[0]?.[2] ?? startMs) - startMs) / 1000;
		holes.push(...holesIn(samplesOf(raw)).map((one) => ({ ...one, atS: atS + one.atS })));
		const waitsMs = raw.pieces.slice(1).map(([, , ms], i) => ms - (raw.pieces[i]?.[2] ?? ms));
		longestWaitMs = Math.max(longestWaitMs, ...waitsMs);
	}
	const [played, madeUp] = framesOf(await ear.diagnostics());
	const heard = played - playedAtFirst;
	if (heard <= 0) throw new Error('Nothing came to be played.');
	const added = madeUp - madeUpAtFirst;
	return { holes, longestWaitMs, concealed: added / (heard + added) };
}

/** Played, and made up. */
function framesOf({ speakers = [] }: Diagnostics): readonly [number, number] {
	const sum = (what: 'played' | 'concealed'): number =>
		speakers.reduce((all, one) => all + one[what], 0);
	return [sum('played'), sum('concealed')];
}

function holesIn(samples: Float32Array): Hole[] {
	const holes: Hole[] = [];
	let run = 0;
	const end = (at: number): void => {
		if (run >= HOLE_SAMPLES) holes.push({ atS: (at - run) / RATE, ms: (1000 * run) / RATE });
		run = 0;
	};
	samples.forEach((sample, at) => {
		if (sample === 0) run++;
		else end(at);
	});
	end(samples.length);
	return holes;
}

/** The same for this program: where it is held up, all others may be as well. */
function countOwnTurns(): () => number[] {
	const atMs = [performance.now()];
	const turning = setInterval(() => atMs.push(performance.now()), TIMER_MS);
	return () => {
		clearInterval(turning);
		return atMs.slice(1).map((ms, i) => ms - (atMs[i] ?? ms));
	};
}

/** Runs in the page: notes when each turn of a timer comes. */
function countTurns(everyMs: number): void {
	const turnsAtMs = [performance.now()];
	Object.assign(window, { turnsAtMs });
	window.turning = window.setInterval(() => turnsAtMs.push(performance.now()), everyMs);
}

/** Runs in the page: ends it, and tells how long each turn took to come. */
function turns(): number[] {
	clearInterval(window.turning);
	return window.turnsAtMs.slice(1).map((ms, i) => ms - (window.turnsAtMs[i] ?? ms));
}

function tableOf(
	shown: Stretch,
	hidden: Stretch,
	[shownForS, forS]: readonly [number, number]
): Table {
	return {
		title: 'A hidden tab',
		notes: [
			`A speaker and a listener behind other tabs for ${forS} s; baseline: the same two for ${shownForS} s before that, looked at.`,
			'A timer of this program that comes late tells of a machine that is too busy for all of it.',
			`A hole is a run of ${HOLE_SAMPLES} zeros and more in a voice without pauses, where it leaves the page of whoever hears it.`
		],
		rows: [
			...earRows('hidden listener', hidden.behind, shown.behind),
			...earRows('one who looks, of the hidden speaker', hidden.before, shown.before),
			...['in the page of the listener', 'in the page of the speaker', 'of this program'].map(
				(whose, i) =>
					info(
						`timer of ${TIMER_MS} ms ${whose}, longest`,
						turnsOf(hidden.turnsMs[i]),
						turnsOf(shown.turnsMs[i])
					)
			)
		]
	};
}

const turnsOf = (turnsMs: readonly number[] = []): string =>
	`${Math.round(quantile(turnsMs, 1))} ms, p50 ${Math.round(quantile(turnsMs, 0.5))}`;

/** Holes at the same second at both ears come from elsewhere. */
function holesOf({ holes }: Played): string {
	const each = holes.map(({ atS, ms }) => `${Math.round(ms)} ms at ${Math.round(atS)} s`);
	return each.length <= HOLES_TOLD_MAX
		? [`${each.length}`, ...each].join(', ')
		: `${each.length}, up to ${Math.round(Math.max(...holes.map(({ ms }) => ms)))} ms`;
}

function earRows(who: string, hidden: Played, shown: Played): Row[] {
	const percent = ({ concealed }: Played): string => `${(100 * concealed).toFixed(2)} %`;
	const wait = ({ longestWaitMs }: Played): string => `${Math.round(longestWaitMs)} ms`;
	return [
		{
			what: `holes heard by ${who}`,
			ours: holesOf(hidden),
			baseline: holesOf(shown),
			target: 'none',
			met: hidden.holes.length === 0
		},
		info('  frames made up', percent(hidden), percent(shown)),
		info('  longest that the sound card took nothing', wait(hidden), wait(shown))
	];
}

declare global {
	interface Window {
		turning: number;
		turnsAtMs: number[];
	}
}
