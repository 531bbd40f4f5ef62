/** Bounds of the chat; the others stand in `limits.ts`. docs/PROTOCOL.md has them all. */

/** UTF-8 bytes of one message: two sentences, and in an envelope even when sealed. */
export const CHAT_TEXT_BYTES_MAX = 560;
/** Messages that are remembered, with what took them back: what somebody scrolls through, in 200 KB. */
export const CHAT_KEPT_MAX = 200;
/** Of those, the last that who comes below us is told. */
export const CHAT_TOLD_MAX = 64;
/** Pieces of chat in one message on a link. */
export const CHAT_PER_MESSAGE_MAX = 16;
/** What was said so shortly ago is told once more to who is above us since: it may have missed it. */
export const CHAT_AGAIN_MS = 30_000;
/** For so long who has come beside us may tell what was written before, at no author's rate. */
export const CHAT_CATCH_UP_MS = 10_000;
/** Messages of our own: an answer in pieces, and then one every two seconds. */
export const CHAT_OWN_RATE = { burst: 5, perSecond: 0.5 };
/** Taken from one author: more than an app lets through, for on their way some catch up with others. */
export const CHAT_AUTHOR_RATE = { burst: 10, perSecond: 1 };
/** Taken from one neighbour: what it tells of before, twice, and then more than anybody can read. */
export const CHAT_RATE = { burst: 192, perSecond: 12 };
/** Authors whose rate is remembered, who said something longest ago first. */
export const CHATTERS_REMEMBERED_MAX = 512;
