/** One speaker's sound on its way out of the Worker: frames of 20 ms, each behind its tick. */
import { FRAME_SAMPLES } from '#lib/p2p/playout/units.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import type { SpokenFrame } from '../captions/transcribe.ts';
import type { Replay } from './replay.ts';

const TICK_BYTES = 4;
const SPOKEN_BYTES = TICK_BYTES + FRAME_SAMPLES * Float32Array.BYTES_PER_ELEMENT;

/** `samples`: FRAME_SAMPLES of them. */
export function encodeSpoken(tick: number, samples: Float32Array): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(SPOKEN_BYTES);
	new Float32Array(bytes.buffer, TICK_BYTES).set(samples);
	new DataView(bytes.buffer).setUint32(0, tick);
	return bytes;
}

export function decodeSpoken(bytes: Uint8Array<ArrayBuffer>): SpokenFrame[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset);
	return Array.from({ length: Math.floor(bytes.length / SPOKEN_BYTES) }, (_, i) => {
		const at = i * SPOKEN_BYTES;
		// A copy of its own: it is given away.
		const samples = bytes.slice(at + TICK_BYTES, at + SPOKEN_BYTES);
		return { seq: view.getUint32(at), samples: new Float32Array(samples.buffer) };
	});
}

/** What that person said, numbered by ticks from the beginning; no more is made than is taken. Throws where it cannot be read. */
export async function* spokenBy(
	start: Replay['start'],
	peer: PeerId
): AsyncGenerator<SpokenFrame, void, undefined> {
	const now: { given: Uint8Array<ArrayBuffer> | null; over: boolean; why: Error | null } = {
		given: null,
		over: false,
		why: null
	};
	let taken = (): void => undefined;
	let onward = (): void => undefined;
	const job = start(
		{ kind: 'voice', peer },
		{
			onBytes(bytes) {
				now.given = bytes;
				onward();
				return new Promise((resolve) => (taken = resolve));
			}
		}
	);
	job.done
		.catch((why: unknown) => (now.why = why instanceof Error ? why : new Error(String(why))))
		.finally(() => {
			now.over = true;
			onward();
		});
	try {
		for (;;) {
			const { given } = now;
			if (given !== null) {
				now.given = null;
				yield* decodeSpoken(given);
				taken();
			} else if (now.over) {
				if (now.why !== null) throw now.why;
				return;
			} else await new Promise<void>((resolve) => (onward = resolve));
		}
	} finally {
		job.stop();
	}
}
