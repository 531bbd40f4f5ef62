/** A removal in a room of two thousand, and what two hundred reactions a second do to it and to the sound. */
import { openCrowd, type Crowd } from '../sim/crowd.ts';
import { createGauge } from '../sim/gauge.ts';
import { openReactions } from '../sim/reactions.ts';
import { removalTimesMs } from '../sim/removals.ts';
import type { Member } from '../sim/world.ts';
import { quantile } from './tree-measures.ts';
import type { Figures, Scenario } from './tree-scenario.ts';

const LISTENERS = 2_000;
const SHORT_LISTENERS = 300;
const APPLIED_MS = 500;
/** Longer than any honest peer takes. */
const WATCHED_MS = 2_000;
/** Reactions a second, each of somebody else. */
const REACTIONS_PER_S = 200;
/** Frames, proofs and numbers of one voice on a link. */
const VOICE_KBIT_S = 47;
const WARM_UP_MS = 3_000;
/** Sound is measured for so long before and after a removal. */
const SPAN_MS = 3_000;

const LINES = { delayMs: [10, 50], loss: [0.005, 0.01] } as const;

const crowd = (seed: number, gossip: boolean, short: boolean): Crowd =>
	openCrowd(
		{ ...LINES, gossip, seed },
		{ listeners: short ? SHORT_LISTENERS : LISTENERS, quietMs: 15_000, settleMs: 2_000 }
	);

/** A listener who carries others: its removal costs something. */
function carrier({ world, listeners }: Crowd): Member {
	const carries = (one: Member): boolean => one.peer.diagnostics(world.nowMs).children.length > 0;
	const found = listeners.find(carries);
	if (found === undefined) throw new Error('Nobody carries anybody.');
	return found;
}

function removalTimes(room: Crowd, gone: Member): number[] {
	const others = room.world.alive.filter((one) => one !== gone && one !== room.host);
	return removalTimesMs(room.world, { by: room.host, gone }, others, WATCHED_MS);
}

const removalAims = [
	{
		figure: 'within',
		what: `applied within ${APPLIED_MS} ms`,
		reach: { atLeast: 0.99 },
		as: 'share',
		reference: ''
	},
	{ figure: 'p50', what: 'applied after, p50', reach: null, as: 'ms', reference: '' },
	{ figure: 'p99', what: 'applied after, p99', reach: null, as: 'ms', reference: '' }
] as const;

function removalOf(gossip: boolean): Scenario {
	return {
		title: `A removal in a room of 2,000, ${gossip ? 'by gossip and links' : 'by links alone'}`,
		seeds: { full: 5, short: 1 },
		aims: removalAims,
		tell(seed, short) {
			const room = crowd(seed, gossip, short);
			const times = removalTimes(room, carrier(room));
			return {
				within: times.filter((ms) => ms <= APPLIED_MS).length / times.length,
				p50: quantile(times, 0.5),
				p99: quantile(times, 0.99)
			};
		}
	};
}

export const removalByLinks = removalOf(false);
export const removalByGossip = removalOf(true);

/** The sound of a while in the middle of which somebody is removed, and how that went. */
function measure(room: Crowd, gone: Member): Figures {
	const { world, host, listeners } = room;
	const gauge = createGauge(
		world,
		host,
		listeners.filter((one) => one !== gone)
	);
	world.run(SPAN_MS);
	const times = removalTimes(room, gone);
	world.run(SPAN_MS);
	gauge.stop();
	world.run(WATCHED_MS);
	return {
		p50: gauge.delayMs(0.5),
		p95: gauge.delayMs(0.95),
		within300: gauge.shareWithin(300),
		removal99: quantile(times, 0.99)
	};
}

const reactionBytes = ({ world }: Crowd): number =>
	world.alive.reduce((sum, { peer }) => sum + peer.diagnostics(world.nowMs).reactions.bytesUp, 0);

