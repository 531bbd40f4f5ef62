/** Forty peers on lines that lose every tenth datagram, while one in twenty is down at any time. */
import { createGauge } from '../sim/gauge.ts';
import { openCrowd } from '../sim/crowd.ts';
import type { Scenario } from './tree-scenario.ts';
import { overheadOf } from './tree-measures.ts';

const LISTENERS = 39;
/** The others only pass the sound on. */
const COUNTED = 30;
const DOWN_SHARE = 0.05;
const DOWN_FOR_MS = 100;
const DOWN_EVERY_MS = 200;
const DEADLINE_MS = 500;
const MEASURE_MS = 20_000;

export const lossy: Scenario = {
	title: '40 nodes, 10 % of datagrams lost, 5 % down for 100 ms every 200 ms',
	seeds: { full: 20, short: 3 },
	aims: [
		{
			figure: 'inTime',
			what: 'heard within 500 ms, at nodes that are up',
			reach: { atLeast: 0.99 },
			as: 'share',
			reference: "Peerbit's gate: 10 %"
		},
		{
			figure: 'inTimeAll',
			what: 'the same, said while down as well',
			reach: null,
			as: 'share',
			reference: '',
			worse: 'less'
		},
		{
			figure: 'recoveryP95',
			what: 'recovery, p95',
			reach: { atMost: 400 },
			as: 'ms',
			reference: "Peerbit's gate: 6,000 ms"
		},
		{
			figure: 'overhead',
			what: 'overhead: bytes of frames sent for each wanted',
			reach: { atMost: 1.3 },
			as: 'ratio',
			reference: "Peerbit's gate: 3.5"
		},
		{
			figure: 'packets',
			what: 'packets of frames sent for each wanted',
			reach: null,
			as: 'ratio',
			reference: ''
		}
	],
	tell(seed) {
		const crowd = openCrowd(
			{ seed, delayMs: [10, 50], land: 'continent', loss: 0.1, gossip: true },
			{ listeners: LISTENERS, fanout: 4, hostFanout: 4 }
		);
		const { world, host, listeners, dice } = crowd;
		const counted = listeners.slice(0, COUNTED);
		const isDown = { excuses: (one: (typeof listeners)[number]) => one.downUntilMs > world.nowMs };
		const endMs = world.nowMs + MEASURE_MS;
		const strike = (): void => {
			if (world.nowMs >= endMs) return;
			for (const one of listeners) if (dice.chance(DOWN_SHARE)) world.down(one, DOWN_FOR_MS);
			world.after(DOWN_EVERY_MS, strike);
		};
		strike();
		world.run(2_000);
		const up = createGauge(world, host, counted, isDown);
		const all = createGauge(world, host, counted);
		const overhead = overheadOf(world, listeners, host);
		world.run(endMs - world.nowMs);
		up.stop();
		all.stop();
		const figures = overhead();
		world.run(2_000);
		return {
			inTime: up.shareWithin(DEADLINE_MS),
			inTimeAll: all.shareWithin(DEADLINE_MS),
			recoveryP95: up.latenessMs(0.95),
			...figures
		};
	}
};
