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

/** Of so many numbers in a row each thread gets as many: it waits for the one that has most to do. */
const GROUP = 128;

/** On a continent those in one direction live in one thread, so that less crosses; elsewhere they take turns. */
export function createAtlas(wires: Wires, threads: number, byPlace: boolean): Atlas {
	const homes: number[] = [];
	const ids: PeerId[] = [];
	const idOf = (number: number): PeerId => (ids[number] ??= peerIdOf(keyOf(number)));
	const directionOf = (number: number): number => {
		const { x, y } = wires.placeOf(number);
		return Math.atan2(y, x);
	};
	const findHome = (number: number): number => {
		if (!byPlace) return number % threads;
		const first = number - (number % GROUP);
		const group = Array.from({ length: GROUP }, (_, i) => first + i);
		const directions = group.map(directionOf);
		group.sort((a, b) => directions[a - first]! - directions[b - first]!);
		group.forEach((one, rank) => (homes[one] = Math.floor((rank * threads) / GROUP)));
		return homes[number]!;
	};
	const endOf = (number: number): { number: number; id: PeerId; place: Place } => ({
		number,
		id: idOf(number),
		place: wires.placeOf(number)
	});
	return {
		idOf,
		homeOf: (number) => homes[number] ?? (homes[number] = findHome(number)),
		lineTo: (person, other) => wires.line(person, endOf(other)),
		lineFrom: (other, person) => wires.line(endOf(other), person),
		connects: (person, other) => wires.connects(person, endOf(other))
	};
}
