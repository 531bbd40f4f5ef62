/** What can be made of a recording, as bytes in order: its mix, one speaker's track, its signed original, sound to play. */
import { createMixEncoder } from '#lib/io/audio/mix-encoder.ts';
import { openFrameDecoder, SILENCE } from '#lib/io/audio/opus-frames.ts';
import type { PartSources, RecordingReader } from '#lib/io/disk/recording-reader.ts';
import type { Keys } from '#lib/io/ports.ts';
import {
	createOggFile,
	createWebmStream,
	type FileTags,
	type PacketFile
} from '#lib/io/media/packet-file.ts';
import type { Cut } from '#lib/p2p/archive/clip.ts';
import type { Vault } from '#lib/p2p/lock/vault.ts';
import { FRAME_SAMPLES } from '#lib/p2p/playout/units.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { TICK_MS } from '#lib/p2p/wire/seq.ts';
import { clipFile } from './clip-file.ts';
import { mixFrom } from './mix.ts';
import { contentOf, originalOf } from './original.ts';
import { channelsIn, endOf, saidFrom, ticksIn, type SaidWish } from './said.ts';
import { encodeSpoken } from './spoken.ts';

export type ExportWish =
	/** `cut`: of it no more than that. */
	| { readonly kind: 'mix'; readonly tags: FileTags; readonly cut?: Cut }
	/** One speaker alone: packets as they were said, and silence between them, so that tracks lie side by side. */
	| { readonly kind: 'track'; readonly peer: PeerId; readonly tags: FileTags }
	| { readonly kind: 'original' }
	/** What carries its signatures, and is signed by who cuts it. */
	| { readonly kind: 'clip'; readonly cut: Cut }
	/** One speaker's sound as frames, to be put into words: see spoken.ts. */
	| { readonly kind: 'voice'; readonly peer: PeerId }
	/** The mix from a tick on, to be played while it comes: WebM, whose time counts from there. */
	| { readonly kind: 'play'; readonly fromTick: number };

export interface ExportParts {
	readonly reader: RecordingReader;
	readonly sources: PartSources;
	readonly vault: Vault;
	/** Of who makes it; asked for where something is signed. */
	readonly keys: () => Promise<Pick<Keys, 'publicKey' | 'sign'>>;
	readonly nowMs: number;
	/** Gets the bytes in order; the next are made when it resolves. A rejection ends it all. */
	readonly write: (bytes: Uint8Array) => Promise<void>;
	/** From 0 to 1. */
	readonly onShare: (share: number) => void;
}

/** What is played is encoded as soon as there is so much of it; what is saved, as much as goes at once. */
const PLAYED_FIRST_FRAMES = 12;

/** Rejects where it cannot be read, encoded or written. */
export async function exportRecording(wish: ExportWish, parts: ExportParts): Promise<void> {
	switch (wish.kind) {
		case 'mix':
			return exportWhole(parts, wish.tags, ticksOf(wish.cut));
		case 'play': {
			// Whoever waits for the first sound does not wait for all of it to be looked through.
			const file = await createWebmStream(2, parts.write);
			const first = PLAYED_FIRST_FRAMES;
			return exportMix(parts, { file, channels: 2, first }, { fromTick: wish.fromTick });
		}
		case 'track':
			return exportTrack(parts, wish.peer, wish.tags);
		case 'voice':
			return exportVoice(parts, wish.peer);
		case 'original':
			return exportOriginal(parts);
		case 'clip':
			return exportClip(parts, wish.cut);
	}
}

const ticksOf = (cut: Cut | undefined): Ticks =>
	cut === undefined
		? { fromTick: 0 }
		: { fromTick: Math.round(cut.fromMs / TICK_MS), toTick: Math.round(cut.toMs / TICK_MS) };

type Ticks = Pick<SaidWish, 'fromTick' | 'toTick'>;

async function exportWhole(parts: ExportParts, tags: FileTags, ticks: Ticks): Promise<void> {
	const { reader, vault, write } = parts;
	const channels = await channelsIn({ reader, vault, only: null, ...ticks });
	const file = await createOggFile(tags, channels, write);
	return exportMix(parts, { file, channels }, ticks);
}

interface Mixed {
	readonly file: PacketFile;
	readonly channels: 1 | 2;
	/** Frames of the first piece, which is waited for. */
	readonly first?: number;
}

async function exportMix(
	parts: ExportParts,
	{ file, channels, first }: Mixed,
	ticks: Ticks
): Promise<void> {
	const { reader, vault, onShare } = parts;
	const wish = { reader, vault, only: null, ...ticks };
	const { fromTick } = ticks;
	const end = endOf(wish);
	const encoder = createMixEncoder(channels);
	let done = fromTick;
	const drain = async (): Promise<void> => {
		for (const opus of encoder.taken()) {
			// Of the encoder's own delay nothing is left over behind the end.
			if (done++ < end) await file.add(opus);
		}
		onShare(Math.min(1, (done - fromTick) / Math.max(1, end - fromTick)));
	};
	try {
		for await (const samples of mixFrom(wish, channels, first)) {
			await encoder.encode(samples);
			if (first !== undefined && done === fromTick) await encoder.first();
			await drain();
		}
		await encoder.flush();
		await drain();
		await file.finish();
	} finally {
		encoder.close();
	}
}

async function exportTrack(parts: ExportParts, peer: PeerId, tags: FileTags): Promise<void> {
	const { reader, vault, onShare } = parts;
	const wish = { reader, vault, fromTick: 0, only: peer };
	const file = await createOggFile(tags, await channelsIn(wish), parts.write);
	const end = ticksIn(reader.recording.durationMs);
	let tick = 0;
	const silentUntil = async (until: number): Promise<void> => {
		for (; tick < until; tick++) await file.add(SILENCE);
	};
	for await (const { said } of saidFrom(wish)) {
		for (const { tick: at, opus } of said) {
			await silentUntil(at);
			await file.add(opus);
			tick++;
		}
		onShare(tick / Math.max(1, end));
	}
	await silentUntil(end);
	await file.finish();
}

async function exportVoice({ reader, vault, write }: ExportParts, only: PeerId): Promise<void> {
	const decoder = await openFrameDecoder();
	try {
		for await (const { said } of saidFrom({ reader, vault, fromTick: 0, only })) {
			for (const { tick, opus } of said) {
				const samples = decoder.decode(opus);
				if (samples?.length === FRAME_SAMPLES) await write(encodeSpoken(tick, samples));
			}
		}
	} finally {
		decoder.free();
	}
}

async function exportOriginal(parts: ExportParts): Promise<void> {
	const { reader, sources, keys, nowMs, write, onShare } = parts;
	const { recording } = reader;
	const own = await keys();
	const sign: Keys['sign'] = (message) => own.sign(message);
	const content = contentOf(recording, sources);
	for await (const piece of originalOf({ recording, content, sign, nowMs }, onShare)) {
		await write(piece);
	}
}

async function exportClip(parts: ExportParts, cut: Cut): Promise<void> {
	const file = await clipFile({ ...parts, keys: await parts.keys(), cut });
	if (file === null) throw new Error('Nobody is heard in it.');
	await parts.write(file);
}
