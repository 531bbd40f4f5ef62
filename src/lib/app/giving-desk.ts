/** How much we give, kept up to date: looks again whenever the device, the room or the person's choice changes. */
import type { Clock, Device } from '#lib/io/ports.ts';
import type { UplinkSample } from './engine/uplink.ts';
import { newGiving, nextGiving, type Giving, type GivingInput } from './giving.ts';

/** What the room says of us. */
export interface GivingRoom {
	readonly onStage: boolean;
	readonly uplink: UplinkSample | null;
}

export interface GivingDesk {
	readonly giving: Giving;
	/** The room's news, several times a second: also what makes time pass here. */
	look(room: GivingRoom): void;
	/** The person may have chosen anew. */
	reconsider(): void;
	/** One listener at a time. */
	onChange(listener: ((giving: Giving) => void) | null): void;
	close(): void;
}

export interface GivingDeskOptions {
	readonly device: Device;
	readonly clock: Clock;
	/** From the address; null where it says nothing. */
	readonly forced: number | null;
	readonly chosen: () => number | null;
}

export function createGivingDesk(options: GivingDeskOptions): GivingDesk {
	const { device, clock, forced } = options;
	let room: GivingRoom = { onStage: false, uplink: null };
	let tell: ((giving: Giving) => void) | null = null;
	const input = (): GivingInput => ({
		forced,
		chosen: options.chosen(),
		device: device.conditions,
		...room
	});
	let state = newGiving(input(), clock.nowMs());

	function reconsider(): void {
		const before = state.giving;
		state = nextGiving(state, input(), clock.nowMs());
		if (state.giving !== before) tell?.(state.giving);
	}

	const stop = device.onChange(reconsider);
	return {
		get giving() {
			return state.giving;
		},
		look(next) {
			room = next;
			reconsider();
		},
		reconsider,
		onChange(listener) {
			tell = listener;
		},
		close() {
			tell = null;
			stop();
		}
	};
}

/** `?fanout=N` in the address, for tests of deep trees; null where it is absent or no number. */
export function fanoutInAddress(): number | null {
	const text = new URLSearchParams(location.search).get('fanout');
	return text !== null && /^\d{1,2}$/.test(text) ? Number(text) : null;
}
