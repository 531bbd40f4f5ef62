/**
 * How links come about and end between people who may live in different threads. Each side keeps its own half, and hears
 * of what the other did by letter; where both did something at once, the one that finds nothing says so.
 */
import { LINK_OPEN_MS } from '#lib/p2p/wire/limits.ts';
import { publicKeyOf, type PeerId } from '#lib/p2p/wire/ids.ts';
import { CONNECT_MS, UNREACHABLE_MS } from '../doors.ts';
import { numberOf } from '../member.ts';
import { CLOSE_NOTICED_MS } from '../world.ts';
import { senderOf, ticketOf, type Bytes, type Letter } from './letter.ts';
import type { Attempt, End, Person } from './person.ts';
import type { Share } from './share.ts';

export interface Doors {
	open(from: Person, to: PeerId, knock: Uint8Array): void;
	admit(person: Person, ticket: number): void;
	refuse(person: Person, ticket: number, refusal: Uint8Array): void;
	close(person: Person, other: PeerId): void;
	/** All its links and attempts end; the others notice that much later. */
	die(person: Person, noticedAfterMs: number): void;
	knocked(person: Person, letter: Letter): void;
	admitted(person: Person, letter: Letter): void;
	refused(person: Person, letter: Letter): void;
	failed(person: Person, letter: Letter): void;
	ended(person: Person, letter: Letter): void;
}

export function createDoors(share: Share): Doors {
	const wayMs = (from: Person, to: number): number => share.atlas.lineTo(from, to).delayMs();

	const end = (person: Person, other: number, link: number, noticedAfterMs: number): void =>
		share.post(person, {
			kind: 'ended',
			to: other,
			atMs: share.nowMs + noticedAfterMs,
			link
		});
	const opens = (person: Person, attempt: Attempt): void => {
		const { ticket, other, otherId, ours } = attempt;
		if (!person.alive || !person.attempts.delete(ticket)) return;
		if (!share.atlas.connects(person, other)) {
			share.feed(person, { type: ours ? 'failed' : 'closed', peer: otherId });
		} else if (person.ends.has(otherId)) end(person, other, ticket, CLOSE_NOTICED_MS);
		else {
			person.ends.set(otherId, newEnd(share, person, attempt));
			share.feed(person, { type: 'opened', peer: otherId });
		}
	};
	const closes = (person: Person, one: End): void => {
		one.open = false;
		person.ends.delete(one.otherId);
	};
	const take = (person: Person, ticket: number): Attempt | undefined => {
		const attempt = person.attempts.get(ticket);
		person.attempts.delete(ticket);
		return attempt;
	};
	return {
		open(from, to, knock) {
			const other = numberOf(publicKeyOf(to)!);
			const ticket = ticketOf(from.number, ++from.knocks);
			from.attempts.set(ticket, { ticket, other, otherId: to, ours: true, admitted: false });
			share.post(from, {
				kind: 'knock',
				to: other,
				atMs: share.nowMs + wayMs(from, other),
				link: ticket,
				byMs: share.nowMs + UNREACHABLE_MS,
				bytes: knock as Bytes
			});
		},
		knocked(person, letter) {
			const { link: ticket, bytes } = letter;
			const from = senderOf(letter);
			if (!person.alive) {
				const atMs = Math.max(letter.byMs, share.nowMs + wayMs(person, from));
				share.post(person, { kind: 'failed', to: from, atMs, link: ticket });
				return;
			}
			const otherId = share.atlas.idOf(from);
			person.attempts.set(ticket, { ticket, other: from, otherId, ours: false, admitted: false });
			share.feed(person, { type: 'knock', ticket, from: otherId, bytes });
		},
		admit(person, ticket) {
			const attempt = person.attempts.get(ticket);
			if (attempt === undefined) return;
			attempt.admitted = true;
			const { other } = attempt;
			const hereMs = wayMs(person, other);
			const bothMs = hereMs + share.atlas.lineFrom(other, person).delayMs();
			const takesMs = share.atlas.connects(person, other) ? CONNECT_MS + 2 * bothMs : LINK_OPEN_MS;
			const byMs = share.nowMs + takesMs;
			const atMs = share.nowMs + hereMs;
			share.post(person, { kind: 'admitted', to: other, atMs, link: ticket, byMs });
			share.at(person, byMs, () => opens(person, attempt));
		},
		admitted(person, letter) {
			const attempt = person.attempts.get(letter.link);
			if (attempt === undefined) end(person, senderOf(letter), letter.link, CLOSE_NOTICED_MS);
			else share.at(person, letter.byMs, () => opens(person, attempt));
		},
		refuse(person, ticket, refusal) {
			const attempt = take(person, ticket);
			if (attempt === undefined) return;
			const atMs = share.nowMs + wayMs(person, attempt.other);
			share.post(person, {
				kind: 'refused',
				to: attempt.other,
				atMs,
				link: ticket,
				bytes: refusal as Bytes
			});
		},
		refused(person, { link, bytes }) {
			const attempt = take(person, link);
			if (attempt !== undefined) {
				share.feed(person, { type: 'refused', peer: attempt.otherId, bytes });
			}
		},
		failed(person, { link }) {
			const attempt = take(person, link);
			if (attempt !== undefined) share.feed(person, { type: 'failed', peer: attempt.otherId });
		},
		close(person, peer) {
			const one = person.ends.get(peer);
			if (one !== undefined) {
				closes(person, one);
				end(person, one.other, one.link, CLOSE_NOTICED_MS);
				share.at(person, share.nowMs + CLOSE_NOTICED_MS, () => {
					if (!person.ends.has(peer)) share.feed(person, { type: 'closed', peer });
				});
			}
			for (const { ticket, other, otherId } of person.attempts.values()) {
				if (otherId !== peer) continue;
				person.attempts.delete(ticket);
				end(person, other, ticket, CLOSE_NOTICED_MS);
			}
		},
		ended(person, letter) {
			const attempt = take(person, letter.link);
			if (attempt !== undefined) {
				const { ours, admitted, otherId } = attempt;
				if (ours || admitted) {
					share.feed(person, { type: ours ? 'failed' : 'closed', peer: otherId });
				}
				return;
			}
			const peer = share.atlas.idOf(senderOf(letter));
			const one = person.ends.get(peer);
			if (one?.link !== letter.link) return;
			closes(person, one);
			share.feed(person, { type: 'closed', peer });
		},
		die(person, noticedAfterMs) {
			for (const one of person.ends.values()) {
				one.open = false;
				end(person, one.other, one.link, noticedAfterMs);
			}
			for (const { ticket, other } of person.attempts.values()) {
				end(person, other, ticket, noticedAfterMs);
			}
			person.ends.clear();
			person.attempts.clear();
		}
	};
}

function newEnd(share: Share, person: Person, { ticket, other, otherId }: Attempt): End {
	return {
		person,
		other,
		otherId,
		link: ticket,
		line: share.atlas.lineTo(person, other),
		open: true,
		lastControlMs: 0,
		far: null
	};
}
