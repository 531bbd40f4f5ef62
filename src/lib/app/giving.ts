/**
 * How many others we pass the sound on to, and why: what the person chose, what the device and its network
 * bear, and what the uplink was seen to carry. Pure: conditions and time go in, a number with its reason comes out.
 */
import type { DeviceConditions } from '#lib/io/ports.ts';
import { newUplink, nextUplink, type Uplink, type UplinkSample } from './engine/uplink.ts';

export type GivingReason =
	/** `?fanout=N` in the address. */
	| 'address'
	/** The person chose a number. */
	| 'chosen'
	/** The person chose to give nothing. */
	| 'only-listen'
	/** What suits the device. */
	| 'automatic'
	/** On stage: a voice has to start somewhere. */
	| 'on-stage'
	| 'data-saver'
	| 'metered'
	| 'slow-network'
	| 'battery-empty'
	| 'battery-low'
	/** The page was not looked at for long. */
	| 'hidden'
	/** What we sent did not leave in time. */
	| 'uplink'
	/** What held us back is gone; we wait whether it stays so. */
	| 'settling';

export interface Giving {
	/** Children carried at most, 0..FANOUT_MAX. */
	readonly children: number;
	readonly reason: GivingReason;
}

export interface GivingInput {
	/** From the address; outranks everything. */
	readonly forced: number | null;
	/** The person's choice; null for automatic, 0 for only listening. */
	readonly chosen: number | null;
	readonly device: DeviceConditions;
	readonly onStage: boolean;
	/** Null outside a room. */
	readonly uplink: UplinkSample | null;
}

export interface GivingState {
	readonly giving: Giving;
	readonly battery: BatteryStage;
	/** Since when the page has been hidden without a break. */
	readonly hiddenSinceMs: number | null;
	/** Only ever lowered while hidden; null while it does not bind. */
	readonly hiddenCap: number | null;
	readonly uplink: Uplink;
	/** Since when more would be possible than we give. */
	readonly moreSinceMs: number | null;
	/** Under which the person's own word was last taken: where it changes we follow at once. */
	readonly chosen: number | null;
	readonly onStage: boolean;
}

type BatteryStage = 'fine' | 'low' | 'empty';

/** Children by device, before anything was measured: a phone's uplink and battery carry little. */
const CHILDREN_HANDHELD = 2;
const CHILDREN_DESKTOP = 4;
const CHILDREN_STRONG = 6;
/** Logical processors from which a desktop counts as strong. */
const STRONG_CORES = 8;
/** A tree needs roots: people on stage carry as many as keep it from being a chain. */
const CHILDREN_ON_STAGE_MIN = 2;

/** Discharging at or below the first, a battery is low or as good as empty; it is not again until the second. */
const BATTERY_LOW = { enter: 0.3, leave: 0.35 };
const BATTERY_EMPTY = { enter: 0.15, leave: 0.2 };

/** Many listen with the page in the background, but one hidden this long is soon frozen or forgotten. */
export const HIDDEN_LONG_MS = 5 * 60_000;
/** More is given only after it was possible this long without a break: cables wobble, trains pass tunnels. */
export const RISE_AFTER_MS = 30_000;

export function newGiving(input: GivingInput, nowMs: number): GivingState {
	const { chosen, onStage } = input;
	const start: GivingState = {
		giving: { children: 0, reason: 'automatic' },
		battery: 'fine',
		hiddenSinceMs: null,
		hiddenCap: null,
		uplink: newUplink(),
		moreSinceMs: null,
		chosen,
		onStage
	};
	const state = observe(start, input, nowMs);
	return { ...state, giving: wanted(state, input) };
}

/**
 * 1. Less is given at once.
 * 2. More is given after RISE_AFTER_MS, or at once where the person chose it, or goes on stage.
 * 3. Who is carried while the page is hidden is not let go for that reason.
 */
export function nextGiving(before: GivingState, input: GivingInput, nowMs: number): GivingState {
	const state = observe(before, input, nowMs);
	const want = wanted(state, input);
	const { giving } = before;
	const atOnce = input.chosen !== before.chosen || (input.onStage && !before.onStage);
	if (want.children <= giving.children || atOnce) {
		return { ...state, giving: sameOr(giving, want), moreSinceMs: null };
	}
	const moreSinceMs = before.moreSinceMs ?? nowMs;
	if (nowMs - moreSinceMs >= RISE_AFTER_MS) return { ...state, giving: want, moreSinceMs: null };
	const waiting: Giving = { children: giving.children, reason: 'settling' };
	return { ...state, giving: sameOr(giving, waiting), moreSinceMs };
}

