/**
 * What a seed tells of itself in `/seed.json`, and how to ask. Used by the app (its own seed is where it was
 * loaded from), by headless peers and by seeds that join others.
 */
import { parsePeerId, type PeerId } from '#lib/p2p/wire/ids.ts';
import { ADDR_BYTES_MAX } from '#lib/p2p/wire/limits.ts';

/** Served as `/seed.json` to anybody (CORS open). */
export interface SeedJson {
	/** The seed's peer id. */
	readonly peer: string;
	/** WebSocket multiaddrs it is sure of, each ending in `/p2p/<peer>`; empty where it knows only its port. */
	readonly addrs: readonly string[];
	/** The same of the other seeds it was told to join. */
	readonly seeds: readonly string[];
	/** UDP port of its STUN responder, on the host that serves this. */
	readonly stun: number;
	/** Version of the program. */
	readonly version: string;
}

export interface SeedInfo {
	readonly peer: PeerId;
	/** Multiaddrs to dial, the seed's own (by the origin it was asked at) first; at most `SEED_ADDRS_MAX`. */
	readonly seeds: readonly string[];
	readonly iceServers: RTCIceServer[];
}

/** Of TCP and UDP. */
export const PORT_MAX = 65_535;

export type SeedInfoAnswer =
	| { readonly ok: true; readonly info: SeedInfo }
	/** Nobody answered in time, or with an error. */
	| { readonly ok: false; readonly reason: 'unreachable' }
	/** Somebody answered who is not a Grapevine seed. */
	| { readonly ok: false; readonly reason: 'not-a-seed' };

/** A community runs a few seeds; each more is one more connection for every page. */
export const SEED_ADDRS_MAX = 16;
/** Sixteen addresses and some numbers: far below. */
const SEED_JSON_BYTES_MAX = 64 * 1024;
/** A seed answers from memory: slower than this is as good as dead. */
const FETCH_TIMEOUT_MS = 5_000;

/**
 * Asks the seed at `origin` (`https://host`, `http://host:port`; a path is ignored) for what it serves.
 * Never throws: failures are values.
 */
export async function fetchSeedInfo(origin: string, signal?: AbortSignal): Promise<SeedInfoAnswer> {
	const timeout = AbortSignal.timeout(FETCH_TIMEOUT_MS);
	let text: string;
	try {
		const response = await fetch(new URL('/seed.json', origin), {
			signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
			cache: 'no-store',
			credentials: 'omit'
		});
		if (!response.ok) return { ok: false, reason: 'not-a-seed' };
		text = await response.text();
	} catch {
		return { ok: false, reason: 'unreachable' };
	}
	const info = text.length > SEED_JSON_BYTES_MAX ? null : parseSeedInfo(text, origin);
	return info === null ? { ok: false, reason: 'not-a-seed' } : { ok: true, info };
}

/** Reads a `/seed.json` that was served at `origin`; null where it is none. */
export function parseSeedInfo(text: string, origin: string): SeedInfo | null {
	const json = parseJson(text);
	const peer = typeof json['peer'] === 'string' ? parsePeerId(json['peer']) : null;
	const own = peer === null ? null : seedAddrOf(origin, peer);
	if (peer === null || own === null) return null;
	const seeds = [own, ...addrsIn(json['addrs']), ...addrsIn(json['seeds'])];
	return {
		peer,
		seeds: [...new Set(seeds)].slice(0, SEED_ADDRS_MAX),
		iceServers: iceServersOf(origin, json['stun'])
	};
}

/**
 * The WebSocket multiaddr of the seed that serves `origin`: `https:` becomes `/tls/ws`, `http:` `/ws`. Null
 * where the text is no such URL.
 */
export function seedAddrOf(origin: string, peer: string): string | null {
	const addr = webSocketAddrOf(origin);
	return addr === null ? null : `${addr}/p2p/${peer}`;
}

/** The same without the peer id: where, but not who. */
export function webSocketAddrOf(origin: string): string | null {
	const url = URL.canParse(origin) ? new URL(origin) : null;
	if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null;
	const secure = url.protocol === 'https:';
	const port = url.port === '' ? (secure ? '443' : '80') : url.port;
	return `${hostPart(url.hostname)}/tcp/${port}${secure ? '/tls' : ''}/ws`;
}

/**
 * Whether `text` is a multiaddr of a WebSocket listener with its peer id, as in `/seed.json`. It takes none that
 * `multiaddr` throws on, and does without it: the first screen asks this, libp2p with its multiaddr comes later.
 */
export function isSeedAddr(text: string): boolean {
	if (text.length > ADDR_BYTES_MAX) return false;
	const [, kind = '', host = '', port = '', peer = ''] = SEED_ADDR.exec(text) ?? [];
	return isHostOf(kind, host) && Number(port) <= PORT_MAX && parsePeerId(peer) !== null;
}

/** The peer id at the end of a multiaddr that has one. */
export function peerOf(addr: string): string {
	return addr.slice(addr.lastIndexOf('/') + 1);
}

const SEED_ADDR =
	/^\/(dns|dns4|dns6|ip4|ip6)\/([^/]+)\/tcp\/([1-9]\d{0,4})(?:\/tls\/ws|\/ws|\/wss)\/p2p\/([^/]+)$/;
const DOTTED = /^\d+\.\d+\.\d+\.\d+$/;
const COLONED = /^[\da-f:.]+$/i;

/** URL knows what an IP address is, and writes an IPv4 one in one way only. */
function isHostOf(kind: string, host: string): boolean {
	if (kind === 'ip6') return COLONED.test(host) && URL.canParse(`http://[${host}]`);
	if (kind !== 'ip4') return host !== '';
	const url = `http://${host}`;
	return DOTTED.test(host) && URL.canParse(url) && new URL(url).hostname === host;
}

/** `hostname` as URL has it: IPv6 in brackets, IPv4 normalised. */
function hostPart(hostname: string): string {
	if (hostname.startsWith('[')) return `/ip6/${hostname.slice(1, -1)}`;
	return DOTTED.test(hostname) ? `/ip4/${hostname}` : `/dns4/${hostname}`;
}

function iceServersOf(origin: string, stunPort: unknown): RTCIceServer[] {
	if (typeof stunPort !== 'number' || !Number.isInteger(stunPort)) return [];
	if (stunPort < 1 || stunPort > PORT_MAX) return [];
	// RFC 7064: an IPv6 address stays in its brackets, as in the URL.
	return [{ urls: `stun:${new URL(origin).hostname}:${stunPort}` }];
}

function addrsIn(value: unknown): string[] {
	if (!Array.isArray(value)) return [];
	return value.filter((addr): addr is string => typeof addr === 'string' && isSeedAddr(addr));
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && value !== null ? { ...value } : {};
	} catch {
		return {};
	}
}
