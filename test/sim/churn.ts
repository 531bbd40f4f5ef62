/** A minute in which people come, go, die, reload, step up and down. */
import { Dice } from './dice.ts';
import { hostOf, isSeated } from './room.ts';
import type { Member, World } from './world.ts';

const CHURN_MS = 60_000;
const CALM_MS = 60_000;
const EVERY_MS = 700;
const MEMBERS_MAX = 45;
export const TALK_EVERY_MS = 100;

/** One thing happens to somebody. The host stays, so that the room has somebody who invites. */
function shake(world: World, dice: Dice, nextNumber: () => number): void {
	const pick = (from: readonly Member[]): Member | undefined =>
		from[Math.floor(dice.next() * from.length)];
	const others = world.alive.filter((member) => member.number !== 0);
	const someone = pick(others);
	const fate = dice.next();
	if (fate < 0.3 || someone === undefined) {
		if (others.length < MEMBERS_MAX) world.join(nextNumber(), 1 + Math.floor(dice.next() * 4));
	} else if (fate < 0.45) world.kill(someone);
	else if (fate < 0.6) world.leave(someone);
	else if (fate < 0.7) world.reload(someone);
	else if (fate < 0.8) world.cut(someone, pick(others) ?? someone);
	else if (fate < 0.9) world.wish(hostOf(world), { type: 'invite', peer: someone.id });
	else {
		const speaker = pick(others.filter(isSeated));
		if (speaker !== undefined) world.wish(speaker, { type: 'step-down' });
	}
}

/** Who is invited accepts, and who sits down talks. */
function takeTurns(world: World): void {
	for (const member of world.alive) {
		const { me } = member.peer.view();
		if (me.invitation !== null) {
			world.wish(member, { type: 'accept', invitation: me.invitation.id });
		}
		if (!isSeated(member)) member.talking = false;
		else if (!member.talking) {
			world.wish(member, { type: 'unmute' });
			world.talk(member, TALK_EVERY_MS);
		}
	}
}

/** The minute, and another in which nothing happens to anybody. */
export function livelyMinute(world: World, seed: number, check: () => void): void {
	const dice = new Dice(seed);
	let number = 500;
	for (let atMs = 0; atMs < CHURN_MS + CALM_MS; atMs += EVERY_MS) {
		if (atMs < CHURN_MS) shake(world, dice, () => number++);
		world.run(EVERY_MS, check);
		takeTurns(world);
	}
}
