/** A room under way for tests of the law at one peer: the host and Ann on stage, Cora a co-host in the audience. */
import type { Wish } from '#lib/p2p/peer/io.ts';
import { openEnvelope, seal, SIGNATURE_BYTES } from '#lib/p2p/wire/envelope.ts';
import type { EventBody } from '#lib/p2p/wire/event.ts';
import { streamOf } from '#lib/p2p/wire/ids.ts';
import { host, person, story, type Person, type Signed } from '../unit/room-people.ts';
import { lonePeer, ofType, type LonePeer } from './lone-peer.ts';

export type Outputs = ReturnType<LonePeer['feed']>;

export const [ann, bob, cora, eve] = [person(1), person(2), person(4), person(3)];
export const remove = (who: Person, block = false) =>
	({ kind: 'remove', who: who.peer, block }) as const;
export const wish = (lone: LonePeer, what: Wish): Outputs =>
	lone.feed({ type: 'wish', wish: what });
export const drafts = (outputs: Outputs): EventBody[] =>
	ofType(outputs, 'sign').flatMap(({ unsigned }) => {
		const opened = openEnvelope(seal(unsigned, new Uint8Array(SIGNATURE_BYTES)));
		return opened.ok ? [opened.event.body] : [];
	});

/** The host and Ann on stage with open microphones, Cora a co-host. */
export function begun() {
	const told = story();
	const hostSit = told.tell(host, { kind: 'sit', invite: null, name: host.name });
	const annSit = told.seat(ann);
	told.name(cora);
	told.tell(ann, { kind: 'mic', sit: annSit.id, open: true });
	return { ...told, hostSit, annSit, annStream: streamOf(annSit.id) };
}

/** Person `number` in that room, below the host. */
export function listener(events: readonly Signed[], number = 100): LonePeer {
	const lone = lonePeer(number);
	lone.learn(...events);
	lone.attachTo(host.peer, [host.peer]);
	return lone;
}
