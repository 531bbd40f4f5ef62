/** Every hop loses a tenth of what it carries, alone or in bursts, and the listeners are five hops down. */
import { openCrowd } from '../sim/crowd.ts';
import { attachPlayer } from '../sim/player.ts';
import { quantile } from './tree-measures.ts';
import type { Scenario } from './tree-scenario.ts';

/** With two children each: 2, 4, 8, 16 above, and those at depth five below them. */
const LISTENERS = 60;
const DEPTH = 5;
const FOR_MS = 20_000;
/** 20 ms must be there before a frame can be encoded, and the encoder looks 6.5 ms ahead. */
const FRAME_AND_LOOKAHEAD_MS = 26.5;

const deep = (title: string, burst: number): Scenario => ({
	title,
	seeds: { full: 20, short: 2 },
	aims: [
		{
			figure: 'concealed',
			what: 'frames that were made up, depth 5',
			reach: { atMost: 0.01 },
			as: 'share',
			reference: '41 % raw'
		},
		{
			figure: 'mouthToEar',
			what: 'mouth to ear without devices, p95 of frames',
			reach: { atMost: 400 },
			as: 'ms',
			reference: ''
		},
		{
			figure: 'mouthToEarP50',
			what: 'the same, p50',
			reach: null,
			as: 'ms',
			reference: ''
		},
		{
			figure: 'worst',
			what: 'made up at whoever heard worst',
			reach: null,
			as: 'share',
			reference: ''
		},
		{
			figure: 'listeners',
			what: 'listeners at that depth',
			reach: null,
			as: 'count',
			reference: ''
		}
	],
	tell(seed) {
		const { world, host, listeners } = openCrowd(
			{ seed, delayMs: [10, 50], land: 'continent', loss: 0.1, burst, gossip: true },
			{ listeners: LISTENERS, fanout: 2, hostFanout: 2 }
		);
		const depthOf = (one: (typeof listeners)[number]): number =>
			one.peer.diagnostics(world.nowMs).depth ?? 0;
		const far = listeners.filter((one) => depthOf(one) >= DEPTH);
		const players = far.map((one) => attachPlayer(world, one, host));
		world.run(5_000);
		for (const player of players) player.reset();
		world.run(FOR_MS);
		const delays = players.flatMap((player) => player.delaysMs);
		const frames = FOR_MS / 20;
		const missing = players.map((player) => Math.max(0, 1 - player.played / frames));
		return {
			concealed: missing.reduce((a, b) => a + b, 0) / missing.length,
			worst: Math.max(...missing),
			mouthToEarP50: FRAME_AND_LOOKAHEAD_MS + quantile(delays, 0.5),
			mouthToEar: FRAME_AND_LOOKAHEAD_MS + quantile(delays, 0.95),
			listeners: far.length
		};
	}
});

export const deepLoss = deep('10 % loss on every hop, depth 5', 1);
export const deepBursts = deep('10 % loss on every hop in bursts of 3, depth 5', 3);
