/** Bounds of captions; the others stand in `limits.ts`. docs/PROTOCOL.md has them all. */

/** UTF-8 bytes of one phrase in words: ten seconds of fast speech in a script of three bytes a letter. */
export const CAPTION_TEXT_BYTES_MAX = 600;
/** Frames of one phrase: 30 s, three times what an app takes for one before it cuts. */
export const CAPTION_TICKS_MAX = 1_500;
/** Captions in one message: what was just said on a full stage, and some. */
export const CAPTIONS_PER_MESSAGE_MAX = 16;
/** Captions of our own: partial words every 0.7 s, and short phrases one after the other. */
export const CAPTION_OWN_RATE = { burst: 8, perSecond: 2 };
/** So many of them are kept for final words: partial ones give way. */
export const CAPTION_OWN_RESERVE = 3;
/** Captions taken from one author: more than an app lets through, for on their way some catch up with others. */
export const CAPTION_AUTHOR_RATE = { burst: 16, perSecond: 3 };
/** Captions taken from one neighbour: those of a full stage that talks all at once. */
export const CAPTIONS_RATE = { burst: 192, perSecond: 36 };
/** Words that come so long after their sound are no captions any more; an app that lags more gives up before. */
export const CAPTION_LATE_MS = 15_000;
/** Phrases of one stream that are remembered, by which repetitions are known: half a minute of short ones. */
export const CAPTION_PHRASES_MAX = 16;
/** Streams whose phrases are remembered: a full stage, and seats that were just left. */
export const CAPTION_STREAMS_MAX = 24;
