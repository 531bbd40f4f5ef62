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
