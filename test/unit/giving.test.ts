/** How much we give: what the person chose, the device and its network, and no flapping. */
import { describe, expect, it } from 'vitest';
import type { DeviceConditions } from '#lib/io/ports.ts';
import {
	HIDDEN_LONG_MS,
	RISE_AFTER_MS,
	newGiving,
	nextGiving,
	type Giving,
	type GivingInput
} from '#lib/app/giving.ts';

const desktop: DeviceConditions = {
	handheld: false,
	cores: 4,
	network: { type: null, speed: '4g', saveData: false, metered: false },
	battery: null,
	hidden: false
};
const phone = { ...desktop, handheld: true, cores: 8 };

const usual: GivingInput = {
	forced: null,
	chosen: null,
	device: desktop,
	onStage: false,
	uplink: null
};
const on = (
	device: Partial<DeviceConditions>,
	network: Partial<DeviceConditions['network']> = {}
): GivingInput => ({
	...usual,
	device: { ...desktop, ...device, network: { ...desktop.network, ...network } }
});
const battery = (level: number, charging = false): GivingInput =>
	on({ battery: { level, charging } });

const first = (input: GivingInput): Giving => newGiving(input, 0).giving;

/** Feeds inputs at their times, in seconds, and gives what was decided at each. */
function story(...steps: readonly (readonly [number, GivingInput])[]): string[] {
	let state = newGiving(steps[0]![1], steps[0]![0] * 1_000);
	return steps.map(([atSeconds, input], i) => {
		if (i > 0) state = nextGiving(state, input, atSeconds * 1_000);
		return `${state.giving.children} ${state.giving.reason}`;
	});
}

describe('how many others we give to', () => {
	it.each([
		['a phone', phone, 2],
		['a desktop', desktop, 4],
		['a strong desktop', { ...desktop, cores: 8 }, 6]
	])('is by default what suits %s', (_name, device, children) => {
		expect(first({ ...usual, device })).toEqual({ children, reason: 'automatic' });
	});

	it.each([
		['data saver', on({}, { saveData: true }), 'data-saver'],
		['a mobile network', on({}, { type: 'cellular' }), 'metered'],
		['a metered network', on({}, { type: 'wifi', metered: true }), 'metered'],
		['a very slow network', on({}, { speed: '2g' }), 'slow-network'],
		['a nearly empty battery', battery(0.15), 'battery-empty']
	] as const)('is nobody on %s', (_name, input, reason) => {
		expect(first(input)).toEqual({ children: 0, reason });
	});

	it('is fewer on a slow network and on a low battery', () => {
		expect(first(on({}, { speed: '3g' }))).toEqual({ children: 2, reason: 'slow-network' });
		expect(first(battery(0.3))).toEqual({ children: 2, reason: 'battery-low' });
		expect(first(battery(0.1, true))).toEqual({ children: 4, reason: 'automatic' });
	});

	it('is what the person chose, whatever the device says', () => {
		const device = on({}, { saveData: true, type: 'cellular' }).device;
		expect(first({ ...usual, device, chosen: 7 })).toEqual({ children: 7, reason: 'chosen' });
		expect(first({ ...usual, chosen: 0 })).toEqual({ children: 0, reason: 'only-listen' });
	});

	it('is what the address says, before all else', () => {
		const input = { ...on({}, { saveData: true }), chosen: 7, forced: 0, onStage: true };
		expect(first(input)).toEqual({ children: 0, reason: 'address' });
	});

	it('is somebody at least while we are on stage: a voice has to start somewhere', () => {
		const mobile = on({}, { type: 'cellular' });
		expect(first({ ...mobile, onStage: true })).toEqual({ children: 2, reason: 'on-stage' });
		expect(first({ ...usual, chosen: 0, onStage: true })).toEqual({
			children: 1,
			reason: 'on-stage'
		});
	});
});

