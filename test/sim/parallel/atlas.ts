/** Where everybody is: what all threads know of every member by its number alone. */
import { peerIdOf, type PeerId } from '#lib/p2p/wire/ids.ts';
import { keyOf } from '../member.ts';
import type { Place } from '../places.ts';
import type { Line, Wires } from '../wires.ts';
import type { Person } from './person.ts';

/** One way to the directory. */
export const DIRECTORY_MS = 25;

export interface Atlas {
	idOf(number: number): PeerId;
	/** The thread it lives in. */
	homeOf(number: number): number;
	lineTo(person: Person, other: number): Line;
	lineFrom(other: number, person: Person): Line;
	/** False where no link between the two will ever open. */
	connects(person: Person, other: number): boolean;
}

/** On a continent those in one direction live in one thread, so that less crosses; elsewhere they take turns. */
export function createAtlas(wires: Wires, threads: number, byPlace: boolean): Atlas {
	const homes: number[] = [];
	const ids: PeerId[] = [];
	const idOf = (number: number): PeerId => (ids[number] ??= peerIdOf(keyOf(number)));
	const findHome = (number: number): number => {
		if (!byPlace) return number % threads;
		const { x, y } = wires.placeOf(number);
		const turn = Math.atan2(y, x) / (2 * Math.PI) + 0.5;
		return Math.min(threads - 1, Math.floor(turn * threads));
	};
	const endOf = (number: number): { number: number; id: PeerId; place: Place } => ({
		number,
		id: idOf(number),
		place: wires.placeOf(number)
	});
	return {
		idOf,
		homeOf: (number) => (homes[number] ??= findHome(number)),
		lineTo: (person, other) => wires.line(person, endOf(other)),
		lineFrom: (other, person) => wires.line(endOf(other), person),
		connects: (person, other) => wires.connects(person, endOf(other))
	};
}
