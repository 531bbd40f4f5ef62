/**
 * Letters between two threads: what one writes during a window, the other reads after it. Heads and bytes lie in shared
 * memory, two boxes for each direction in turns, so that one is read while the next is filled. A packet of frames goes
 * to many receivers in many windows: its bytes cross once, and are one and the same array to all who are handed them.
 */
import { KINDS, NOTHING, type Bytes, type Letter } from './letter.ts';

interface Box {
	/** The number of letters, then HEAD_CELLS for each. */
	readonly heads: SharedArrayBuffer;
	readonly bytes: SharedArrayBuffer;
}

/** Both directions between two threads. */
export interface Route {
	readonly there: readonly [Box, Box];
	readonly back: readonly [Box, Box];
}

/** When, stamp, to, kind, link, by when, content, offset, length. */
const HEAD_CELLS = 9;
const CELL_BYTES = 8;
const ROOM_START = 2 ** 16;
/** Reserved, not used: a window of a crowd that all comes at once has some megabytes. */
const ROOM_MAX = 2 ** 28;
/** Turns for which a content is remembered, at least: longer than a packet takes down the tree. */
const REMEMBERED_TURNS = 100;
/** Content of a letter that is nobody else's. */
const OWN = -1;
/** Low nibble of a datagram's first byte. */
const FRAMES = 1;

const newBox = (): Box => ({ heads: newRoom(), bytes: newRoom() });
const newRoom = (): SharedArrayBuffer =>
	new SharedArrayBuffer(ROOM_START, { maxByteLength: ROOM_MAX });

export const newRoute = (): Route => ({
	there: [newBox(), newBox()],
	back: [newBox(), newBox()]
});

export interface Post {
	write(letter: Letter): void;
	/** Before all meet: what was written lies ready. */
	close(): void;
	/** After all have met: what the other wrote meanwhile. */
	read(take: (letter: Letter) => void): void;
}

/** One end of a route: `first` of the two that share it or not. */
export function createPost(route: Route, first: boolean): Post {
	const [outBoxes, inBoxes] = first ? [route.there, route.back] : [route.back, route.there];
	const outboxes = [createOutbox(outBoxes[0]), createOutbox(outBoxes[1])] as const;
	const contents = createContents(first ? 0 : 1);
	let turn = 0;
	return {
		write(letter) {
			outboxes[turn & 1]!.put(letter, contents);
		},
		close() {
			outboxes[turn & 1]!.close();
		},
		read(take) {
			readBox(inBoxes[turn & 1]!, contents, take);
			turn++;
			if (turn % REMEMBERED_TURNS === 0) contents.age();
		}
	};
}

/** What both ends have, by numbers that both know. Both forget at the same turn. */
interface Contents {
	/** Its number, or OWN where the other end does not have it yet. */
	numberOf(bytes: Bytes): number;
	/** Our next number for it. */
	add(bytes: Bytes): number;
	note(number: number, bytes: Bytes): void;
	at(number: number): Bytes;
	age(): void;
}

function createContents(parity: number): Contents {
	let numbers = new Map<Bytes, number>();
	let contents = new Map<number, Bytes>();
	let older = { numbers, contents };
	let next = parity;
	const note = (number: number, bytes: Bytes): void => {
		numbers.set(bytes, number);
		contents.set(number, bytes);
	};
	return {
		numberOf: (bytes) => numbers.get(bytes) ?? older.numbers.get(bytes) ?? OWN,
		add(bytes) {
			const number = next;
			next += 2;
			note(number, bytes);
			return number;
		},
		note,
		at: (number) => contents.get(number) ?? older.contents.get(number)!,
		age() {
			older = { numbers, contents };
			numbers = new Map();
			contents = new Map();
		}
	};
}

interface Outbox {
	put(letter: Letter, contents: Contents): void;
	close(): void;
}

function createOutbox(box: Box): Outbox {
	// Views of a fixed length are quicker than those that grow with what they show.
	let heads = new Float64Array(box.heads, 0, ROOM_START / CELL_BYTES);
	let bytes = new Uint8Array(box.bytes, 0, ROOM_START);
	let [count, used] = [0, 0];
	const copy = (given: Bytes): number => {
		const offset = used;
		used += given.length;
		if (used > bytes.length) bytes = new Uint8Array(box.bytes, 0, grown(box.bytes, used));
		bytes.set(given, offset);
		return offset;
	};
	return {
		put(letter, contents) {
			const given = letter.bytes;
			const shared = letter.kind === 'datagram' && (given[0]! & 0x0f) === FRAMES;
			const known = shared ? contents.numberOf(given) : OWN;
			const at = 1 + HEAD_CELLS * count++;
			const needed = CELL_BYTES * (at + HEAD_CELLS);
			if (needed > CELL_BYTES * heads.length) {
				heads = new Float64Array(box.heads, 0, grown(box.heads, needed) / CELL_BYTES);
			}
			heads[at] = letter.atMs;
			heads[at + 1] = letter.stamp;
			heads[at + 2] = letter.to;
			heads[at + 3] = KINDS.indexOf(letter.kind);
			heads[at + 4] = letter.link;
			heads[at + 5] = letter.byMs;
			heads[at + 6] = known !== OWN || !shared ? known : contents.add(given);
			heads[at + 7] = known === OWN ? copy(given) : 0;
			heads[at + 8] = known === OWN ? given.length : 0;
		},
		close() {
			heads[0] = count;
			[count, used] = [0, 0];
		}
	};
}

function grown(room: SharedArrayBuffer, needed: number): number {
	while (room.byteLength < needed) room.grow(2 * room.byteLength);
	return room.byteLength;
}

function readBox(box: Box, contents: Contents, take: (letter: Letter) => void): void {
	const count = new Float64Array(box.heads, 0, 1)[0]!;
	const heads = new Float64Array(box.heads, 0, 1 + HEAD_CELLS * count);
	const bytes = new Uint8Array(box.bytes, 0, box.bytes.byteLength);
	for (let i = 0, at = 1; i < count; i++, at += HEAD_CELLS) {
		const [content, offset, length] = [heads[at + 6]!, heads[at + 7]!, heads[at + 8]!];
		// A copy that is not shared, so that nothing is changed under those who keep it.
		const own = length > 0 ? bytes.slice(offset, offset + length) : NOTHING;
		if (content !== OWN && length > 0) contents.note(content, own);
		take({
			atMs: heads[at]!,
			stamp: heads[at + 1]!,
			to: heads[at + 2]!,
			kind: KINDS[heads[at + 3]!]!,
			link: heads[at + 4]!,
			byMs: heads[at + 5]!,
			bytes: content === OWN || length > 0 ? own : contents.at(content)
		});
	}
}
