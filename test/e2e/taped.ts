/** What a host's app has on its disk, read out of the browser and heard. */
import { OpusDecoder } from 'opus-decoder';
import type { Page } from 'playwright';
import { bytesAsSource, joined } from '#lib/io/disk/byte-sources.ts';
import { openParts, type RecordingReader } from '#lib/io/disk/recording-reader.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import { RATE } from '../lib/sound.ts';

export interface Taped extends RecordingReader {
	/** Every byte of every file, one behind the other. */
	readonly whole: Uint8Array;
}

/** The only recording there is. Throws where there is none, or more than one. */
export async function tapedBy(page: Page): Promise<Taped> {
	const files = new Map(
		(await page.evaluate(readFiles)).map(({ path, base64 }) => [
			path,
			new Uint8Array(Buffer.from(base64, 'base64'))
		])
	);
	const names = [...files.keys()].sort();
	const folders = new Set(names.map((name) => name.split('/')[0]));
	if (folders.size !== 1) throw new Error(`There are ${folders.size} recordings.`);
	const [folder] = [...folders];
	const source = (name: string) =>
		bytesAsSource(files.get(`${folder}/${name}`) ?? new Uint8Array(0));
	const sounds = names.filter((name) => name.includes('/sound.'));
	const reader = await openParts({
		meta: source('meta'),
		log: source('log'),
		index: source('index'),
		sound: joined(sounds.map((name) => bytesAsSource(files.get(name) ?? new Uint8Array(0))))
	});
	if (reader === null) throw new Error('The recording does not open.');
	return { ...reader, whole: Buffer.concat([...files.values()]) };
}

/** In the page. */
async function readFiles(): Promise<{ path: string; base64: string }[]> {
	const root = await navigator.storage.getDirectory();
	const recordings = await root.getDirectoryHandle('recordings', { create: true });
	const found: { path: string; base64: string }[] = [];
	/** What is written to while it is read is refused: then it is read again. */
	const bytesIn = async (file: FileSystemFileHandle, tries = 10): Promise<Uint8Array> => {
		try {
			return new Uint8Array(await (await file.getFile()).arrayBuffer());
		} catch (error) {
			if (tries === 1 || (error as Error).name !== 'NotReadableError') throw error;
			return bytesIn(file, tries - 1);
		}
	};
	for await (const [folder, handle] of recordings.entries()) {
		// Beside it lies what it holds ready of the disk.
		if (handle.kind !== 'directory' || folder === 'reserve') continue;
		for await (const [name, file] of handle.entries()) {
			const bytes = await bytesIn(file as FileSystemFileHandle);
			let letters = '';
			for (let at = 0; at < bytes.length; at += 0x8000) {
				letters += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
			}
			found.push({ path: `${folder}/${name}`, base64: btoa(letters) });
		}
	}
	return found;
}

/** What is there of one stream, decoded: RATE samples a second of listening time, silence where nothing is. */
export async function soundOf(reader: RecordingReader, stream: StreamId): Promise<Float32Array> {
	const samples = new Float32Array(Math.ceil((reader.recording.durationMs / 1_000 + 1) * RATE));
	const decoder = new OpusDecoder({ sampleRate: RATE, channels: 1 });
	await decoder.ready;
	for await (const some of reader.frames(0, new Set([stream]))) {
		for (const { frame, playMs } of some) {
			if (frame.kind !== 'voice') continue;
			const { channelData } = decoder.decodeFrame(frame.opus);
			const at = Math.round((playMs / 1_000) * RATE);
			samples.set((channelData[0] ?? new Float32Array(0)).subarray(0, samples.length - at), at);
		}
	}
	decoder.free();
	return samples;
}

/** Level of a tone in dBFS over the loudest second of `samples`. */
export function toneIn(samples: Float32Array, hz: number): number {
	let best = -Infinity;
	for (let at = 0; at + RATE <= samples.length; at += RATE / 2) {
		best = Math.max(best, goertzel(samples.subarray(at, at + RATE), hz));
	}
	return best;
}

function goertzel(samples: Float32Array, hz: number): number {
	const turn = 2 * Math.cos((2 * Math.PI * hz) / RATE);
	let [before, last] = [0, 0];
	for (const sample of samples) [before, last] = [last, sample + turn * last - before];
	const power = before * before + last * last - turn * before * last;
	return 10 * Math.log10((4 * power) / samples.length ** 2 / 2 + 1e-12);
}
