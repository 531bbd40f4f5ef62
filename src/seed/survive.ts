/**
 * The last resort against bad bytes. A peer that breaks off at the wrong moment can make a library throw where
 * nobody catches; one person's broken connection must not end everybody's seed. Our own bugs still do.
 */
import { codeOf } from './failure.ts';
import type { Log } from './log.ts';

/** A fault is told at most so often, with how many there were. */
const REPORT_EVERY_MS = 60_000;

/** Names that libp2p gives to what a connection, a stream or a peer's message did wrong. */
const CONNECTION_FAULTS =
	/^(Stream|Muxer|Muxed|Connection|Protocol|InvalidMessage|InvalidMultiaddr|InvalidPeerId|UnexpectedEOF|Timeout|Abort|TooMany|Limited|Encryption|Decryption|InvalidDataLength|InvalidCrypto|Unsupported|CodeError|NotStarted)/;
const SOCKET_CODES = /^(E[A-Z]+|ERR_STREAM_.*|ERR_HTTP_.*|ERR_SSL_.*|WS_ERR_.*|UND_ERR_.*)$/;

export function survive(log: Log): void {
	const counts = { faults: 0, toldAtMs: -Infinity };
	const tell = (error: unknown): void => {
		counts.faults++;
		const nowMs = performance.now();
		if (nowMs - counts.toldAtMs < REPORT_EVERY_MS) return;
		counts.toldAtMs = nowMs;
		// The kind only: messages of network errors contain people's addresses.
		log.warn(
			`A connection failed in an unforeseen way (${kindOf(error)}); ${counts.faults} so far.`
		);
	};
	// Nothing of ours hangs on a promise that nobody awaits.
	process.on('unhandledRejection', tell);
	process.on('uncaughtException', (error) => {
		if (isConnectionFault(error)) {
			tell(error);
			return;
		}
		log.warn(`This program has a bug and ends: ${error.stack ?? error.message}`);
		process.exit(1);
	});
}

/** Whether an error comes from one connection, not from our own code. */
export function isConnectionFault(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	return SOCKET_CODES.test(codeOf(error)) || CONNECTION_FAULTS.test(error.name);
}

function kindOf(error: unknown): string {
	if (!(error instanceof Error)) return 'unknown';
	return codeOf(error) || error.name;
}
