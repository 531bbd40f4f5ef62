/** The measures of sound in Grapevine: mono, 48 kHz, frames of 20 ms. */

export const SAMPLE_RATE = 48_000;
export const SAMPLES_PER_MS = SAMPLE_RATE / 1000;
/** One Opus frame, one tick of a sequence number. */
export const FRAME_MS = 20;
export const FRAME_SAMPLES = FRAME_MS * SAMPLES_PER_MS;
