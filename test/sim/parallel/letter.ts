/** What goes from one member to another: by way of the queue within a thread, by way of the post between two. */

export type Bytes = Uint8Array<ArrayBuffer>;

/** In the order of their codes in the post. */
export const KINDS = [
	'datagram',
	'control',
	'knock',
	'admitted',
	'refused',
	'failed',
	'ended',
	'gossip',
	'announce',
	'withdraw',
	'said'
] as const;
export type Kind = (typeof KINDS)[number];

export interface Letter {
	readonly kind: Kind;
	/** Number of the receiver; everybody is EVERYBODY. */
	readonly to: number;
	/** When it arrives. */
	readonly atMs: number;
	/** Tells the sender, and puts what arrives at one time into an order that threads have no part in. */
	readonly stamp: number;
	/** The ticket of the knock that brought the link about; of a frame that was said, its number. */
	readonly link: number;
	/** A time that goes with it: when the link opens, when a knock fails at the earliest. */
	readonly byMs: number;
	readonly bytes: Bytes;
}

export const EVERYBODY = -1;
export const NOTHING: Bytes = new Uint8Array(0);

/** More than anybody ever does in a story; a hundred thousand members keep below 2^53. */
const TURNS_MAX = 2 ** 36;
/** Knocks of one member in one story. */
const KNOCKS_MAX = 2 ** 20;

/** Grows with each thing a member does. */
export const stampOf = (number: number, turn: number): number => number * TURNS_MAX + turn;
export const senderOf = ({ stamp }: Pick<Letter, 'stamp'>): number => Math.floor(stamp / TURNS_MAX);
export const ticketOf = (number: number, knock: number): number => number * KNOCKS_MAX + knock;
