/** How far the simulator can be believed: one scenario of twelve peers in it and in reality, side by side. */
import { openNamespaces } from '../e2e/namespaces.ts';
import { median } from '../lib/sound.ts';
import type { Bench } from './bench.ts';
import { runReal } from './calibrate-real.ts';
import { AFTER_DEATH_MS, IN_TIME_MS, LISTENERS, type Outcome } from './calibrate-scenario.ts';
import { runSimulated } from './calibrate-sim.ts';
import { info, say, type Row, type Table } from './report.ts';

const SEEDS_FULL = [1, 2, 3, 4, 5];
const SEEDS_SHORT = [1];

export async function calibrate({ effort }: Bench): Promise<Table> {
	const seeds = effort.rounds > 1 ? SEEDS_FULL : SEEDS_SHORT;
	let refused = '';
	const spaces = openNamespaces(LISTENERS + 1, (reason) => (refused = reason));
	const [real, simulated]: [Outcome[], Outcome[]] = [[], []];
	try {
		for (const seed of seeds) {
			simulated.push(runSimulated(seed));
			real.push(await runReal(seed, spaces));
			say(`  ${JSON.stringify({ seed, simulated: simulated.at(-1), real: real.at(-1) })}`);
		}
	} finally {
		spaces?.close();
	}
	const where =
		spaces === null
			? `on this machine's own network (no namespaces: ${refused})`
			: 'each in a network namespace';
	return {
		title: 'The simulator and reality',
		notes: [
			`A host and ${LISTENERS} listeners that carry two each, 15-25 ms one way, 3 % loss; then one that carries dies.`,
			`"ours" is real: a process each, ${where}; delay and loss are added where a link is sent on.`,
			`"baseline" is the simulator, the same seeds; medians over ${seeds.length}. Delays of hearing are without playout.`
		],
		rows: rowsOf(real, simulated)
	};
}

function rowsOf(real: readonly Outcome[], simulated: readonly Outcome[]): Row[] {
	const compare = (what: string, of: (one: Outcome) => number, digits: number, unit = ''): Row => {
		const [a, b] = [median(real.map(of)), median(simulated.map(of))];
		const show = (value: number): string => `${value.toFixed(digits)}${unit}`;
		return info(what, `${show(a)}  (${a >= b ? '+' : ''}${show(a - b)})`, show(b));
	};
	const percent = (of: (one: Outcome) => number) => (one: Outcome) => 100 * of(one);
	const longest = ({ reattachMs }: Outcome): number => Math.max(...reattachMs);
	return [
		compare(
			`frames within ${IN_TIME_MS} ms`,
			percent((one) => one.inTime),
			2,
			' %'
		),
		compare(
			'frames that arrived',
			percent((one) => one.arrived),
			2,
			' %'
		),
		compare('delay p50', (one) => one.delayP50Ms, 0, ' ms'),
		compare('delay p95', (one) => one.delayP95Ms, 0, ' ms'),
		compare('greatest depth', (one) => one.depth, 0),
		compare(
			'bytes of control for those of frames',
			percent((one) => one.controlShare),
			1,
			' %'
		),
		compare('packets of frames for each frame and listener', (one) => one.copies, 3),
		compare('pulls a second and listener', (one) => one.pulls, 2),
		compare('another parent, median orphan', (one) => median(one.reattachMs), 0, ' ms'),
		compare('another parent, last orphan', longest, 0, ' ms'),
		compare(
			`orphans' frames in time, ${AFTER_DEATH_MS / 1000} s after`,
			percent((one) => one.orphansInTime),
			2,
			' %'
		)
	];
}
