/** The scenario of the calibration with real peers: a process each, in a network namespace each where that is allowed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '../e2e/drive.ts';
import { startSeedForFile } from '../e2e/seed.ts';
import type { Namespaces } from '../e2e/namespaces.ts';
import { pause } from './bench.ts';
import {
	AFTER_DEATH_MS,
	LISTENERS,
	outcomeOf,
	STEADY_MS,
	WARM_UP_MS,
	type Outcome,
	type TrafficCounts
} from './calibrate-scenario.ts';
import { preciseMs } from './throughput-packets.ts';

const PROGRAM = fileURLToPath(new URL('calibrate-peer-process.ts', import.meta.url));
const JOIN_MAX_MS = 60_000;
const LATE_MAX_MS = 1_000;

export type PeerOrder =
	| { readonly type: 'talk' | 'reset' }
	/** What was said between the two, epoch milliseconds. */
	| { readonly type: 'facts'; readonly fromMs: number; readonly toMs: number };

export interface PeerFacts {
	readonly me: string;
	readonly depth: number | null;
	readonly parent: string | null;
	readonly children: number;
	/** Frames it said itself in the time it is asked of. */
	readonly said: number;
	readonly delaysMs: readonly number[];
	/** Every parent it had, with the time from which. */
	readonly parents: readonly { readonly atMs: number; readonly parent: string | null }[];
	/** What it sent since the last reset. */
	readonly traffic: TrafficCounts;
}

interface RealPeer {
	tell(order: PeerOrder): void;
	facts(fromMs?: number, toMs?: number): Promise<PeerFacts>;
	kill(): Promise<void>;
}

export async function runReal(seed: number, spaces: Namespaces | null): Promise<Outcome> {
	const words = spaces === null ? [] : ['--host', spaces.seedAddress];
	const server = await startSeedForFile(...words);
	const peers: RealPeer[] = [];
	try {
		for (let place = 0; place <= LISTENERS; place++) {
			const peer = startPeer(spaces, place, [server.url, String(place), String(seed)]);
			peers.push(peer);
			await eventually(
				`peer ${place} is attached`,
				() => peer.facts(),
				({ depth }) => depth !== null,
				JOIN_MAX_MS
			);
		}
		return await measure(peers);
	} finally {
		await Promise.all(peers.map((peer) => peer.kill()));
		await server.end();
	}
}

function startPeer(spaces: Namespaces | null, place: number, words: readonly string[]): RealPeer {
	const program = [process.execPath, PROGRAM, ...words];
	const [file = '', ...rest] = spaces === null ? program : spaces.command(place, ...program);
	const child: ChildProcess = spawn(file, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
	const died = once(child, 'exit');
	return {
		tell: (order) => void child.send(order),
		async facts(fromMs = 0, toMs = Infinity) {
			const answer = once(child, 'message');
			// JSON knows no Infinity.
			child.send({ type: 'facts', fromMs, toMs: Math.min(toMs, Number.MAX_VALUE) });
			const [facts] = (await Promise.race([
				answer,
				died.then(() => Promise.reject(new Error(`Peer ${place} ended.`)))
			])) as [PeerFacts];
			return facts;
		},
		async kill() {
			child.kill('SIGKILL');
			await died;
		}
	};
}

async function measure(peers: RealPeer[]): Promise<Outcome> {
	peers[0]?.tell({ type: 'talk' });
	await pause(WARM_UP_MS);
	for (const peer of peers) peer.tell({ type: 'reset' });
	const fromMs = preciseMs();
	await pause(STEADY_MS);
	const traffic = (await Promise.all(peers.map((peer) => peer.facts()))).map(
		(facts) => facts.traffic
	);
	await pause(LATE_MAX_MS);
	const listeners = peers.slice(1);
	const steady = await Promise.all(listeners.map((one) => one.facts(fromMs, fromMs + STEADY_MS)));
	const said = (await peers[0]?.facts(fromMs, fromMs + STEADY_MS))?.said ?? 0;
	const { orphans, reattachMs, diedMs } = await die(listeners);
	const saidAfter = (await peers[0]?.facts(diedMs, diedMs + AFTER_DEATH_MS))?.said ?? 0;
	return outcomeOf({
		steady,
		orphans,
		reattachMs,
		traffic: traffic.reduce(sumOf),
		depth: Math.max(...steady.map(({ depth }) => depth ?? 0)),
		said,
		saidAfter
	});
}

async function die(listeners: RealPeer[]) {
	const facts = await Promise.all(listeners.map((one) => one.facts()));
	const most = Math.max(...facts.map(({ children }) => children));
	const at = facts.findIndex(({ children }) => children === most);
	const [victim, victimId] = [listeners[at], facts[at]?.me];
	const orphans = listeners.filter((_, i) => facts[i]?.parent === victimId);
	const diedMs = preciseMs();
	await victim?.kill();
	await pause(AFTER_DEATH_MS + LATE_MAX_MS);
	const after = await Promise.all(orphans.map((one) => one.facts(diedMs, diedMs + AFTER_DEATH_MS)));
	const reattachMs = after.map(({ parents }) => {
		const next = parents.find(
			({ atMs, parent }) => atMs > diedMs && parent !== null && parent !== victimId
		);
		return (next?.atMs ?? Infinity) - diedMs;
	});
	return { orphans: after, reattachMs, diedMs };
}

function sumOf(a: TrafficCounts, b: TrafficCounts): TrafficCounts {
	return {
		frameBytes: a.frameBytes + b.frameBytes,
		otherBytes: a.otherBytes + b.otherBytes,
		framePackets: a.framePackets + b.framePackets,
		pulls: a.pulls + b.pulls
	};
}
