/**
 * A room in which somebody in the middle of the tree is killed: a host who plays a melody, two who can carry
 * others, and below them a page whose output is recorded and Node peers whose packets are timed.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { diagnosticsOf, eventually } from '../e2e/drive.ts';
import { longest, silencesOf, stepsOf } from '../e2e/melody.ts';
import { pause } from './bench.ts';
import type { BenchBrowser } from './browsers.ts';
import { joinTimed, type Orphan, type TimedPeer } from './kill-listener.ts';
import { comeListen, type Guest, type Room } from './room.ts';
import { record } from './timed-sound.ts';

const MIDDLE_PROGRAM = fileURLToPath(new URL('kill-middle-process.ts', import.meta.url));
/** The host carries the two in the middle; each of these whoever comes below. */
export const HOST_FANOUT = 2;
/** Rounds of the melody in the host's microphone: 6.4 s, then it begins again. */
export const MELODY_ROUNDS = 20;
const MIDDLES = 2;
const MIDDLE_FANOUT = 3;
/** Children that come until one of them hangs where somebody can be killed. */
const TRIES_MAX = 5;
/** Those that come until two of them hang below the host itself. */
const ARRIVALS_MAX = 12;
/** Whoever has a free place calls up those further down, in a few seconds. */
const CALLED_UP_MS = 6_000;
/** So many that some of them hang below the one that dies. */
const NODES = 3;
/** Backups are found and playout has found its delay. */
const SETTLE_MS = 3_000;
const BEFORE_MS = 3_000;
const AFTER_MS = 4_000;
/** A page's own copy of its diagnostics is at most this old, so are its answers. */
export const DIAGNOSTICS_AGE_MS = 200;

/** Somebody in the middle of the tree. */
export interface Middle {
	readonly peer: string;
	/** At once and without a word; resolves when it is done. */
	kill(): Promise<void>;
}

/** What one death was like, in milliseconds. */
export interface Death {
	/** Longest stretch of the child's output without the next note, before the death and around it. */
	readonly stretchBeforeMs: number;
	readonly stretchAroundMs: number;
	/** Longest digital or near silence. */
	readonly silenceBeforeMs: number;
	readonly silenceAroundMs: number;
	/** Frames the page's playout has concealed from the death on, and in as long a time before it. */
	readonly concealed: number;
	readonly concealedBefore: number;
	/** Until the page said that it has another parent; up to DIAGNOSTICS_AGE_MS too much. */
	readonly pageParentMs: number;
	/** The same of each Node peer that had the same parent, to 20 ms, and its longest time without a frame. */
	readonly nodes: readonly Orphan[];
	/** Who stood by for the page before: the host, the other in the middle, or somebody else. */
	readonly backups: readonly string[];
	/** The host carried the other in the middle as well. */
	readonly otherIsHigh: boolean;
	/** The longest time around the death for which the host's page did nothing: no fault of the tree. */
	readonly hostStallMs: number;
}

/** How much longer the melody was missing than it ever was before, in milliseconds. */
export const gapOf = (death: Death): number =>
	Math.max(0, death.stretchAroundMs - death.stretchBeforeMs);

export interface Scene {
	readonly middles: Middle[];
	/** Lets as many come as there have to be. */
	fill(): Promise<void>;
	/** A child comes, its parent is killed, the child is looked at and goes. */
	die(): Promise<Death>;
	close(): Promise<void>;
}

type ComeMiddle = () => Promise<Middle>;

export function killScene(
	seedUrl: string,
	room: Room,
	listening: BenchBrowser,
	come: ComeMiddle
): Scene {
	const middles: Middle[] = [];
	const scene: Scene = {
		middles,
		async fill() {
			for (let tries = 0; tries < ARRIVALS_MAX; tries++) {
				while (middles.length < MIDDLES) {
					await onlyCarries(room, middles);
					middles.push(await come());
				}
				const low = await lowOf(room, middles);
				if (low.length === 0) return;
				// One has come below the other, who is nearer, and stays there: it has to go, and another comes.
				for (const middle of low) {
					middles.splice(middles.indexOf(middle), 1);
					await middle.kill();
				}
			}
			throw new Error('The host does not carry those in the middle.');
		},
		async die() {
			for (let tries = 0; tries < TRIES_MAX; tries++) {
				// One of them may have moved below the other meanwhile, and left its place to the child.
				await scene.fill();
				const page = await comeListen(room, listening, 0);
				const nodes: TimedPeer[] = [];
				try {
					while (nodes.length < NODES) nodes.push(await joinTimed(seedUrl, room.key));
					await pause(SETTLE_MS);
					const death = await watchDeath(room, page, nodes, middles);
					if (death !== null) return death;
				} finally {
					await Promise.all([page.close(), ...nodes.map((node) => node.stop())]);
				}
			}
			throw new Error('No child stays below anybody in the middle.');
		},
		async close() {
			await Promise.all(middles.splice(0).map((middle) => middle.kill()));
		}
	};
	return scene;
}

async function childrenOf(room: Room): Promise<readonly string[]> {
	return (await diagnosticsOf(room.host.person)).children ?? [];
}

/** Those the host does not carry, though it had time to call them up. */
async function lowOf(room: Room, middles: readonly Middle[]): Promise<Middle[]> {
	const untilMs = Date.now() + CALLED_UP_MS;
	for (;;) {
		await pause(DIAGNOSTICS_AGE_MS);
		const carried = await childrenOf(room);
		const low = middles.filter(({ peer }) => !carried.includes(peer));
		if (low.length === 0 || Date.now() > untilMs) return low;
	}
}

