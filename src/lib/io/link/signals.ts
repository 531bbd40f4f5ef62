/** What two peers say on a signalling stream while a link is made; see docs/PROTOCOL.md, "Signalling". */
import { concat } from '#lib/p2p/wire/ids.ts';
import { KNOCK_BYTES_MAX, REFUSAL_BYTES_MAX } from '#lib/p2p/wire/limits.ts';

/** What simple-peer says and understands, without what would change a link once made. */
export type Signal =
	| { readonly type: 'offer' | 'answer'; readonly sdp: string }
	| { readonly type: 'candidate'; readonly candidate: RTCIceCandidateInit };

export type LinkMessage =
	/** First on the stream, from who opened it. */
	| { readonly type: 'knock'; readonly knock: Uint8Array }
	| { readonly type: 'signal'; readonly signal: Signal }
	/** From who was knocked at; last on the stream. */
	| { readonly type: 'refuse'; readonly refusal: Uint8Array }
	/** The link is not wanted any more; last on the stream. */
	| { readonly type: 'bye' };

const KINDS = { knock: 1, signal: 2, refuse: 3, bye: 4 } as const;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function encodeLinkMessage(message: LinkMessage): Uint8Array {
	return concat(Uint8Array.of(KINDS[message.type]), bodyOf(message));
}

function bodyOf(message: LinkMessage): Uint8Array {
	switch (message.type) {
		case 'knock':
			return message.knock;
		case 'signal':
			return encoder.encode(JSON.stringify(message.signal));
		case 'refuse':
			return message.refusal;
		case 'bye':
			return new Uint8Array(0);
	}
}

/** Null for what is none of ours. */
export function decodeLinkMessage(bytes: Uint8Array): LinkMessage | null {
	const kind = bytes[0];
	const body = bytes.slice(1);
	if (kind === KINDS.signal) {
		const signal = readSignal(body);
		return signal && { type: 'signal', signal };
	}
	if (kind === KINDS.bye) return { type: 'bye' };
	if (kind === KINDS.knock && body.length <= KNOCK_BYTES_MAX) return { type: 'knock', knock: body };
	if (kind !== KINDS.refuse || body.length > REFUSAL_BYTES_MAX) return null;
	return { type: 'refuse', refusal: body };
}

function readSignal(body: Uint8Array): Signal | null {
	let value: unknown;
	try {
		value = JSON.parse(decoder.decode(body));
	} catch {
		return null;
	}
	if (!isRecord(value)) return null;
	const { type, sdp, candidate } = value;
	if ((type === 'offer' || type === 'answer') && typeof sdp === 'string') {
		// A link carries no media; an offer of it would make the browser set up tracks.
		return /^m=(audio|video)/m.test(sdp) ? null : { type, sdp };
	}
	if (type !== 'candidate' || !isRecord(candidate)) return null;
	return readCandidate(candidate);
}

function readCandidate({
	candidate,
	sdpMid,
	sdpMLineIndex
}: Record<string, unknown>): Signal | null {
	if (typeof candidate !== 'string') return null;
	const mid = typeof sdpMid === 'string' ? sdpMid : null;
	const line = typeof sdpMLineIndex === 'number' ? sdpMLineIndex : null;
	if (mid === null && line === null) return null;
	return { type: 'candidate', candidate: { candidate, sdpMid: mid, sdpMLineIndex: line } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null;
}
