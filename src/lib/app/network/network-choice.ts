/** How this person's app finds others: which seeds, which ICE servers, and whether its address is hidden behind a relay. */
import { isSeedAddr, PORT_MAX, SEED_ADDRS_MAX } from '#lib/io/net/seed-info.ts';
import { isRecord, textIn } from '../json-record.ts';

/** A STUN or TURN server, as RFC 7064 and RFC 7065 write it. */
export interface IceChoice {
	readonly url: string;
	/** Of a TURN server; empty for STUN. */
	readonly username: string;
	readonly credential: string;
}

export interface NetworkChoice {
	/** Multiaddrs; null: those that the place this app came from tells of. */
	readonly seeds: readonly string[] | null;
	/** Beside those of the seeds. */
	readonly ice: readonly IceChoice[];
	/** Direct connections go by a TURN server or not at all. Holds only while there is one. */
	readonly relayOnly: boolean;
}

export const FIRST_NETWORK: NetworkChoice = { seeds: null, ice: [], relayOnly: false };

/** Browsers warn of more than four; each is asked for every connection. */
export const ICE_MAX = 8;
const ICE_TEXT_MAX = 256;
/** Scheme, host (IPv6 in brackets), port, and of a TURN server how to get there. */
const ICE_URL =
	/^(stun|turn)s?:(\[[^\s[\]]+\]|[^\s:/?#@%\\[\]]+)(?::(\d{1,5}))?(\?transport=(?:udp|tcp))?$/;

export const isTurn = ({ url }: IceChoice): boolean => url.startsWith('turn');

/**
 * Whether WebRTC takes it: a TURN server wants a name and a password. One wrong server among the others, and no
 * connection to anybody can be made; so where there is a browser, it has the last word.
 */
export function isIceServer(server: IceChoice): boolean {
	const { url, username, credential } = server;
	const fits = [url, username, credential].every((text) => text.length <= ICE_TEXT_MAX);
	if (!fits || !isIceUrl(url)) return false;
	if (isTurn(server) && (username === '' || credential === '')) return false;
	return typeof RTCPeerConnection === 'undefined' || isTakenHere(server);
}

/** Where it names no port, that is 3478 (RFC 7064, 3.2; RFC 7065, 3.2) or 5349. */
function isIceUrl(url: string): boolean {
	const [, scheme, host = '', port = '3478', transport = ''] = ICE_URL.exec(url) ?? [];
	if (scheme === 'stun' && transport !== '') return false;
	return URL.canParse(`http://${host}`) && Number(port) >= 1 && Number(port) <= PORT_MAX;
}

function isTakenHere(server: IceChoice): boolean {
	try {
		new RTCPeerConnection({ iceServers: [asWebRtc(server)] }).close();
		return true;
	} catch {
		return false;
	}
}

/** An address can be hidden only behind somebody who passes everything on. */
export const canHide = ({ ice }: NetworkChoice): boolean => ice.some(isTurn);
export const hides = (choice: NetworkChoice): boolean => choice.relayOnly && canHide(choice);

/** As WebRTC takes them; `own` are those of the seeds. */
export function iceServersOf(
	{ ice }: NetworkChoice,
	own: readonly RTCIceServer[]
): readonly RTCIceServer[] {
	return [...own, ...ice.map(asWebRtc)];
}

function asWebRtc(server: IceChoice): RTCIceServer {
	const { url: urls, username, credential } = server;
	return isTurn(server) ? { urls, username, credential } : { urls };
}

/** Each part that cannot be read is as it is at first. */
export function readNetworkChoice(json: unknown): NetworkChoice {
	if (!isRecord(json)) return FIRST_NETWORK;
	const { seeds, ice, relayOnly } = json;
	return {
		seeds: Array.isArray(seeds)
			? seeds.map(textIn).filter(isSeedAddr).slice(0, SEED_ADDRS_MAX)
			: null,
		ice: Array.isArray(ice) ? ice.flatMap(readIce).slice(0, ICE_MAX) : [],
		relayOnly: relayOnly === true
	};
}

function readIce(json: unknown): IceChoice[] {
	if (!isRecord(json)) return [];
	const server = {
		url: textIn(json['url']),
		username: textIn(json['username']),
		credential: textIn(json['credential'])
	};
	return isIceServer(server) ? [server] : [];
}