describe('giving over time', () => {
	it('gives less at once, and more only after it was possible for half a minute', () => {
		const mobile = on({}, { type: 'cellular' });
		const wifi = on({}, { type: 'wifi' });
		expect(story([0, wifi], [1, mobile], [2, wifi], [31, wifi], [32, wifi], [33, wifi])).toEqual([
			'4 automatic',
			'0 metered',
			'0 settling',
			'0 settling',
			'4 automatic',
			'4 automatic'
		]);
	});

	it('changes at most twice in half a minute, however wildly the conditions change', () => {
		const wild = Array.from({ length: 600 }, (_, i): [number, GivingInput] => [
			i,
			i % 3 === 0 ? battery(0.05) : battery(0.9, true)
		]);
		const children = story(...wild).map((step) => step.split(' ')[0]);
		const changes = children.filter((now, i) => i > 0 && now !== children[i - 1]).length;
		expect(changes).toBeLessThanOrEqual((600_000 / RISE_AFTER_MS) * 2);
	});

	it('does not turn back and forth where the battery hovers about a limit', () => {
		const steps = [0.31, 0.3, 0.31, 0.34, 0.35, 0.36, 0.15, 0.16, 0.2, 0.21];
		const told = story(...steps.map((level, i): [number, GivingInput] => [60 * i, battery(level)]));
		expect(told).toEqual([
			'4 automatic',
			'2 battery-low',
			'2 battery-low',
			'2 battery-low',
			'2 battery-low',
			'2 settling',
			'0 battery-empty',
			'0 battery-empty',
			'0 battery-empty',
			'0 settling'
		]);
	});

	it('follows the person, and the way on stage, without waiting', () => {
		const mobile = on({}, { type: 'cellular' });
		const chosen = { ...mobile, chosen: 6 };
		expect(story([0, mobile], [1, chosen], [2, mobile], [3, { ...mobile, onStage: true }])).toEqual(
			['0 metered', '6 chosen', '0 metered', '2 on-stage']
		);
	});

	it('takes fewer new children when hidden for long, and keeps those it carries', () => {
		const hidden = (carried: number): GivingInput => ({
			...on({ hidden: true }),
			uplink: { carried, packets: 0, unsentBy: {} }
		});
		const longSeconds = HIDDEN_LONG_MS / 1_000;
		expect(
			story(
				[0, on({})],
				[1, hidden(4)],
				[longSeconds, hidden(4)],
				[longSeconds + 1, hidden(3)],
				[longSeconds + 2, hidden(2)],
				// Somebody comes beyond the limit for a moment (a graft): that raises nothing.
				[longSeconds + 3, hidden(3)],
				[longSeconds + 4, hidden(0)],
				[longSeconds + 5, on({})],
				[longSeconds + 35, on({})]
			)
		).toEqual([
			'4 automatic',
			'4 automatic',
			'4 automatic',
			'3 hidden',
			'2 hidden',
			'2 hidden',
			'2 hidden',
			'2 settling',
			'4 automatic'
		]);
	});

	it('comes back step by step to many that were chosen, once the uplink bears more again', () => {
		const chosen = 30;
		const links = Array.from({ length: chosen }, () => ({ due: 0, unsent: 0 }));
		let packets = 0;
		const steps = Array.from({ length: 5 * 60 }, (_, seconds): [number, GivingInput] => {
			for (const link of links) {
				link.due += 50;
				link.unsent += seconds <= 3 ? 25 : 0;
			}
			packets += 50 * chosen;
			const unsentBy = Object.fromEntries(links.map((link, child) => [child, { ...link }]));
			return [seconds, { ...usual, chosen, uplink: { carried: chosen, packets, unsentBy } }];
		});
		const told = story(...steps);
		expect(told.filter((step, i) => step !== told[i - 1] && !step.endsWith('settling'))).toEqual([
			'30 chosen',
			'15 uplink',
			'16 uplink',
			'17 uplink',
			'18 uplink',
			'19 uplink'
		]);
	});

	it('says the same by the same object, so that nobody is told twice', () => {
		const before = newGiving(usual, 0);
		expect(nextGiving(before, usual, 1_000).giving).toBe(before.giving);
	});
});