/** The same object while it says the same, so that nobody is told twice. */
function sameOr(before: Giving, next: Giving): Giving {
	return before.children === next.children && before.reason === next.reason ? before : next;
}

function observe(before: GivingState, input: GivingInput, nowMs: number): GivingState {
	const { device, uplink, chosen, onStage } = input;
	const hiddenSinceMs = device.hidden ? (before.hiddenSinceMs ?? nowMs) : null;
	const isLong = hiddenSinceMs !== null && nowMs - hiddenSinceMs >= HIDDEN_LONG_MS;
	return {
		...before,
		battery: batteryStage(before.battery, device.battery),
		hiddenSinceMs,
		hiddenCap: isLong ? hiddenCap(before.hiddenCap, input) : null,
		uplink: uplink === null ? before.uplink : nextUplink(before.uplink, uplink, nowMs, chosen ?? 0),
		chosen,
		onStage
	};
}

function hiddenCap(before: number | null, { device, uplink }: GivingInput): number {
	const cap = Math.max(half(childrenFor(device)), uplink?.carried ?? 0);
	return Math.min(before ?? cap, cap);
}

function batteryStage(before: BatteryStage, battery: DeviceConditions['battery']): BatteryStage {
	if (battery === null || battery.charging) return 'fine';
	const { level } = battery;
	if (level <= (before === 'empty' ? BATTERY_EMPTY.leave : BATTERY_EMPTY.enter)) return 'empty';
	return level <= (before === 'fine' ? BATTERY_LOW.enter : BATTERY_LOW.leave) ? 'low' : 'fine';
}

function wanted(state: GivingState, input: GivingInput): Giving {
	const { forced, chosen, onStage } = input;
	if (forced !== null) return { children: forced, reason: 'address' };
	const base = chosen === null ? automatic(state, input.device) : byChoice(chosen);
	const { cap } = state.uplink;
	const isBehind = cap !== null && cap < base.children;
	const borne: Giving = isBehind ? { children: cap, reason: 'uplink' } : base;
	// A number that was chosen stands, but not even "only listen" may silence who speaks.
	const floor = chosen === null && !isBehind ? CHILDREN_ON_STAGE_MIN : 1;
	return onStage && borne.children < floor ? { children: floor, reason: 'on-stage' } : borne;
}

function byChoice(chosen: number): Giving {
	return { children: chosen, reason: chosen === 0 ? 'only-listen' : 'chosen' };
}

/** The lowest of all limits; of equal ones the first. */
function automatic(state: GivingState, device: DeviceConditions): Giving {
	const suits: Giving = { children: childrenFor(device), reason: 'automatic' };
	const limits = [
		...networkLimits(device.network, suits.children),
		...powerLimits(state, suits.children)
	];
	return limits.reduce(
		(lowest, limit) => (limit.children < lowest.children ? limit : lowest),
		suits
	);
}

function childrenFor({ handheld, cores }: DeviceConditions): number {
	if (handheld) return CHILDREN_HANDHELD;
	return cores >= STRONG_CORES ? CHILDREN_STRONG : CHILDREN_DESKTOP;
}

function networkLimits(network: DeviceConditions['network'], suits: number): Giving[] {
	const limits: Giving[] = [];
	if (network.saveData) limits.push({ children: 0, reason: 'data-saver' });
	if (network.metered || network.type === 'cellular')
		limits.push({ children: 0, reason: 'metered' });
	if (network.speed === '2g') limits.push({ children: 0, reason: 'slow-network' });
	if (network.speed === '3g') limits.push({ children: half(suits), reason: 'slow-network' });
	return limits;
}

function powerLimits(state: GivingState, suits: number): Giving[] {
	const limits: Giving[] = [];
	if (state.battery === 'empty') limits.push({ children: 0, reason: 'battery-empty' });
	if (state.battery === 'low') limits.push({ children: half(suits), reason: 'battery-low' });
	if (state.hiddenCap !== null) limits.push({ children: state.hiddenCap, reason: 'hidden' });
	return limits;
}

/** One child at least: a tree of ones is long, but it reaches everybody. */
function half(children: number): number {
	return Math.max(1, Math.floor(children / 2));
}