/** Waits until the host carries nobody else: those who died have their places for a while. */
async function onlyCarries(room: Room, middles: readonly Middle[]): Promise<void> {
	await eventually(
		'the host has let go of the dead',
		() => childrenOf(room),
		(children) => children.every((child) => middles.some(({ peer }) => peer === child))
	);
}

/** Null where the child has moved to somebody who is not to be killed: places near the host are sought after. */
async function watchDeath(
	room: Room,
	page: Guest,
	nodes: readonly TimedPeer[],
	middles: Middle[]
): Promise<Death | null> {
	const recording = record(page.page, 'ear', (BEFORE_MS + AFTER_MS) / 1000);
	const concealedFirst = await concealedAt(page);
	await pause(BEFORE_MS);
	const concealedThen = await concealedAt(page);
	const { parent, backups = [] } = await diagnosticsOf(page.person);
	const carried = await childrenOf(room);
	const { me: host } = await diagnosticsOf(room.host.person);
	const at = middles.findIndex(({ peer }) => peer === parent);
	const middle = middles[at];
	if (middle === undefined) {
		await recording;
		return null;
	}
	const siblings = nodes.filter((node) => node.parent() === parent);
	const others = middles.filter(({ peer }) => peer !== parent).map(({ peer }) => peer);
	const nameOf = (peer: string): string =>
		peer === host ? 'host' : others.includes(peer) ? 'middle' : 'another';
	const stalled = room.host.page.evaluate(longestStall, AFTER_MS);
	const newParent = page.page.evaluate(whenParentChanges, parent);
	const killedMs = Date.now();
	middles.splice(at, 1);
	await middle.kill();
	const heard = await recording;
	const concealedLast = await concealedAt(page);
	const fromMs = killedMs - heard.startMs;
	const steps = stepsOf(heard.samples);
	const silences = silencesOf(heard.samples);
	// The recording begins anywhere in the melody: its first stretch tells nothing.
	const around = [fromMs, BEFORE_MS + AFTER_MS] as const;
	return {
		stretchBeforeMs: longest(steps.slice(1), 0, fromMs),
		stretchAroundMs: longest(steps.slice(1, -1), ...around),
		silenceBeforeMs: longest(silences, 0, fromMs),
		silenceAroundMs: longest(silences, ...around),
		concealed: concealedLast - concealedThen,
		concealedBefore: concealedThen - concealedFirst,
		pageParentMs: (await newParent) - killedMs,
		nodes: siblings.map((node) => node.since(killedMs, String(parent))),
		backups: backups.map(nameOf),
		otherIsHigh: others.every((peer) => carried.includes(peer)),
		hostStallMs: await stalled
	};
}

async function concealedAt({ person }: Guest): Promise<number> {
	const { speakers = [] } = await diagnosticsOf(person);
	return speakers.reduce((sum, { concealed }) => sum + concealed, 0);
}

/** In the page: the longest time between two looks, of those that are 20 ms apart where nothing holds it up. */
function longestStall(forMs: number): Promise<number> {
	const untilMs = performance.now() + forMs;
	let [lastMs, longestMs] = [performance.now(), 0];
	return new Promise((resolve) => {
		const timer = setInterval(() => {
			const nowMs = performance.now();
			longestMs = Math.max(longestMs, nowMs - lastMs);
			lastMs = nowMs;
			if (nowMs < untilMs) return;
			clearInterval(timer);
			resolve(Math.round(longestMs));
		}, 20);
	});
}

/** In the page: resolves with the epoch time at which another parent was seen. */
function whenParentChanges(before: string | null | undefined): Promise<number> {
	const giveUpMs = Date.now() + 20_000;
	return new Promise((resolve, reject) => {
		const timer = setInterval(() => {
			const { parent } = window.grapevine.diagnostics();
			if (Date.now() > giveUpMs) reject(new Error('No other parent within 20 s.'));
			else if (parent == null || parent === before) return;
			clearInterval(timer);
			resolve(Date.now());
		}, 10);
	});
}

/** A page whose renderer crashes. */
export async function comeAsPage(room: Room, listening: BenchBrowser): Promise<Middle> {
	const guest = await comeListen(room, listening, MIDDLE_FANOUT);
	const { me } = await diagnosticsOf(guest.person);
	const devtools = await guest.page.context().newCDPSession(guest.page);
	return {
		peer: me,
		async kill() {
			const crashed = guest.page.waitForEvent('crash');
			// It never answers: who would.
			devtools.send('Page.crash').catch(() => undefined);
			await crashed;
			// The context closes in its own time.
			void guest.close().catch(() => undefined);
		}
	};
}

/** A Node peer in a process of its own that is killed. */
export async function comeAsProcess(seedUrl: string, room: Room): Promise<Middle> {
	const child: ChildProcess = fork(MIDDLE_PROGRAM, [seedUrl, room.key, String(MIDDLE_FANOUT)], {
		stdio: 'inherit'
	});
	const died = once(child, 'exit');
	const [peer] = (await Promise.race([
		once(child, 'message'),
		died.then(() => Promise.reject(new Error('The relay ended before it was killed.')))
	])) as [string];
	return {
		peer,
		async kill() {
			child.kill('SIGKILL');
			await died;
		}
	};
}
