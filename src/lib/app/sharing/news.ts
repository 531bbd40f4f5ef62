/** Whether what we have may still be had: its host is asked, others where the host is away; and the host is told that we have it. */
import {
	SHARE_NEWS_ASKED_MAX,
	SHARE_NEWS_MS,
	SHARE_SEARCH_MS
} from '#lib/p2p/archive/share-limits.ts';
import { decodeAnswer, encodeQuestion } from '#lib/p2p/archive/share-message.ts';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import { peerIdOf, type RecordingId } from '#lib/p2p/wire/ids.ts';
import { expireCopy, takeOffer } from './copies.ts';
import type { Desk } from './desk.ts';
import type { ShareNetwork } from './fetch.ts';
import { expireClips } from './own-clips.ts';
import type { Copy } from './share-book.ts';

/** Now and from now on. Gives how to have it done at once, as when a seed was reached. */
export function keepAsking(desk: Desk): () => void {
	const { clock, note } = desk.parts;
	let asking = false;
	let again = false;
	let cancel = (): void => undefined;
	const round = (): void => {
		cancel();
		cancel = clock.wake(clock.nowMs() + SHARE_NEWS_MS, round);
		again = asking;
		if (asking) return;
		asking = true;
		askForAll(desk)
			.catch(note)
			.finally(() => {
				asking = false;
				if (again) round();
			});
	};
	round();
	return round;
}

async function askForAll(desk: Desk): Promise<void> {
	for (const { link } of [...desk.book.all]) await expireCopy(desk, link.id);
	await expireClips(desk);
	// One after the other: each is a search and a relayed connection or two.
	for (const share of [...desk.book.all]) {
		const isHere = share.role === 'holder' && (share.state === 'whole' || share.state === 'paused');
		if (isHere) await askFor(desk, share.link.id);
	}
}

async function askFor(desk: Desk, id: RecordingId): Promise<void> {
	const { network } = desk;
	const copy = desk.book.find(id);
	if (network === null || network.seeds.reached() === 0 || copy?.role !== 'holder') return;
	const host: Contact = { peer: peerIdOf(copy.link.hostKey), addrs: [] };
	const signal = AbortSignal.timeout(2 * SHARE_SEARCH_MS);
	if (await isAnswered(desk, copy, { network, contact: host, signal })) {
		await report(desk, copy, { network, contact: host, signal });
		return;
	}
	let asked = 0;
	try {
		for await (const contact of network.directory.find(copy.key, signal)) {
			if (asked++ >= SHARE_NEWS_ASKED_MAX) break;
			const heard = await isAnswered(desk, copy, { network, contact, signal });
			if (heard && contact.peer === host.peer)
				await report(desk, copy, { network, contact, signal });
		}
	} catch {
		// No seed answers: next time.
	}
}

interface Asked {
	readonly network: ShareNetwork;
	readonly contact: Contact;
	readonly signal: AbortSignal;
}

async function isAnswered(desk: Desk, copy: Copy, asked: Asked): Promise<boolean> {
	const { network, contact, signal } = asked;
	const { key, signed, link } = copy;
	try {
		const question = encodeQuestion({ type: 'look', key, manifest: signed.signed });
		const answer = decodeAnswer(await network.sharing.ask(contact, question, signal));
		if (answer?.type !== 'offer') return false;
		await takeOffer(desk, link.id, answer);
		return true;
	} catch {
		return false;
	}
}

/** Once: how often it was fetched whole is for its host to see. */
async function report(desk: Desk, { link, key }: Copy, asked: Asked): Promise<void> {
	const { network, contact, signal } = asked;
	const copy = desk.book.find(link.id);
	if (copy?.role !== 'holder' || copy.state !== 'whole' || copy.reported) return;
	try {
		const question = encodeQuestion({ type: 'whole', key });
		const answer = decodeAnswer(await network.sharing.ask(contact, question, signal));
		if (answer?.type !== 'taken') return;
	} catch {
		return;
	}
	const now = desk.book.find(link.id);
	if (now?.role === 'holder') await desk.book.put({ ...now, reported: true });
}
