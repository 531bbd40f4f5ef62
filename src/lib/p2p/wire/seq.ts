/** Arithmetic of 32-bit sequence numbers, which wrap. Imported by the worklet: keep it free of imports. */
/** What one number of a stream stands for: a frame of sound. */
export const TICK_MS = 20;
const U32 = 2 ** 32;

/** The signed distance from `b` to `a` on the circle of 32-bit sequence numbers (RFC 1982). */
export function seqDistance(a: number, b: number): number {
	return (a - b) | 0;
}

/** `seq` moved by `ticks`, within 0 .. 2^32 - 1. */
export function seqAdd(seq: number, ticks: number): number {
	return (((seq + ticks) % U32) + U32) % U32;
}
