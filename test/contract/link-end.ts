/**
 * One end of a link in a process of its own, with the channels as the engine has them. With the word "speaks" it makes
 * the offer, and says as much as a full stage once the link is open.
 */
import { createEngineLinks } from '#lib/app/engine/links.ts';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { createConnection } from '#lib/io/link/connection.ts';
import { nodeSimplePeer } from '#lib/io/link/node-simple-peer.ts';
import type { Signal } from '#lib/io/link/signals.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { PACKET_BYTES, type FromLinkEnd } from './link-end-words.ts';

const TICK_MS = 20;

const speaks = process.argv[2] === 'speaks';
const other = 'the other end' as PeerId;
const tell = (message: FromLinkEnd): void => void process.send?.(message);
const links = createEngineLinks({
	clock: createSystemClock(),
	onInput(input) {
		if (input.type === 'opened' && speaks) setInterval(say, TICK_MS);
		if (input.type === 'datagram') tell({ type: 'heard', seq: seqOf(input.bytes) });
	},
	onUseless: () => process.exit(1)
});
let seq = 0;
const say = (): void => {
	const bytes = new Uint8Array(PACKET_BYTES);
	new DataView(bytes.buffer).setUint32(0, seq);
	links.datagram([other], bytes);
	tell({ type: 'said', seq: seq++, unsent: links.unsent });
};
const connection = createConnection(
	nodeSimplePeer,
	{ initiator: speaks, iceServers: [] },
	{
		signal: (signal) => tell({ type: 'signal', signal }),
		open: () => undefined,
		closed: () => process.exit(1)
	}
);
if (connection === null) throw new Error('No connection was made.');
links.take(other, connection.channels);
process.on('message', (signal: Signal) => connection.signal(signal));
process.on('disconnect', () => process.exit(0));

function seqOf(bytes: Uint8Array<ArrayBuffer>): number {
	return new DataView(bytes.buffer).getUint32(0);
}
