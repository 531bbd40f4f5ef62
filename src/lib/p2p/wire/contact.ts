/** How to reach a peer: its id and where it said it listens; and, where it has room, how the sound comes to it. */
import type { ByteReader, ByteWriter } from './bytes.ts';
import type { PeerId } from './ids.ts';

export interface Contact {
	readonly peer: PeerId;
	/** Multiaddrs as text, at most `CONTACT_ADDRS_MAX`; empty means "through any seed you know". */
	readonly addrs: readonly string[];
	/** It could carry one more child, as it or its parent said. Left out where that is not known. */
	readonly offer?: Offer;
}

/**
 * Where somebody is in a space in which distance is the time sound takes, in milliseconds one way: a plane, and a
 * height above it for the last mile (Vivaldi, Dabek et al. 2004). Coordinates lie within SPOT_MAX_MS.
 */
export interface Spot {
	readonly x: number;
	readonly y: number;
	readonly height: number;
	/** How far distances from here are off, as a share of them: 0 (sure) to 1 (no idea). */
	readonly error: number;
}

export interface Offer {
	readonly spot: Spot;
	/** Estimated milliseconds from a speaker to there, 0..65535. */
	readonly delayMs: number;
	/** How long ago that was known at first hand, in seconds, 0..255. */
	readonly ageS: number;
	/** The branch of the tree it is on, u8: different for most pairs of branches that part right below a speaker. */
	readonly branch: number;
}

/** Farther than any two places on Earth. */
export const SPOT_MAX_MS = 4_000;
const STEPS_PER_MS = 8;
const ERROR_STEPS = 255;
const ORIGIN = 0x8000;

export function writeSpot(out: ByteWriter, { x, y, height, error }: Spot): ByteWriter {
	out.u16(ORIGIN + stepsOf(x)).u16(ORIGIN + stepsOf(y));
	return out.u16(Math.max(0, stepsOf(height))).u8(Math.round(ERROR_STEPS * clamp(error, 0, 1)));
}

export function readSpot(input: ByteReader): Spot {
	const x = (input.u16() - ORIGIN) / STEPS_PER_MS;
	const y = (input.u16() - ORIGIN) / STEPS_PER_MS;
	const height = input.u16() / STEPS_PER_MS;
	const spot = { x, y, height, error: input.u8() / ERROR_STEPS };
	if (Math.max(Math.abs(x), Math.abs(y), height) > SPOT_MAX_MS) input.fail();
	return spot;
}

export function writeOffer(out: ByteWriter, { spot, delayMs, ageS, branch }: Offer): ByteWriter {
	const ms = Math.round(clamp(delayMs, 0, 0xffff));
	return writeSpot(out, spot)
		.u16(ms)
		.u8(Math.ceil(clamp(ageS, 0, 255)))
		.u8(branch);
}

export const readOffer = (input: ByteReader): Offer => ({
	spot: readSpot(input),
	delayMs: input.u16(),
	ageS: input.u8(),
	branch: input.u8()
});

const stepsOf = (ms: number): number =>
	Math.round(STEPS_PER_MS * clamp(ms, -SPOT_MAX_MS, SPOT_MAX_MS));

const clamp = (value: number, least: number, most: number): number =>
	Math.min(most, Math.max(least, value));
