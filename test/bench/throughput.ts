/** Packets a second that one core of the machine can take and pass on in Node: the pure core, and with real links. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pause, type Bench } from './bench.ts';
import { runCore } from './core.ts';
import { info, quantile, type Row, type Table } from './report.ts';
import type { Answer, FarCounts, Order, RelayCounts } from './throughput-wires.ts';

const RELAY = fileURLToPath(new URL('throughput-relay-process.ts', import.meta.url));
const FAR = fileURLToPath(new URL('throughput-far-process.ts', import.meta.url));

const CHILDREN = 30;
const TARGET_PER_S = 20_000;
/** Out of the relay, if it keeps up. The first wakes everything up and is not told of. */
const OUT_PER_S = [3_000, 5_000, 10_000, 20_000, 40_000, 60_000] as const;
/** What is under way arrives, or never will. */
const REST_MS = 300;
const OPEN_MAX_MS = 30_000;

interface Load {
	readonly far: FarCounts;
	readonly relay: RelayCounts;
}

export async function throughput({ effort }: Bench): Promise<Table> {
	const forMs = effort.rounds > 1 ? 5_000 : 2_000;
	const alone = runCore(CHILDREN, 1);
	const bare = await loadRelay('links', forMs);
	const whole = await loadRelay('core', forMs);
	const best = Math.max(...whole.map(perCpuSecond));
	return {
		title: 'What a relay in Node can carry',
		notes: [
			`One parent, ${CHILDREN} children, one frame of 80 bytes in each packet; source and children are another process.`,
			'For each second of CPU time, all threads of the relay counted, so that other work on the machine matters little.',
			'Where the delay grows and the relay is not at 100 % of a core, source and children are what saturates.',
			'References, from their authors: mediasoup about 25,000 packets a second and core, LiveKit 60,000.'
		],
		rows: [
			info(
				'the core alone, in / out for each CPU second',
				`${thousands(alone.packetsInPerS)} / ${thousands(alone.packetsOutPerS)}`
			),
			{
				what: 'core and links, out for each CPU second',
				ours: thousands(best),
				baseline: thousands(Math.max(...bare.map(perCpuSecond))),
				target: `at least ${thousands(TARGET_PER_S)}`,
				met: best >= TARGET_PER_S
			},
			info('  (baseline: the same links, and nothing between them)', ''),
			...whole.flatMap((load, i) => rowsOf(load, OUT_PER_S[i + 1] ?? 0))
		]
	};
}

const perCpuSecond = ({ relay }: Load): number => relay.sent / relay.cpuS;
const thousands = (value: number): string => Math.round(value).toLocaleString('en');

function rowsOf({ far, relay }: Load, asked: number): Row[] {
	const share = (far.received / Math.max(1, far.sent * CHILDREN)) * 100;
	const out = thousands(relay.sent / relay.seconds);
	const cpu = `${Math.round((100 * relay.cpuS) / relay.seconds)} % of a core`;
	const main = `${Math.round((100 * relay.mainS) / relay.seconds)} % in JavaScript`;
	const delay = [0.5, 0.95].map((at) => quantile(far.delaysMs, at).toFixed(1)).join(' / ');
	return [
		info(`asked for ${thousands(asked)}: out a second`, `${out}, ${share.toFixed(1)} % arrived`),
		info('  CPU of the relay, delay p50 / p95', `${cpu}, ${main}; ${delay} ms`)
	];
}

async function loadRelay(how: 'core' | 'links', forMs: number): Promise<Load[]> {
	const relay = fork(RELAY, [String(CHILDREN), how], { stdio: 'inherit' });
	const far = fork(FAR, [String(CHILDREN)], { stdio: 'inherit' });
	try {
		await joinUp(relay, far);
		const loads: Load[] = [];
		for (const perSecond of OUT_PER_S) {
			for (const process of [relay, far]) order(process, { type: 'reset' });
			order(far, { type: 'send', perSecond: perSecond / CHILDREN, forMs });
			await answered(far, 'sent');
			const counts = await countsOf<RelayCounts>(relay);
			await pause(REST_MS);
			loads.push({ relay: counts, far: await countsOf<FarCounts>(far) });
		}
		return loads.slice(1);
	} finally {
		await Promise.all([relay, far].map(end));
	}
}

/** Brings what each says to the other, until all links are open on both sides. */
async function joinUp(relay: ChildProcess, far: ChildProcess): Promise<void> {
	const forward = (from: ChildProcess, to: ChildProcess): void => {
		from.on('message', (answer: Answer) => {
			if (answer.type === 'signal') order(to, answer);
		});
	};
	forward(relay, far);
	forward(far, relay);
	await Promise.all([answered(relay, 'open'), answered(far, 'open')]);
}

function order(to: ChildProcess, words: Order): void {
	to.send(words);
}

async function countsOf<T extends FarCounts | RelayCounts>(of: ChildProcess): Promise<T> {
	const counted = answered(of, 'counted');
	order(of, { type: 'count' });
	return (await counted).counts as T;
}

function answered<T extends Answer['type']>(
	from: ChildProcess,
	type: T
): Promise<Extract<Answer, { type: T }>> {
	return new Promise((resolve, reject) => {
		const stop = (): void => {
			clearTimeout(late);
			from.off('message', hear);
			from.off('exit', died);
		};
		const hear = (answer: Answer): void => {
			if (answer.type !== type) return;
			stop();
			resolve(answer as Extract<Answer, { type: T }>);
		};
		const died = (): void => {
			stop();
			reject(new Error('A process of the measurement ended.'));
		};
		const late = setTimeout(() => {
			stop();
			reject(new Error(`A process of the measurement did not say "${type}".`));
		}, OPEN_MAX_MS);
		from.on('message', hear);
		from.on('exit', died);
	});
}

async function end(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const ended = once(child, 'exit');
	child.disconnect();
	await ended;
}
