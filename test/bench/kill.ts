/** Somebody in the middle of the tree is killed, again and again: what those below it hear of it. */
import { melody } from '../e2e/melody.ts';
import type { Bench, Effort } from './bench.ts';
import { openBrowser } from './browsers.ts';
import {
	comeAsPage,
	comeAsProcess,
	gapOf,
	HOST_FANOUT,
	killScene,
	MELODY_ROUNDS,
	type Death,
	type Middle
} from './kill-scene.ts';
import { info, quantile, say, type Row, type Table } from './report.ts';
import { openRoom, speakUp, type Room } from './room.ts';

const DEATHS_FULL = 20;
const DEATHS_SHORT = 2;
/** "Nobody hears a relay die": half of the deaths leave no gap at all, and hardly one leaves this. */
const GAP_P95_MAX_MS = 120;
const PARENT_P95_MAX_MS = 300;
/** Two measurements of the same sound differ by one step of the looking. */
const NO_GAP_MS = 5;

export async function kill(bench: Bench): Promise<Table> {
	const { effort, seedUrl } = bench;
	const [speaking, listening] = await Promise.all([
		openBrowser(melody(MELODY_ROUNDS), 'crowded'),
		openBrowser(null, 'crowded')
	]);
	try {
		const room = await openRoom(seedUrl, speaking, HOST_FANOUT);
		await speakUp(room);
		const stage = { seedUrl, listening, room };
		const pages = await deaths(stage, () => comeAsPage(room, listening), countOf(effort));
		const relays = await deaths(stage, () => comeAsProcess(seedUrl, room), countOf(effort) / 2);
		return {
			title: 'Somebody in the middle of the tree is killed',
			notes: [
				'A page, by crash of its renderer; a Node relay, by SIGKILL. What the child hears is a melody of 20 ms notes.',
				'Gap: longest stretch of its output without the next note, beyond the longest one before the death.'
			],
			rows: [...rowsOf('page', pages), ...rowsOf('relay', relays)]
		};
	} finally {
		await Promise.all([speaking.close(), listening.close()]);
	}
}

const countOf = ({ rounds }: Effort): number => (rounds > 1 ? DEATHS_FULL : DEATHS_SHORT);

interface Stage extends Pick<Bench, 'seedUrl' | 'listening'> {
	readonly room: Room;
}

async function deaths(
	{ seedUrl, listening, room }: Stage,
	come: () => Promise<Middle>,
	count: number
): Promise<Death[]> {
	const scene = killScene(seedUrl, room, listening, come);
	const seen: Death[] = [];
	for (let i = 0; i < count; i++) {
		await scene.fill();
		const death = await scene.die();
		say(`  ${JSON.stringify(death)}`);
		seen.push(death);
	}
	await scene.close();
	return seen;
}

function rowsOf(who: string, all: readonly Death[]): Row[] {
	const gaps = all.map(gapOf);
	const node = all.flatMap((death) => death.nodes);
	const parentMs = node.map((one) => one.parentMs);
	return [
		{
			what: `${who} killed: gap in the child's output`,
			ours: distribution(gaps),
			baseline: 'Peerbit FanoutTree: 750 to 6,000 ms; for ever in a plain relay',
			target: `p50 0, p95 at most ${GAP_P95_MAX_MS} ms`,
			met: quantile(gaps, 0.5) <= NO_GAP_MS && quantile(gaps, 0.95) <= GAP_P95_MAX_MS
		},
		info('  longest stretch before / around', stretches(all)),
		info('  silence around', distribution(all.map((one) => one.silenceAroundMs))),
		info('  frames concealed after', distribution(all.map((one) => one.concealed))),
		info('  frames concealed before', distribution(all.map((one) => one.concealedBefore))),
		{
			what: '  another parent, seen at Node children',
			ours: distribution(parentMs),
			baseline: '',
			target: `p95 at most ${PARENT_P95_MAX_MS} ms`,
			met: parentMs.length > 0 && quantile(parentMs, 0.95) <= PARENT_P95_MAX_MS
		},
		info('  their longest time without a frame', distribution(node.map((one) => one.frameGapMs))),
		info('  another parent, as the page tells', distribution(all.map((one) => one.pageParentMs)))
	];
}

/** All of them, in order: a distribution of twenty is best seen whole. */
function distribution(values: readonly number[]): string {
	if (values.length === 0) return 'none';
	const at = (share: number): string => quantile(values, share).toFixed(0);
	return `p50 ${at(0.5)}, p95 ${at(0.95)}, most ${at(1)} (of ${values.length})`;
}

function stretches(all: readonly Death[]): string {
	const before = distribution(all.map((one) => one.stretchBeforeMs));
	return `${before} / ${distribution(all.map((one) => one.stretchAroundMs))}`;
}
