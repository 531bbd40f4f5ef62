/** The lobby as a peer uses it: one request to each seed, over the connection it has to it. */
import type { Connection, Libp2p } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import type { Lobby, LobbyPage } from '#lib/io/ports.ts';
import { LISTINGS_MAX, LISTINGS_PER_ANSWER_MAX, LOBBY_ANSWER_MS } from '#lib/p2p/wire/limits.ts';
import {
	decodeAskAnswer,
	decodeTellAnswer,
	encodeLobbyRequest,
	LOBBY_ANSWER_BYTES_MAX,
	type LobbyRequest
} from '#lib/p2p/wire/lobby.ts';
import { LOBBY_PROTOCOL } from './protocols.ts';
import type { SeedAddress } from './rendezvous.ts';

/** Answers that one look takes from one seed: all it may have, and one that changed meanwhile. */
const ANSWERS_MAX = LISTINGS_MAX / LISTINGS_PER_ANSWER_MAX + 1;

export function createLobby(node: Libp2p, seeds: readonly SeedAddress[]): Lobby {
	const connected = (): Connection[] =>
		seeds.flatMap(({ id }) => {
			const standing = node
				.getConnections()
				.find((one) => one.remotePeer.toString() === id && one.status === 'open');
			return standing === undefined || standing.limits !== undefined ? [] : [standing];
		});
	return {
		async tell(listing) {
			const request: LobbyRequest = { type: 'tell', listing };
			const answers = await Promise.all(
				connected().map((seed) => ask(seed, request).then(decodeTellAnswer, () => null))
			);
			return answers.filter((answer) => answer !== null);
		},
		async look(before) {
			const pages = await Promise.all(
				connected().map((seed) => {
					const id = seed.remotePeer.toString();
					return lookAt(
						seed,
						id,
						before.find((page) => page.seed === id)
					).catch(() => null);
				})
			);
			return pages.filter((page) => page !== null);
		}
	};
}

async function lookAt(
	connection: Connection,
	seed: string,
	before: Pick<LobbyPage, 'epoch' | 'revision'> = { epoch: 0, revision: 0 }
): Promise<LobbyPage> {
	const posted: LobbyPage['posted'][number][] = [];
	let { epoch, revision } = before;
	for (let answers = 0; answers < ANSWERS_MAX; answers++) {
		const answer = decodeAskAnswer(await ask(connection, { type: 'ask', epoch, since: revision }));
		if (answer === null) throw new Error('The seed does not speak of listings.');
		({ epoch, revision } = answer);
		posted.push(...answer.posted);
		if (!answer.more) break;
	}
	return { seed, epoch, revision, posted };
}

async function ask(connection: Connection, request: LobbyRequest): Promise<Uint8Array> {
	const signal = AbortSignal.timeout(LOBBY_ANSWER_MS);
	const stream = await connection.newStream(LOBBY_PROTOCOL, { negotiateFully: false, signal });
	try {
		const framed = lpStream(stream, {
			maxDataLength: LOBBY_ANSWER_BYTES_MAX,
			maxBufferSize: 2 * LOBBY_ANSWER_BYTES_MAX
		});
		await framed.write(encodeLobbyRequest(request), { signal });
		const answer = (await framed.read({ signal })).subarray().slice();
		await stream.close({ signal });
		return answer;
	} catch (error) {
		stream.abort(error instanceof Error ? error : new Error('the lobby does not answer'));
		throw error;
	}
}
