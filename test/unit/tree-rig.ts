/** One tree by itself: a test is all its neighbours, its directory and its clock. */
import { createTree, type Tree, type TreeInput, type TreeOutput } from '#lib/p2p/tree/tree.ts';
import type { TreeMessage } from '#lib/p2p/tree/tree.ts';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import type { Want } from '#lib/p2p/wire/control.ts';
import { peerIdOf, roomIdOf, type PeerId } from '#lib/p2p/wire/ids.ts';

export const START_MS = 1_000_000;
const ROOM = roomIdOf(new Uint8Array(32), new Uint8Array(8));

/** Ids rise with their number: 0 is the smallest. */
const ids = Array.from({ length: 400 }, (_, i) => {
	const key = new Uint8Array(32);
	new DataView(key.buffer).setUint32(0, i + 1);
	return peerIdOf(key);
}).sort();

export const peer = (number: number): PeerId => ids[number] as PeerId;
export const contact = (number: number): Contact => ({
	peer: peer(number),
	addrs: [`/sim/${number}`]
});

/** We are number 100, and host and first speaker is number 1. */
export const ME = peer(100);
export const HOST = peer(1);

export interface TreeRig {
	readonly tree: Tree;
	nowMs: number;
	feed: (input: TreeInput) => TreeOutput[];
	/** Ticks for that long, ten a second; neighbours in `alive` are heard meanwhile. Heartbeats are left out. */
	wait(forMs: number, alive?: readonly PeerId[]): TreeOutput[];
	/** Somebody knocks; our answer. */
	knock(from: PeerId, want: Want, fanout?: number): TreeOutput[];
	/** A control message of `from`. */
	say(from: PeerId, message: TreeMessage): TreeOutput[];
	/** Becomes the child of `parent`, whose own way to the sound is `path`. */
	attach(parent: PeerId, path: readonly PeerId[]): void;
	/** Takes `who` as a child, with its link open. */
	adopt(who: PeerId): void;
}

export function plant(fanout = 2): TreeRig {
	const rig = plantAmongBackups(fanout);
	const { feed } = rig;
	/** Backups are another story: here nobody stands by for us, and what we do about it is left out. */
	const isBackupKnock = (output: TreeOutput): boolean =>
		output.type === 'open' && output.want === 'backup';
	rig.feed = (input) => {
		const out = feed(input);
		const asked = ofType(out, 'open').filter(isBackupKnock);
		const after = asked.flatMap(({ to }) =>
			rig.feed({ type: 'refused', peer: to.peer, refusal: null })
		);
		return [...out.filter((output) => !isBackupKnock(output)), ...after];
	};
	return rig;
}

/** Told wherever there is room or none: a story of its own. */
const isPlaces = (output: TreeOutput): boolean =>
	output.type === 'send' && output.message.type === 'places';

/** As it is: it also looks for backups. */
export function plantAmongBackups(fanout = 2): TreeRig {
	let tickets = 0;
	const rig: TreeRig = {
		tree: createTree(ME, fanout),
		nowMs: START_MS,
		feed: (input) => rig.tree.handle(input, rig.nowMs).filter((output) => !isPlaces(output)),
		wait(forMs, alive = []) {
			const out: TreeOutput[] = [];
			for (let leftMs = forMs; leftMs > 0; leftMs -= 100) {
				rig.nowMs += Math.min(100, leftMs);
				for (const from of alive) rig.feed({ type: 'heard', from, heartbeat: null });
				out.push(...rig.feed({ type: 'tick' }));
			}
			return out.filter((output) => output.type !== 'beat');
		},
		knock: (from, want, fanout = 2) =>
			rig.feed({ type: 'knock', ticket: ++tickets, from, knock: { room: ROOM, want, fanout } }),
		say: (from, message) => rig.feed({ type: 'message', from, message }),
		attach(parent, path) {
			rig.feed({ type: 'contacts', contacts: [{ peer: parent, addrs: [] }] });
			rig.feed({ type: 'opened', peer: parent });
			rig.say(parent, { type: 'attached' });
			rig.say(parent, { type: 'path', path, delayMs: 10, roots: [contact(1)] });
			if (rig.tree.parent !== parent) throw new Error('It did not become our parent.');
		},
		adopt(who) {
			rig.knock(who, 'parent');
			rig.feed({ type: 'opened', peer: who });
			if (!rig.tree.children.includes(who)) throw new Error('It did not become our child.');
		}
	};
	return rig;
}

/** A listener right below the host. */
export function listener(fanout = 2): TreeRig {
	const rig = plant(fanout);
	rig.attach(HOST, [HOST]);
	return rig;
}

/** On stage, with the host and numbers 2, 3 ... up to `speakers` in all, each linked. */
export function speaker(speakers: number, fanout = 2): TreeRig {
	const rig = plant(fanout);
	const others = Array.from({ length: speakers - 1 }, (_, i) => peer(1 + i));
	rig.feed({ type: 'stage', peers: [...others, ME] });
	for (const other of others) rig.feed({ type: 'opened', peer: other });
	return rig;
}

/**
 * Everybody who is asked among `outputs` stands by for us, and says that the sound comes to it by `pathOf`, or
 * refuses where that is null; so do those that are asked in consequence. All outputs.
 */
export function standsBy(
	rig: TreeRig,
	outputs: readonly TreeOutput[],
	pathOf: (who: PeerId) => readonly PeerId[] | null
): TreeOutput[] {
	const asked = ofType(outputs, 'open').filter(({ want }) => want === 'backup');
	const more = asked.flatMap(({ to: { peer: who } }) => {
		const path = pathOf(who);
		if (path === null) return rig.feed({ type: 'refused', peer: who, refusal: null });
		return [
			...rig.feed({ type: 'opened', peer: who }),
			...rig.say(who, { type: 'standing-by' }),
			...rig.say(who, { type: 'path', path, delayMs: 10, roots: [contact(1)] })
		];
	});
	return more.length === 0 ? [...outputs] : [...outputs, ...standsBy(rig, more, pathOf)];
}

export const send = (to: PeerId, message: TreeMessage): TreeOutput => ({
	type: 'send',
	to,
	message
});
export const moved = (to: PeerId): TreeOutput =>
	send(to, { type: 'detach', reason: 'moved', candidates: [] });
export const open = (number: number, want: Want = 'parent'): TreeOutput => ({
	type: 'open',
	to: contact(number),
	want
});
export const ofType = <T extends TreeOutput['type']>(
	outputs: readonly TreeOutput[],
	type: T
): Extract<TreeOutput, { type: T }>[] =>
	outputs.filter((output): output is Extract<TreeOutput, { type: T }> => output.type === type);
