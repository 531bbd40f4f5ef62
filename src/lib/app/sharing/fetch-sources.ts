/** Whom a fetch takes from: looked for at once, and with pauses that grow; the host first, and others where they may. */
import type { ShareLine } from '#lib/io/ports.ts';
import { SOURCES_MAX } from '#lib/p2p/archive/limits.ts';
import {
	SHARE_SEARCH_MAX_MS,
	SHARE_SEARCH_MIN_MS,
	SHARE_SEARCH_MS
} from '#lib/p2p/archive/share-limits.ts';
import { decodeAnswer, encodeQuestion } from '#lib/p2p/archive/share-message.ts';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import { isOver, tell, type Running, type Source } from './fetch-run.ts';

/** Looks now, and goes on looking from the shortest pause. */
export function searchSoon(run: Running): void {
	if (isOver(run)) return;
	run.pauseMs = SHARE_SEARCH_MIN_MS;
	run.cancelSearch();
	void search(run);
}

/** The host first, by its id alone; then whoever is announced. */
async function search(run: Running): Promise<void> {
	if (run.searching || isOver(run)) return;
	run.searching = true;
	const meetings = [meet(run, { peer: run.host, addrs: [] })];
	const signal = AbortSignal.any([run.stay.signal, AbortSignal.timeout(SHARE_SEARCH_MS)]);
	try {
		for await (const contact of run.network.directory.find(run.copy.key, signal)) {
			meetings.push(meet(run, contact));
		}
	} catch {
		// No seed answers; the next search may fare better.
	}
	await Promise.all(meetings);
	run.searching = false;
	if (isOver(run)) return;
	run.alone = true;
	tell(run);
	run.cancelSearch = run.clock.wake(run.clock.nowMs() + run.pauseMs, () => void search(run));
	run.pauseMs = Math.min(2 * run.pauseMs, SHARE_SEARCH_MAX_MS);
}

/** Asks what it has, and for a line where it gives something. */
async function meet(run: Running, contact: Contact): Promise<void> {
	const { peer } = contact;
	const { sources, meeting, banned, copy, network, stay } = run;
	const isKnown = sources.has(peer) || meeting.has(peer) || banned.has(peer) || peer === run.me;
	if (isKnown || sources.size + meeting.size >= 2 * SOURCES_MAX || isOver(run)) return;
	if (!copy.signed.manifest.passedOn && peer !== run.host) return;
	meeting.add(peer);
	try {
		const { signed } = copy.signed;
		const look = encodeQuestion({ type: 'look', key: copy.key, manifest: signed });
		const answer = decodeAnswer(await network.sharing.ask(contact, look, stay.signal));
		if (answer?.type !== 'offer' || !(await run.onOffer(answer)) || !answer.gives) return;
		if (isOver(run)) return;
		take(run, await network.sharing.line(contact, stay.signal));
	} catch {
		// It is not there, or there is no way through; the next search tries again.
	} finally {
		meeting.delete(peer);
	}
}

function take(run: Running, line: ShareLine): void {
	const { peer } = line;
	if (isOver(run) || run.sources.has(peer) || run.sources.size >= SOURCES_MAX) {
		line.close();
		return;
	}
	const source: Source = { line, whole: false };
	run.sources.set(peer, source);
	line.onClose(() => {
		if (run.sources.get(peer) !== source) return;
		run.sources.delete(peer);
		run.onGone(peer);
		if (isOver(run)) return;
		tell(run);
		if (run.sources.size === 0) searchSoon(run);
	});
	tell(run);
	run.onSource(source);
}
