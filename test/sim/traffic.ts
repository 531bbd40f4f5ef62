/** What went over all links of the world, by kind: what was sent, whether or not it arrived. */

/** IPv4, UDP, DTLS and SCTP around each message, as far as an uplink is concerned. */
export const HEADER_BYTES = 60;

/** Low nibble of a datagram's first byte; 0 stands for the control channel. */
const KINDS = { control: 0, frames: 1, heartbeat: 2, digest: 3, pull: 4 } as const;
export type Kind = keyof typeof KINDS;
const KINDS_MAX = 16;

export interface Traffic {
	control(bytes: Uint8Array): void;
	datagram(bytes: Uint8Array): void;
	/** Without headers. */
	bytes(kind: Kind): number;
	messages(kind: Kind): number;
	/** Everything that is not frames. */
	readonly overheadBytes: number;
	reset(): void;
}

export function createTraffic(): Traffic {
	const bytesOf = new Float64Array(KINDS_MAX);
	const messagesOf = new Float64Array(KINDS_MAX);
	const count = (kind: number, bytes: Uint8Array): void => {
		bytesOf[kind] = bytesOf[kind]! + bytes.length;
		messagesOf[kind] = messagesOf[kind]! + 1;
	};
	return {
		control: (bytes) => count(KINDS.control, bytes),
		datagram: (bytes) => count((bytes[0] ?? 0) & 0x0f, bytes),
		bytes: (kind) => bytesOf[KINDS[kind]]!,
		messages: (kind) => messagesOf[KINDS[kind]]!,
		get overheadBytes() {
			return bytesOf.reduce((sum, bytes, kind) => sum + (kind === KINDS.frames ? 0 : bytes), 0);
		},
		reset() {
			bytesOf.fill(0);
			messagesOf.fill(0);
		}
	};
}