export const reactions: Scenario = {
	title:
		'A room of 2,000 with 200 reactions a second, beside the same room without, by links alone',
	seeds: { full: 3, short: 1 },
	aims: [
		{ figure: 'quietP50', what: 'sound without, p50', reach: null, as: 'ms', reference: '' },
		{ figure: 'loudP50', what: 'sound with reactions, p50', reach: null, as: 'ms', reference: '' },
		{ figure: 'quietP95', what: 'sound without, p95', reach: null, as: 'ms', reference: '' },
		{ figure: 'loudP95', what: 'sound with reactions, p95', reach: null, as: 'ms', reference: '' },
		{
			figure: 'later',
			what: 'sound later by reactions, p95',
			reach: { atMost: 5 },
			as: 'ms',
			reference: ''
		},
		{
			figure: 'quiet300',
			what: 'heard within 300 ms without',
			reach: null,
			as: 'share',
			reference: '',
			worse: 'less'
		},
		{
			figure: 'loud300',
			what: 'heard within 300 ms with reactions',
			reach: null,
			as: 'share',
			reference: '',
			worse: 'less'
		},
		{ figure: 'quietOut', what: 'a removal without, p99', reach: null, as: 'ms', reference: '' },
		{
			figure: 'loudOut',
			what: 'a removal with reactions, p99',
			reach: { atMost: APPLIED_MS },
			as: 'ms',
			reference: ''
		},
		{
			figure: 'perLink',
			what: 'bytes of reactions on a link, one way, mean',
			reach: { atMost: VOICE_KBIT_S / 20 },
			as: 'kbit/s',
			reference: `one voice: ${VOICE_KBIT_S}`
		},
		{
			figure: 'shown',
			what: 'reactions that reach a screen, p5',
			reach: null,
			as: 'share',
			reference: '',
			worse: 'less'
		},
		{ figure: 'namedP50', what: 'a reaction by name, p50', reach: null, as: 'ms', reference: '' },
		{ figure: 'namedP95', what: 'a reaction by name, p95', reach: null, as: 'ms', reference: '' }
	],
	tell(seed, short) {
		const quiet = evening(seed, short, false);
		const loud = evening(seed, short, true);
		return {
			quietP50: quiet.sound['p50'] ?? NaN,
			loudP50: loud.sound['p50'] ?? NaN,
			quietP95: quiet.sound['p95'] ?? NaN,
			loudP95: loud.sound['p95'] ?? NaN,
			later: (loud.sound['p95'] ?? NaN) - (quiet.sound['p95'] ?? NaN),
			quiet300: quiet.sound['within300'] ?? NaN,
			loud300: loud.sound['within300'] ?? NaN,
			quietOut: quiet.sound['removal99'] ?? NaN,
			loudOut: loud.sound['removal99'] ?? NaN,
			perLink: loud.perLink,
			shown: loud.seen.shareShown(0.05),
			namedP50: loud.seen.delayMs(0.5),
			namedP95: loud.seen.delayMs(0.95)
		};
	}
};

/** The same room, people, lines and removal, with reactions or without: what else happens in it is no difference. */
function evening(seed: number, short: boolean, applauds: boolean) {
	const room = crowd(seed, false, short);
	const { world, listeners, dice } = room;
	const gone = carrier(room);
	const seen = openReactions(world);
	const inRoom = listeners.filter((one) => one !== gone);
	const everyMs = (1_000 / REACTIONS_PER_S) * (LISTENERS / listeners.length);
	let goesOn = applauds;
	const applaud = (): void => {
		if (!goesOn) return;
		world.after(everyMs, applaud);
		seen.react(inRoom[Math.floor(dice.next() * inRoom.length)] ?? room.host);
	};
	applaud();
	// What links take at once is used up.
	world.run(WARM_UP_MS);
	const [bytesBefore, sinceMs] = [reactionBytes(room), world.nowMs];
	const sound = measure(room, gone);
	goesOn = false;
	const bits = 8 * (reactionBytes(room) - bytesBefore);
	// In a tree everybody but one has a parent, and each link is used both ways.
	const perLink = bits / (world.nowMs - sinceMs) / (2 * (world.alive.length - 1));
	world.run(WATCHED_MS);
	return { sound, perLink, seen };
}
