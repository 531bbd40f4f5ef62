/** libopus as WebAssembly for one stream, inside the AudioWorklet. It never throws: what fails is counted. */
import './worklet-shims.ts';
import { OpusDecoder } from 'opus-decoder';
import type { OwnedDecoder } from '#lib/p2p/playout/playout.ts';
import { FRAME_SAMPLES } from '#lib/p2p/playout/units.ts';
import { DECODER_REBUILDS_MAX } from '#lib/p2p/wire/limits.ts';

/** Hybrid, full band, 20 ms, mono (RFC 6716, table 2): what to conceal with before the first packet. */
const FIRST_TOC = 0x78;
/** All of the TOC but its count of frames: alone, it makes libopus conceal one frame. */
const TOC_CONFIG_MASK = 0xfc;

export function createOpusFrameDecoder(): OwnedDecoder {
	let toc = FIRST_TOC;
	let failures = 0;
	let rebuilds = 0;
	let current: OpusDecoder | null = null;
	/** Of the one that is in use or on its way; two from the first stereo packet on, for good. */
	let channels: 1 | 2 = 1;
	let side: Float32Array | null = null;
	let freed = false;

	const build = (): void => {
		const made = newDecoder(channels);
		const wanted = channels;
		made.ready.then(
			() => {
				if (freed || wanted !== channels) return made.free();
				// Until now it was heard as mono.
				current?.free();
				current = made;
			},
			() => failures++
		);
	};
	const broke = (): null => {
		failures++;
		current = null;
		if (rebuilds++ < DECODER_REBUILDS_MAX) build();
		return null;
	};
	const run = (packet: Uint8Array): Float32Array | null => {
		if (current === null) return null;
		try {
			const { channelData, samplesDecoded, errors } = current.decodeFrame(packet);
			if (errors.length > 0) failures++;
			const [left, right] = channelData;
			side = null;
			if (left === undefined || samplesDecoded === 0) return null;
			if (right === undefined || !isStereo(packet)) return oneFrame(left);
			const apart = middleAndSide(oneFrame(left), oneFrame(right));
			side = apart.side;
			return apart.middle;
		} catch {
			return broke();
		}
	};
	build();
	return {
		get ready() {
			return current !== null;
		},
		get failures() {
			return failures;
		},
		get side() {
			return side;
		},
		decode(opus) {
			if (channels === 1 && isStereo(opus)) {
				channels = 2;
				build();
			}
			const samples = run(opus);
			if (samples !== null) toc = opus[0] ?? toc;
			return samples;
		},
		conceal: () => run(Uint8Array.of(toc & TOC_CONFIG_MASK)),
		free() {
			freed = true;
			current?.free();
			current = null;
		}
	};
}

/** The bit of the TOC that says so (RFC 6716, 3.1). A decoder of one channel makes mono of it by itself. */
const isStereo = (packet: Uint8Array): boolean => ((packet[0] ?? 0) & 4) !== 0;

function newDecoder(channels: 1 | 2): OpusDecoder {
	return new OpusDecoder({
		channels,
		streamCount: 1,
		coupledStreamCount: channels - 1,
		channelMappingTable: channels === 1 ? [0] : [0, 1]
	});
}

function middleAndSide(left: Float32Array, right: Float32Array) {
	const middle = left.map((sample, i) => (sample + (right[i] ?? 0)) / 2);
	return { middle, side: left.map((sample, i) => sample - (middle[i] ?? 0)) };
}

/** Somebody may send frames of another length: they are cut or filled up, and time goes on in ticks of 20 ms. */
function oneFrame(samples: Float32Array): Float32Array {
	if (samples.length === FRAME_SAMPLES) return samples;
	const frame = new Float32Array(FRAME_SAMPLES);
	frame.set(samples.subarray(0, FRAME_SAMPLES));
	return frame;
}
