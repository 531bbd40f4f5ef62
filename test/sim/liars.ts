/** Relays that do not do what they should. Each takes what a real core wants to send, and sends something else. */
import type { PeerOutput } from '#lib/p2p/peer/io.ts';
import { decodeControl, encodeControl } from '#lib/p2p/wire/control.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { PRESENCE_COUNT_MAX } from '#lib/p2p/wire/limits.ts';
import { decodePacket, type Frame } from '#lib/p2p/wire/packet.ts';
import type { Dice } from './dice.ts';
import type { Lie, Member, World } from './world.ts';

type Datagram = Extract<PeerOutput, { type: 'datagram' }>;
type Bytes = Uint8Array<ArrayBuffer>;

/** Frames kept to be said again. */
const KEPT_MAX = 500;
/** How far ahead of the speaker an inventor is. */
const AHEAD_TICKS = 3;
const STREAM_ID_BYTES = 8;

const framesOf = (bytes: Uint8Array): readonly Frame[] => {
	const packet = decodePacket(bytes);
	return packet?.type === 'frames' ? packet.frames : [];
};

/** Applies to packets of frames alone; everything else is sent as it should be. */
const onFrames =
	(lie: (output: Datagram) => readonly PeerOutput[]): Lie =>
	(output) =>
		output.type === 'datagram' && framesOf(output.bytes).length > 0 ? lie(output) : [output];

/** Changes one byte of every frame's sound. */
export const alters: Lie = onFrames((output) => [{ ...output, bytes: changed(output.bytes) }]);

function changed(bytes: Bytes): Bytes {
	const copy = bytes.slice();
	for (const frame of framesOf(bytes)) {
		if (frame.kind !== 'voice') continue;
		const last = frame.opus.byteOffset - bytes.byteOffset + frame.opus.length - 1;
		copy[last] = (copy[last] ?? 0) ^ 0xff;
	}
	return copy;
}

/** Says, before the speaker, what the speaker never said. */
export const invents: Lie = onFrames((output) => {
	const copy = changed(output.bytes);
	const view = new DataView(copy.buffer);
	for (const frame of framesOf(output.bytes)) {
		const at = frame.bytes.byteOffset - output.bytes.byteOffset + STREAM_ID_BYTES;
		view.setUint32(at, (frame.seq + AHEAD_TICKS) >>> 0);
	}
	return [output, { ...output, bytes: copy }];
});

/** Says everything once more, so many packets later: two seconds where nothing else is said. */
export function replays(lagPackets = 100): Lie {
	const kept: Bytes[] = [];
	return onFrames((output) => {
		kept.push(output.bytes);
		const old = kept[kept.length - 1 - lagPackets];
		if (kept.length > KEPT_MAX) kept.shift();
		return old === undefined ? [output] : [output, { ...output, bytes: old }];
	});
}

/** Keeps the sound to itself, and looks alive. */
export const withholds: Lie = onFrames(() => []);

/** Lets through only some of it. */
export const withholdsSome = (dice: Dice, share: number): Lie =>
	onFrames((output) => (dice.chance(share) ? [] : [output]));

/** Says that it hangs right below the speaker, whoever stands between them. */
export const claimsShortPath =
	(me: PeerId, root: PeerId): Lie =>
	(output) => {
		if (output.type !== 'control') return [output];
		const message = decodeControl(output.bytes);
		if (message?.type !== 'path') return [output];
		const bytes = encodeControl({ ...message, path: [root, me], delayMs: 1 });
		return [{ ...output, bytes }];
	};

/** Says that it carries more people than there are. */
export const inventsCrowd: Lie = (output) => {
	if (output.type !== 'control') return [output];
	const message = decodeControl(output.bytes);
	if (message?.type !== 'presence-up') return [output];
	return [{ ...output, bytes: encodeControl({ ...message, count: PRESENCE_COUNT_MAX }) }];
};

/** From now on it sends random bytes, and mangled copies of real ones, to all it is linked with. */
export function babbles(world: World, member: Member, dice: Dice, everyMs = 10): void {
	let last: Bytes = Uint8Array.of(0x31);
	member.lie = (output) => {
		if (output.type === 'datagram' || output.type === 'control') last = output.bytes;
		return [output];
	};
	const babble = (): void => {
		if (!member.alive) return;
		world.after(everyMs, babble);
		const bytes = dice.chance(0.5) ? mangled(last, dice) : noise(dice);
		for (const to of member.ways.keys()) {
			world.send(member, { type: 'datagram', to: [to], bytes });
			if (dice.chance(0.2)) world.send(member, { type: 'control', to, bytes });
		}
	};
	babble();
}

function mangled(bytes: Bytes, dice: Dice): Bytes {
	const copy = bytes.slice(0, 1 + Math.floor(dice.next() * bytes.length));
	for (let changes = 0; changes < 3; changes++) {
		copy[Math.floor(dice.next() * copy.length)] = Math.floor(dice.next() * 256);
	}
	return copy;
}

function noise(dice: Dice): Bytes {
	return Uint8Array.from({ length: 1 + Math.floor(dice.next() * 300) }, () =>
		Math.floor(dice.next() * 256)
	);
}
