/** A stage of three, and peers around it, for tests of the sound path. */
import type { PeerOutput } from '#lib/p2p/peer/io.ts';
import { streamOf, type PeerId, type StreamId } from '#lib/p2p/wire/ids.ts';
import {
	decodePacket,
	encodeFrames,
	encodeVoice,
	markProven,
	withProof,
	type Frame
} from '#lib/p2p/wire/packet.ts';
import { draftProof, PROOF_SIGNATURE_BYTES } from '#lib/p2p/wire/proof.ts';
import { encodeDigest, tagOf, type Digest, type Pull } from '#lib/p2p/wire/repair.ts';
import { SILENT_MS } from '#lib/p2p/peer/repair-timing.ts';
import { host, person, story, type Signed } from '../unit/room-people.ts';
import { lonePeer, ofType, OPUS, type LonePeer } from './lone-peer.ts';

export const [second, third] = [person(2), person(3)];

/** Host, second and third on stage. */
export function threeOnStage() {
	const room = story();
	const sits = [room.tell(host, { kind: 'sit', invite: null, name: host.name })];
	sits.push(room.seat(second), room.seat(third));
	const [one, two, three] = sits.map((sit) => streamOf(sit.id)) as [StreamId, StreamId, StreamId];
	return { room, sits: sits as [Signed, Signed, Signed], one, two, three };
}

/** Person 100, below the host, with two children. */
export function listening() {
	const stage = threeOnStage();
	const lone = lonePeer(100);
	lone.learn(...stage.room.events);
	lone.attachTo(host.peer, [host.peer]);
	const children = [person(7).peer, person(8).peer];
	for (const child of children) lone.letIn(child, 'parent');
	return { ...stage, lone, children };
}

/** Person 100, whose parent is person 50, and whose backups are 51 and 52. */
export function backedUp() {
	const stage = threeOnStage();
	const lone = lonePeer(100);
	lone.learn(...stage.room.events);
	const [parent, near, far] = [person(50).peer, person(51).peer, person(52).peer];
	lone.attachTo(parent, [host.peer, parent]);
	lone.backUp(near, [host.peer, near]);
	lone.backUp(far, [host.peer, far]);
	return { ...stage, lone, parent, backups: [near, far] as const };
}

/** Third on stage, linked with the host and second, and with one child. */
export function speaking() {
	const stage = threeOnStage();
	const lone = lonePeer(3);
	lone.learn(...stage.room.events);
	for (const other of [host, second]) lone.feed({ type: 'opened', peer: other.peer });
	const child = person(7).peer;
	lone.letIn(child, 'parent');
	return { ...stage, lone, child };
}

/** A frame of voice whose author vouches for it alone. */
export function provenVoice(stream: StreamId, seq: number): Uint8Array {
	const marked = markProven(encodeVoice(stream, seq, 30, OPUS));
	const draft = draftProof([{ seq, content: marked }]);
	return withProof(marked, { ...draft, signature: new Uint8Array(PROOF_SIGNATURE_BYTES) });
}

/** Frames of voice with their proofs, which are found good. */
export function hearProven(
	lone: LonePeer,
	from: PeerId,
	seq: number,
	...streams: readonly StreamId[]
): PeerOutput[] {
	const bytes = encodeFrames(streams.map((stream) => provenVoice(stream, seq)));
	const out = lone.feed({ type: 'datagram', from, bytes });
	const checks = ofType(out, 'check');
	return [
		...out,
		...checks.flatMap(({ ticket }) => lone.feed({ type: 'checked', ticket, good: true }))
	];
}

/** Its microphone may be heard. */
export function unmute(lone: LonePeer): void {
	lone.sign(lone.feed({ type: 'wish', wish: { type: 'unmute' } }));
}

export interface Asked extends Pull {
	readonly to: PeerId;
}

/** The pulls among `outputs`. */
export function pulls(outputs: readonly PeerOutput[]): Asked[] {
	return datagrams(outputs).flatMap(({ to, bytes }) => {
		const packet = decodePacket(bytes);
		return packet?.type === 'pull' ? to.map((each) => ({ to: each, ...packet.pull })) : [];
	});
}

export function digests(
	outputs: readonly PeerOutput[]
): { to: readonly PeerId[]; digest: Digest }[] {
	return datagrams(outputs).flatMap(({ to, bytes }) => {
		const packet = decodePacket(bytes);
		return packet?.type === 'digest' ? [{ to, digest: packet.digest }] : [];
	});
}

/** Packets of frames that went to `to`. */
export function framesTo(outputs: readonly PeerOutput[], to: PeerId): (readonly Frame[])[] {
	return datagrams(outputs).flatMap((output) => {
		const packet = output.to.includes(to) ? decodePacket(output.bytes) : null;
		return packet?.type === 'frames' ? [packet.frames] : [];
	});
}

export const seqsTo = (outputs: readonly PeerOutput[], to: PeerId): number[] =>
	framesTo(outputs, to).flatMap((frames) => frames.map(({ seq }) => seq));

const datagrams = (outputs: readonly PeerOutput[]) => ofType(outputs, 'datagram');

/** Frames of `stream` from `from`, 20 ms apart; the next number. */
export function talk(lone: LonePeer, from: PeerId, stream: StreamId, count: number): number {
	for (let seq = 1; seq <= count; seq++) {
		hearProven(lone, from, seq, stream);
		lone.beat(...lone.peer.diagnostics(lone.nowMs).backups);
		lone.pass(20);
	}
	return count + 1;
}

/** A listener with two backups that has just heard a second of voice from its parent. */
export function hearing() {
	const room = backedUp();
	const { lone, parent, one } = room;
	const next = talk(lone, parent, one, 50);
	return { ...room, next };
}

/** A backup says what it has of each voice: these and all before them, or those that `bits` tell. */
export function tellHeld(
	lone: LonePeer,
	from: PeerId,
	newest: readonly [StreamId, number][],
	bits = 0xffff
): PeerOutput[] {
	const entries = newest.map(([stream, seq]) => ({ tag: tagOf(stream), seq, bits }));
	return lone.feed({ type: 'datagram', from, bytes: encodeDigest(entries) });
}

/** Questions for somebody who pushes for a while. */
export const leases = (outputs: readonly PeerOutput[]): Asked[] =>
	pulls(outputs).filter(({ leaseMs }) => leaseMs > 0);

/** How long a parent may be silent on a line of which nothing is known yet: one packet may be lost. */
export const SILENT_UNKNOWN_MS = SILENT_MS + 20;
