/**
 * How the cores of the simulated world read what they are sent: by the real functions, once for all who are handed
 * the very same bytes, which nobody changes once they are under way. Thousands hear one packet; reading it is half
 * of what each of them would do with it.
 */
import type { Reading } from '#lib/p2p/peer/io.ts';
import { decodePacket, type Packet } from '#lib/p2p/wire/packet.ts';
import { frameHash } from '#lib/p2p/wire/proof.ts';

/** Two seconds of a full stage, and what is repaired meanwhile; those before are remembered until so many came again. */
const REMEMBERED_MAX = 4_096;

export function createReading(): Reading {
	const packets = createMemory<Packet>();
	const hashes = createMemory<Uint8Array>();
	return {
		packet(bytes) {
			const known = packets.get(bytes);
			if (known !== undefined) return known;
			const packet = decodePacket(bytes);
			// All else is for a few at most.
			if (packet?.type === 'frames') packets.set(bytes, packet);
			return packet;
		},
		hash(content) {
			const known = hashes.get(content);
			if (known !== undefined) return known;
			const hash = frameHash(content);
			hashes.set(content, hash);
			return hash;
		}
	};
}

interface Memory<T> {
	get(bytes: Uint8Array): T | undefined;
	set(bytes: Uint8Array, value: T): void;
}

/** By the array itself, not by what is in it. Old ones go all together, which costs less than one by one. */
function createMemory<T>(): Memory<T> {
	let recent = new Map<Uint8Array, T>();
	let older = new Map<Uint8Array, T>();
	return {
		get: (bytes) => recent.get(bytes) ?? older.get(bytes),
		set(bytes, value) {
			if (recent.size >= REMEMBERED_MAX) {
				older = recent;
				recent = new Map();
			}
			recent.set(bytes, value);
		}
	};
}
