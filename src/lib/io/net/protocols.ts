/** Names under which our peers speak to each other on libp2p. Others' networks never answer to them. */

/** The DHT of rooms (kad-dht). Only seeds serve it; everybody else asks. */
export const KAD_PROTOCOL = '/grapevine/kad/1.0.0';
/** Introductions and WebRTC signalling between two members. */
export const SIGNAL_PROTOCOL = '/grapevine/signal/1.0.0';
/** The gossip topic of a room is this and the room id (40 hex digits). */
export const ROOM_TOPIC_PREFIX = 'grapevine/room/';
