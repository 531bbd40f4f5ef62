/** The giving desk: who changes what, and whom it tells. */
import { describe, expect, it } from 'vitest';
import { createGivingDesk } from '#lib/app/giving-desk.ts';
import type { Giving } from '#lib/app/giving.ts';
import type { Device, DeviceConditions } from '#lib/io/ports.ts';
import { createFakeClock } from '../lib/fake-clock.ts';

function setup(forced: number | null = null) {
	let chosen: number | null = null;
	let conditions: DeviceConditions = {
		handheld: false,
		cores: 4,
		network: { type: 'wifi', speed: '4g', saveData: false, metered: false },
		battery: null,
		hidden: false
	};
	const listeners = new Set<() => void>();
	const device: Device = {
		get conditions() {
			return conditions;
		},
		onChange(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		}
	};
	const clock = createFakeClock();
	const desk = createGivingDesk({ device, clock, forced, chosen: () => chosen });
	const told: Giving[] = [];
	desk.onChange((giving) => told.push(giving));
	return {
		desk,
		told,
		listeners,
		pass: (ms: number) => {
			clock.advance(ms);
		},
		choose: (children: number | null) => {
			chosen = children;
			desk.reconsider();
		},
		network: (changes: Partial<DeviceConditions['network']>) => {
			conditions = { ...conditions, network: { ...conditions.network, ...changes } };
			for (const listener of listeners) listener();
		}
	};
}

const idle = { onStage: false, uplink: { carried: 0, packets: 0, unsentBy: {} } };

describe('the giving desk', () => {
	it('tells once when the network changes, and when time has passed', () => {
		const { desk, told, network, pass } = setup();
		network({ type: 'cellular' });
		desk.look(idle);
		expect(told).toEqual([{ children: 0, reason: 'metered' }]);
		network({ type: 'wifi' });
		pass(30_000);
		desk.look(idle);
		desk.look(idle);
		expect(told.slice(1)).toEqual([
			{ children: 0, reason: 'settling' },
			{ children: 4, reason: 'automatic' }
		]);
	});

	it('follows the choice of the person and the way on stage', () => {
		const { desk, told, choose } = setup();
		choose(0);
		desk.look({ ...idle, onStage: true });
		choose(9);
		expect(told.map(({ children }) => children)).toEqual([0, 1, 9]);
		expect(desk.giving).toEqual({ children: 9, reason: 'chosen' });
	});

	it('takes the address at its word', () => {
		const { desk, told, choose, network } = setup(2);
		choose(0);
		network({ saveData: true });
		desk.look({ ...idle, onStage: true });
		expect(desk.giving).toEqual({ children: 2, reason: 'address' });
		expect(told).toEqual([]);
	});

	it('is still once closed', () => {
		const { desk, told, listeners, choose } = setup();
		desk.close();
		choose(1);
		expect([told.length, listeners.size]).toEqual([0, 0]);
	});
});
