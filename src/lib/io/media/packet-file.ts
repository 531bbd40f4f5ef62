/** Opus packets of 20 ms, one behind the other, as a file that players know. Containers are `mediabunny`'s. */
import {
	AppendOnlyStreamTarget,
	EncodedAudioPacketSource,
	EncodedPacket,
	OggOutputFormat,
	Output,
	WebMOutputFormat
} from 'mediabunny';

const SAMPLE_RATE = 48_000;
const PACKET_S = 0.02;
/** A page of Ogg ends long before its 255 packets are full: full of the shortest ones, it would tell a time 20 ms off. */
const PAGE_S = 1;
/** What libopus delays at 48 kHz, and players skip (RFC 7845, section 4.2). */
const PRE_SKIP_SAMPLES = 312;

export interface FileTags {
	readonly title: string;
	/** Who speaks; empty for several. */
	readonly artist: string;
	/** Epoch ms. */
	readonly madeAtMs: number;
	readonly chapters: readonly { readonly atMs: number; readonly title: string }[];
}

export interface PacketFile {
	/** The next packet, of 20 ms; mono or stereo, whatever the file has. */
	add(opus: Uint8Array): Promise<void>;
	/** Nothing is written after it. */
	finish(): Promise<void>;
}

/** `write` gets the file's bytes in order, and is waited for. */
type Write = (bytes: Uint8Array) => Promise<void>;

/** Ogg Opus (RFC 7845), with title and chapters. */
export function createOggFile(tags: FileTags, channels: 1 | 2, write: Write): Promise<PacketFile> {
	const format = new OggOutputFormat({ maximumPageDuration: PAGE_S });
	return packetFile(format, { channels, write }, (output) => {
		output.setMetadataTags({
			title: tags.title,
			...(tags.artist === '' ? {} : { artist: tags.artist }),
			date: new Date(tags.madeAtMs),
			raw: chapterTags(tags.chapters)
		});
	});
}

/** WebM that can be played while it is written. */
export const createWebmStream = (channels: 1 | 2, write: Write): Promise<PacketFile> =>
	packetFile(new WebMOutputFormat({ appendOnly: true, minimumClusterDuration: 0.2 }), {
		channels,
		write
	});

async function packetFile(
	format: OggOutputFormat | WebMOutputFormat,
	{ channels, write }: { readonly channels: 1 | 2; readonly write: Write },
	prepare: (output: Output) => void = () => undefined
): Promise<PacketFile> {
	const target = new AppendOnlyStreamTarget(
		new WritableStream<Uint8Array>({ write: (bytes) => write(bytes.slice()) })
	);
	const output = new Output({ format, target });
	const source = new EncodedAudioPacketSource('opus');
	output.addAudioTrack(source);
	prepare(output);
	await output.start();
	let count = 0;
	return {
		add(opus) {
			const packet = new EncodedPacket(opus, 'key', count * PACKET_S, PACKET_S);
			return source.add(
				packet,
				count++ === 0 ? { decoderConfig: decoderConfig(channels) } : undefined
			);
		},
		finish: () => output.finalize()
	};
}

function decoderConfig(channels: 1 | 2): AudioDecoderConfig {
	return {
		codec: 'opus',
		sampleRate: SAMPLE_RATE,
		numberOfChannels: channels,
		description: opusHead(channels)
	};
}

/** RFC 7845, section 5.1: version 1, no gain, one stream. */
function opusHead(channels: 1 | 2): Uint8Array<ArrayBuffer> {
	const head = new Uint8Array(19);
	const view = new DataView(head.buffer);
	head.set(new TextEncoder().encode('OpusHead'));
	head.set([1, channels], 8);
	view.setUint16(10, PRE_SKIP_SAMPLES, true);
	view.setUint32(12, SAMPLE_RATE, true);
	return head;
}

/** https://wiki.xiph.org/Chapter_Extension: numbered from 1, three digits. */
function chapterTags(chapters: FileTags['chapters']): Record<string, string> {
	const tags: Record<string, string> = {};
	for (const [i, { atMs, title }] of chapters.slice(0, CHAPTERS_MAX).entries()) {
		const name = `CHAPTER${String(i + 1).padStart(3, '0')}`;
		tags[name] = new Date(atMs).toISOString().slice(11, 23);
		tags[`${name}NAME`] = title;
	}
	return tags;
}

/** As many as three digits can number. */
const CHAPTERS_MAX = 999;
