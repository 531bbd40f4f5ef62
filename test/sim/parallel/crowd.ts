/** A big room on several threads: one who speaks and a crowd that comes over some seconds, as in `../crowd.ts`. */
import { fanoutOf, HOST_FANOUT, JOIN_MAX_MS, type CrowdSize } from '../crowd.ts';
import { Dice } from '../dice.ts';
import { isJoined, isSeated } from '../room.ts';
import { FIRST_LISTENER, mix } from '../wires.ts';
import type { Person } from './person.ts';
import type { Share } from './share.ts';

/** Our listeners; the host, who is number 0, talks when it returns. */
export function openCrowd(share: Share, size: CrowdSize): Person[] {
	const dice = new Dice(mix(share.seed, 77, 1));
	const host = share.join(0, size.hostFanout ?? HOST_FANOUT);
	share.until('the host is on stage', () => host === null || isSeated(host), 1_000);
	if (host !== null) share.wish(host, { type: 'unmute' });
	const stepMs = (size.comeWithinMs ?? 10_000) / size.listeners;
	const listeners: Person[] = [];
	for (let i = 0; i < size.listeners; i++) {
		share.run(stepMs);
		const one = share.join(FIRST_LISTENER + i, size.fanout ?? fanoutOf(dice));
		if (one !== null) listeners.push(one);
	}
	let waiting: readonly Person[] = listeners;
	const isComplete = (): boolean => {
		waiting = waiting.filter((one) => !isJoined(one));
		return waiting.length === 0;
	};
	share.until('everybody is attached', isComplete, JOIN_MAX_MS);
	if (host !== null) share.talk(host);
	share.run(size.settleMs ?? 10_000);
	return listeners;
}
