/** Reads an Ogg Opus file by the letter of its standards (RFC 3533, RFC 7845), with nothing of what wrote it. */

export interface OggOpus {
	readonly channels: number;
	/** By the place of the last sample, without what players skip. */
	readonly durationMs: number;
	/** By their names, in capitals: TITLE, CHAPTER001 ... */
	readonly comments: ReadonlyMap<string, string>;
	readonly packets: readonly Uint8Array[];
}

interface Page {
	readonly flags: number;
	readonly granule: bigint;
	readonly number: number;
	readonly lacing: readonly number[];
	readonly body: Uint8Array;
}

const RATE = 48_000;

/** Throws where a page is not whole, in order, or as its checksum says. */
export function readOggOpus(file: Uint8Array): OggOpus {
	const pages = [...pagesOf(file)];
	pages.forEach(({ number }, i) => {
		if (number !== i) throw new Error(`Page ${i} says that it is page ${number}.`);
	});
	const [head, tags, ...packets] = packetsOf(pages);
	if (head === undefined || tags === undefined) throw new Error('It has no headers.');
	if (pages[0]?.flags !== 2 || ((pages.at(-1)?.flags ?? 0) & 4) === 0) {
		throw new Error('Its first or last page is not marked as that.');
	}
	const view = new DataView(head.buffer, head.byteOffset, head.length);
	if (textOf(head.subarray(0, 8)) !== 'OpusHead') throw new Error('It is no Opus.');
	const samples = Number(pages.at(-1)?.granule ?? 0n) - view.getUint16(10, true);
	return {
		channels: head[9] ?? 0,
		durationMs: (1_000 * samples) / RATE,
		comments: commentsOf(tags),
		packets
	};
}

function* pagesOf(file: Uint8Array): Generator<Page> {
	for (let at = 0; at < file.length;) {
		const view = new DataView(file.buffer, file.byteOffset + at);
		if (textOf(file.subarray(at, at + 4)) !== 'OggS') throw new Error(`No page begins at ${at}.`);
		const count = view.getUint8(26);
		const lacing = [...file.subarray(at + 27, at + 27 + count)];
		const length = 27 + count + lacing.reduce((sum, one) => sum + one, 0);
		const page = Uint8Array.from(file.subarray(at, at + length));
		if (page.length < length) throw new Error('Its last page is cut off.');
		page.fill(0, 22, 26);
		if (checksum(page) !== view.getUint32(22, true))
			throw new Error(`The page at ${at} is damaged.`);
		yield {
			flags: view.getUint8(5),
			granule: view.getBigInt64(6, true),
			number: view.getUint32(18, true),
			lacing,
			body: page.subarray(27 + count)
		};
		at += length;
	}
}

function packetsOf(pages: readonly Page[]): Uint8Array[] {
	const packets: Uint8Array[] = [];
	let open: number[] = [];
	for (const { lacing, body } of pages) {
		let at = 0;
		for (const length of lacing) {
			open.push(...body.subarray(at, at + length));
			at += length;
			if (length === 255) continue;
			packets.push(Uint8Array.from(open));
			open = [];
		}
	}
	return packets;
}

function commentsOf(tags: Uint8Array): Map<string, string> {
	const view = new DataView(tags.buffer, tags.byteOffset, tags.length);
	if (textOf(tags.subarray(0, 8)) !== 'OpusTags') throw new Error('It has no comments.');
	let at = 12 + view.getUint32(8, true);
	const count = view.getUint32(at, true);
	at += 4;
	const comments = new Map<string, string>();
	for (let i = 0; i < count; i++) {
		const length = view.getUint32(at, true);
		const text = textOf(tags.subarray(at + 4, at + 4 + length));
		const [name = ''] = text.split('=', 1);
		comments.set(name.toUpperCase(), text.slice(name.length + 1));
		at += 4 + length;
	}
	return comments;
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** CRC-32 of Ogg: polynomial 0x04c11db7, from zero, nothing turned around. */
function checksum(bytes: Uint8Array): number {
	let crc = 0;
	for (const byte of bytes) {
		crc ^= byte << 24;
		for (let bit = 0; bit < 8; bit++)
			crc = (crc & 0x80000000) === 0 ? crc << 1 : (crc << 1) ^ 0x04c11db7;
	}
	return crc >>> 0;
}
