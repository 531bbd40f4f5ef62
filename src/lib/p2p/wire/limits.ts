/** Every bound on what a stranger can send or make us keep, each with its reason. */

/** Speakers at once, host included: a full mesh of 11 is 10 uplinks of 40 kbit/s each, which a home line bears. */
export const SEATS_MAX = 11;
/** A member listens behind a few seeds at most. */
export const CONTACT_ADDRS_MAX = 4;
/** The longest relayed WebSocket multiaddr seen is about 180 bytes. */
export const ADDR_BYTES_MAX = 255;
/** UTF-8 bytes of a display name: 20 emoji or 80 letters. */
export const NAME_BYTES_MAX = 80;
/** UTF-8 bytes of a room's title. */
export const TITLE_BYTES_MAX = 200;

/** The largest Opus packet of one frame (RFC 6716, section 3.4, rule R2). */
export const OPUS_BYTES_MAX = 1275;
/** Everybody's frame of one tick, twice: the second for a copy of the one before. */
export const FRAMES_PER_PACKET_MAX = 2 * SEATS_MAX;
/** Deeper than any healthy tree: fan-out 2 reaches 2^32 listeners at depth 32. A longer path is a loop. */
export const PATH_MAX = 32;
/** Ways out offered with a refusal or a path; a walk down the tree needs a few at each step. */
export const CANDIDATES_MAX = 8;
/** A control message must fit one SCTP message on every implementation (256 KiB) with much to spare. */
export const CONTROL_BYTES_MAX = 64 * 1024;
/** Event ids in one list: the whole log, with 16 bytes each exactly one control message's worth. */
export const LOG_IDS_MAX = 4000;
/** Envelopes in one message; more are sent in further messages. */
export const EVENTS_PER_MESSAGE_MAX = 64;
/** Listeners known by name in one report: what a screen can show without searching. */
export const PRESENCE_SAMPLE_MAX = 50;
/** Children one peer may be asked to carry; a relay helper carries 30 and more. */
export const FANOUT_MAX = 64;
/** Links at once: 10 of the mesh, the children, a parent and an attempt or two. */
export const LINKS_MAX = SEATS_MAX + FANOUT_MAX + 5;
/** Contacts remembered for the next search; the oldest go first. */
export const CONTACTS_MAX = 128;
/** Streams tracked at once: all seats, and as many that have just changed hands. */
export const STREAMS_MAX = 2 * SEATS_MAX;
