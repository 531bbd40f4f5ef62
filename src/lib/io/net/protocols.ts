/**
 * The names under which peers and seeds speak with each other. They are our own, so that no other libp2p
 * network ever answers; a change of the bytes behind one is a new number at its end.
 */
import type { RoomId } from '#lib/p2p/wire/ids.ts';

/** Kademlia: which peers are in which room. */
export const DHT_PROTOCOL = '/grapevine/kad/1.0.0';
/** Introductions: the knock, its answer, and what WebRTC has to say before it is connected. */
export const SIGNAL_PROTOCOL = '/grapevine/signal/1.0.0';
/** What a seed tells of rooms that want to be found. */
export const LOBBY_PROTOCOL = '/grapevine/lobby/1.0.0';
/** Invitations, sealed, from one person to another. */
export const LETTER_PROTOCOL = '/grapevine/letter/1.0.0';
/** Recordings, piece by piece, among those who have them and those who want them. */
export const SHARE_PROTOCOL = '/grapevine/share/1.0.0';
/** libp2p's own name for introductions of its WebRTC connections. */
export const WEBRTC_PROTOCOL = '/webrtc-signaling/0.0.1';
/** Every room has one gossip topic, which begins so. A seed carries these and no other. */
export const ROOM_TOPIC_PREFIX = 'grapevine/room/';

/** The gossip topic of a room: the prefix and the 40 hex digits of its id. */
export function roomTopic(room: RoomId): string {
	return ROOM_TOPIC_PREFIX + room;
}
