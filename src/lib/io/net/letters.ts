/** Letters from peer to peer: one stream, one sealed letter, one word of answer. Through a seed's relay, or directly. */
import type { Libp2p, Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import type { Clock, LetterAnswer, Letters } from '#lib/io/ports.ts';
import { SEALED_LETTER_BYTES } from '#lib/p2p/letter/letter.ts';
import { parsePeerId, type PeerId } from '#lib/p2p/wire/ids.ts';
import {
	DELIVER_MS,
	LETTER_WRITERS_MAX,
	LETTERS_FROM_ONE_RATE,
	LETTERS_RATE
} from '#lib/p2p/wire/limits.ts';
import { createAskerRates } from './asker-rates.ts';
import { reach } from './calling.ts';
import { LETTER_PROTOCOL } from './protocols.ts';
import type { SeedAddress } from './rendezvous.ts';

/** Of one connection: a letter, and one more while the first is answered. */
const STREAMS_MAX = 2;

/** In the order of their codes, from 0. */
const ANSWERS: readonly LetterAnswer[] = ['taken', 'busy', 'unreadable'];

interface Options {
	readonly node: Libp2p;
	readonly seeds: readonly SeedAddress[];
	readonly clock: Clock;
}

/** Resolves once the node takes letters. */
export async function createLetters({ node, seeds, clock }: Options): Promise<Letters> {
	let taker: ((from: PeerId, sealed: Uint8Array) => Promise<LetterAnswer>) | null = null;
	const rates = createAskerRates(clock, {
		one: LETTERS_FROM_ONE_RATE,
		all: LETTERS_RATE,
		askersMax: LETTER_WRITERS_MAX
	});
	const receive = async (stream: Stream, from: PeerId): Promise<void> => {
		const signal = AbortSignal.timeout(DELIVER_MS);
		const framed = lpStream(stream, { maxDataLength: SEALED_LETTER_BYTES });
		const sealed = (await framed.read({ signal })).subarray().slice();
		const mayTake = taker !== null && rates.take(from);
		const answer = mayTake && taker !== null ? await taker(from, sealed) : 'busy';
		await framed.write(Uint8Array.of(ANSWERS.indexOf(answer)), { signal });
		await stream.close({ signal });
	};
	await node.handle(
		LETTER_PROTOCOL,
		(stream, connection) => {
			const from = parsePeerId(connection.remotePeer.toString());
			if (from === null) {
				stream.abort(new Error('no Ed25519 peer'));
				return;
			}
			receive(stream, from).catch((error: unknown) => {
				stream.abort(error instanceof Error ? error : new Error('no letter'));
			});
		},
		{ runOnLimitedConnection: true, maxInboundStreams: STREAMS_MAX }
	);
	return {
		async send(to, sealed, signal) {
			const connection = await reach(to, { node, seeds, signal });
			const stream = await connection.newStream(LETTER_PROTOCOL, {
				runOnLimitedConnection: true,
				negotiateFully: false,
				signal
			});
			try {
				const framed = lpStream(stream, { maxDataLength: 1 });
				await framed.write(sealed, { signal });
				const [code = -1] = (await framed.read({ signal })).subarray();
				await stream.close({ signal });
				const answer = ANSWERS[code];
				if (answer === undefined) throw new Error('The other side does not answer letters.');
				return answer;
			} catch (error) {
				stream.abort(error instanceof Error ? error : new Error('not delivered'));
				throw error;
			}
		},
		onLetter(take) {
			taker = take;
			return () => {
				if (taker === take) taker = null;
			};
		}
	};
}
