/** A crowd that some leave and some die out of, told so that any difference between two tellings is seen. */
import { createHash, type Hash } from 'node:crypto';
import type { PeerInput } from '#lib/p2p/peer/io.ts';
import { Dice } from '../dice.ts';
import { isSeated, range } from '../room.ts';
import { FIRST_LISTENER, mix } from '../wires.ts';
import { openCrowd } from './crowd.ts';
import type { Share } from './share.ts';

export interface Digest {
	readonly number: number;
	/** Of all that was handed to it, and when. */
	readonly hash: string;
	readonly counts: {
		readonly alive: boolean;
		readonly heard: number;
		/** Since everybody had come. */
		readonly said: number;
		readonly twice: number;
		readonly wrong: number;
	};
}

const STEPS = 16;
const STEP_MS = 300;
const AFTER_MS = 2_000;
const FRAME_MS = 20;

export function digestStory(
	share: Share,
	{ listeners }: { readonly listeners: number }
): { readonly members: readonly Digest[] } {
	const hashes = new Map<number, Hash>();
	share.taps.push(({ number }, input) => {
		let hash = hashes.get(number);
		if (hash === undefined) hashes.set(number, (hash = createHash('sha256')));
		hash.update(`${share.nowMs} ${input.type} `);
		if (!('bytes' in input)) return void hash.update(textOf(input));
		hash.update('from' in input ? input.from : input.peer).update(input.bytes);
	});
	if (listeners < 0 && share.isHere(0) === (listeners === -1)) throw new Error('broken as asked');
	openCrowd(share, { listeners, comeWithinMs: 600, settleMs: 1_000 });
	const heard = new Map<number, number>();
	share.ears.push(({ number }) => heard.set(number, (heard.get(number) ?? 0) + 1));
	const dice = new Dice(mix(share.seed, 78, 1));
	for (const step of range(STEPS)) {
		share.run(STEP_MS);
		// Everybody throws the dice; one of us may live there.
		const one = share.people.get(FIRST_LISTENER + Math.floor(dice.next() * listeners));
		if (one?.alive !== true || isSeated(one)) continue;
		if (step % 2 === 0) share.kill(one);
		else share.leave(one);
	}
	share.run(AFTER_MS);
	const said = (STEPS * STEP_MS + AFTER_MS) / FRAME_MS;
	return {
		members: [...share.people.values()].map(({ number, alive, twice, wrong }) => ({
			number,
			hash: hashes.get(number)!.digest('hex'),
			counts: { alive, heard: heard.get(number) ?? 0, said, twice, wrong }
		}))
	};
}

const textOf = (input: PeerInput): string =>
	JSON.stringify(input, (_key, value: unknown) =>
		value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
	);
