/** How long the tree waits for what. Measured on loopback an attach takes under 300 ms; a world away about a second. */

/** Every link says "still here" this often; three missed in a row and more mean trouble. */
export const BEAT_INTERVAL_MS = 250;
/** A parent this silent is suspected: look for another, but keep it until one is found. */
export const PARENT_SUSPECT_MS = 1_500;
/** A child this silent gives its place to one who asks: its parent may be as dead to others as it is to us. */
export const CHILD_SUSPECT_MS = 1_500;
/** A link this silent is given up. Long enough for a page that was starved of CPU to come back. */
export const LINK_DEAD_MS = 6_000;
/** A parent without a source of its own is given this long to find one before we look ourselves. */
export const ORPHAN_PATIENCE_MS = 2_500;
/** An attempt without an answer: a second one is started beside it. */
export const HEDGE_MS = 800;
/** An attempt without an outcome is over. */
export const ATTEMPT_MS = 6_000;
/** Somebody who was full may have room again after this. */
export const RETRY_REFUSED_MS = 2_000;
/** Somebody who could not be reached is left alone for this long. */
export const RETRY_FAILED_MS = 8_000;
/** Where nobody is left to try, those we know are tried again after this, unless they are still to be avoided. */
export const ROUND_MS = 1_000;
/** First and longest pause between two questions to the directory. */
export const FIND_MIN_MS = 1_000;
export const FIND_MAX_MS = 15_000;
/** First and longest pause between two attempts at a speaker's link. */
export const MESH_RETRY_MIN_MS = 300;
export const MESH_RETRY_MAX_MS = 8_000;
/** A link that lasted this long is no sign of trouble: the next pause is the shortest again. */
export const MESH_STABLE_MS = 10_000;
/** A speaker without a link to any other is out of date, or cut off: it looks for a parent as listeners do. */
export const STRANDED_MS = 4_000;
/** Who took the seat later opens the link; the other waits this long before trying itself. */
export const MESH_PATIENCE_MS = 3_000;
/** A link that serves nothing any more is closed after this, time enough for a change of roles to settle. */
export const IDLE_LINK_MS = 3_000;
/** A changed delay estimate is passed down at most this often. */
export const PATH_REFRESH_MS = 2_000;

/** Attempts at a parent side by side. */
export const ATTEMPTS_MAX = 2;
/** Places to try next; more would only be stale. */
export const QUEUE_MAX = 48;
/** Places we were sent to: two refusals' worth. */
export const REDIRECTS_MAX = 16;
/** Every third try is at a place we know ourselves, so that nobody who refuses can send us about for ever. */
export const KNOWN_EVERY = 3;
/**
 * Tries at a parent: a walk down a deep tree and back at once, then one a second. Each costs a PeerConnection
 * (of which a browser makes CONNECTIONS_MADE_MAX) and a stream through a seed.
 */
export const TRIES = { burst: 20, perSecond: 1 };
