/** A small room with real keys: a host, a speaker, and a listener whose app holds what it hears. */
import { createKeys } from '#lib/io/keys/keys.ts';
import type { Keys } from '#lib/io/ports.ts';
import { createPeer, type Peer } from '#lib/p2p/peer/peer.ts';
import type { PeerInput, PeerOutput } from '#lib/p2p/peer/io.ts';
import { createProver } from '#lib/p2p/peer/prover.ts';
import {
	encodeUnsigned,
	markVerified,
	openEnvelope,
	seal,
	signingBytes
} from '#lib/p2p/wire/envelope.ts';
import type { EventBody, RoomEvent } from '#lib/p2p/wire/event.ts';
import { encodeControl } from '#lib/p2p/wire/control.ts';
import { peerIdOf, roomIdOf, streamOf, type PeerId, type RoomId } from '#lib/p2p/wire/ids.ts';
import { encodeFrames, encodeVoice } from '#lib/p2p/wire/packet.ts';
import { ofType } from './lone-peer.ts';

export interface RealPerson {
	readonly keys: Keys;
	readonly peer: PeerId;
	readonly name: string;
}

export async function realPerson(number: number): Promise<RealPerson> {
	const keys = await createKeys(new Uint8Array(32).fill(number));
	return { keys, peer: peerIdOf(keys.publicKey), name: `Real ${number}` };
}

export interface ReportedRoom {
	readonly room: RoomId;
	readonly host: RealPerson;
	readonly speaker: RealPerson;
	readonly me: RealPerson;
	readonly listener: Peer;
	nowMs: number;
	/** Something happens, and the listener hears of it. */
	tell(author: RealPerson, body: EventBody): Promise<RoomEvent>;
	/** The speaker says so many frames, 20 ms each, number after number. */
	say(frames: number): Promise<void>;
}

const START_MS = 1_790_000_000_000;
const nonce = new Uint8Array(8).fill(3);

export async function reportedRoom(opus: (seq: number) => Uint8Array): Promise<ReportedRoom> {
	const [host, speaker, me] = await Promise.all([1, 2, 3].map(realPerson));
	if (host === undefined || speaker === undefined || me === undefined) throw new Error('Nobody.');
	const room = roomIdOf(host.keys.publicKey, nonce);
	const listener = createPeer({
		me: me.peer,
		publicKey: me.keys.publicKey,
		room,
		name: me.name,
		fanout: 2,
		opening: null,
		holdsSound: true
	});
	const numbers = new Map<PeerId, number>();
	const prover = createProver();
	let [lamport, seq] = [0, Math.floor(START_MS / 20)];
	const feed = (input: PeerInput): PeerOutput[] => listener.handle(input, scene.nowMs);
	/** Signatures are checked by the keys of whoever is said to have made them. */
	const check = async (outputs: readonly PeerOutput[]): Promise<void> => {
		for (const { ticket, publicKey, message, signature } of ofType(outputs, 'check')) {
			const good = await me.keys.verify(publicKey, message, signature);
			await check(feed({ type: 'checked', ticket, good }));
		}
	};
	const scene: ReportedRoom = {
		room,
		host,
		speaker,
		me,
		listener,
		nowMs: START_MS,
		async tell(author, body) {
			const sequence = (numbers.get(author.peer) ?? 0) + 1;
			numbers.set(author.peer, sequence);
			const authorKey = author.keys.publicKey;
			const unsigned = encodeUnsigned({ room, authorKey, sequence, lamport: ++lamport, body });
			const opened = openEnvelope(seal(unsigned, await author.keys.sign(signingBytes(unsigned))));
			if (!opened.ok) throw new Error(opened.reason);
			feed({ type: 'verified', event: markVerified(opened.event), from: null });
			return opened.event;
		},
		async say(frames) {
			for (let i = 0; i < frames; i++) {
				seq = (seq + 1) >>> 0;
				scene.nowMs += 20;
				const bytes = encodeVoice(stream, seq, 30, opus(seq));
				const offered = prover.offer({ stream, seq, bytes, last: false, atMs: scene.nowMs });
				const ready =
					offered.type === 'ready'
						? offered.bytes
						: prover.proved(offered.ticket, await speaker.keys.sign(offered.message));
				if (ready === null) throw new Error('It was let go.');
				const packet = encodeFrames([ready]);
				await check(feed({ type: 'datagram', from: host.peer, bytes: packet }));
			}
		}
	};
	feed({ type: 'start', saved: [] });
	const createdAtMs = START_MS;
	await scene.tell(host, {
		kind: 'open',
		nonce,
		title: 'Reported',
		hostName: host.name,
		createdAtMs
	});
	await scene.tell(host, { kind: 'sit', invite: null, name: host.name });
	const invitation = await scene.tell(host, { kind: 'invite', to: speaker.peer });
	const sit = await scene.tell(speaker, {
		kind: 'sit',
		invite: invitation.id,
		name: speaker.name
	});
	const stream = streamOf(sit.id);
	await scene.tell(speaker, { kind: 'mic', sit: sit.id, open: true });
	feed({ type: 'members', contacts: [{ peer: host.peer, addrs: [] }] });
	feed({ type: 'opened', peer: host.peer });
	for (const message of [
		{ type: 'attached' } as const,
		{ type: 'path', path: [host.peer], delayMs: 10, roots: [] } as const
	]) {
		feed({ type: 'control', from: host.peer, bytes: encodeControl(message) });
	}
	return scene;
}
