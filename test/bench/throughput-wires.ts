/** Real links between two processes that were forked by one: what simple-peer has to say goes through that one. */
import { createConnection, type Connection } from '#lib/io/link/connection.ts';
import { nodeSimplePeer } from '#lib/io/link/node-simple-peer.ts';
import type { Signal } from '#lib/io/link/signals.ts';
import type { LinkChannels } from '#lib/io/ports.ts';

/** Link 0 leads from the source to the relay, the others from the relay to its children. */
export interface SignalWord {
	readonly type: 'signal';
	readonly link: number;
	readonly signal: Signal;
}

/** From the parent process. */
export type Order =
	| SignalWord
	/** To the far side: send so many packets a second for so long. */
	| { readonly type: 'send'; readonly perSecond: number; readonly forMs: number }
	/** Count from now on. */
	| { readonly type: 'reset' }
	| { readonly type: 'count' };

/** To the parent process. */
export type Answer =
	| SignalWord
	| { readonly type: 'open'; readonly links: number }
	| { readonly type: 'sent' }
	| { readonly type: 'counted'; readonly counts: FarCounts | RelayCounts };

export interface FarCounts {
	readonly sent: number;
	readonly received: number;
	/** From sending at the source to receiving at a child, in milliseconds; a sample of all. */
	readonly delaysMs: readonly number[];
}

export interface RelayCounts {
	readonly received: number;
	readonly sent: number;
	/** Not sent for want of room in a channel. */
	readonly unsent: number;
	readonly seconds: number;
	/** CPU time, in seconds: of the whole process, and of the thread that runs JavaScript. */
	readonly cpuS: number;
	readonly mainS: number;
}

export function tell(answer: Answer): void {
	process.send?.(answer);
}

/** Opens that many links with the other process, which does the same; calls `use` for each as it is made. */
export function openWires(
	links: number,
	initiator: boolean,
	use: (link: number, channels: LinkChannels) => void
): (word: SignalWord) => void {
	let open = 0;
	const connections = Array.from({ length: links }, (_, link): Connection => {
		const connection = createConnection(
			nodeSimplePeer,
			{ initiator, iceServers: [] },
			{
				signal: (signal) => tell({ type: 'signal', link, signal }),
				open: () => {
					if (++open === links) tell({ type: 'open', links });
				},
				closed: (reason) => {
					throw new Error(`Link ${link} closed: ${reason}`);
				}
			}
		);
		if (connection === null) throw new Error('No connection can be made.');
		use(link, connection.channels);
		return connection;
	});
	return ({ link, signal }) => connections[link]?.signal(signal);
}
