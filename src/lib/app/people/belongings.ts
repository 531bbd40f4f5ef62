/** What goes along with an identity to another device: the name, and whom I follow. */
import { FOLLOWS_MAX, NAME_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';
import { isRecord, listIn, parsed, textIn } from '../json-record.ts';
import { readPerson, writePerson, type Person } from './people.ts';

export interface Belongings {
	/** Empty where none was chosen. */
	readonly name: string;
	readonly people: readonly Person[];
}

export function belongingsOf(name: string, people: readonly Person[]): Uint8Array {
	return new TextEncoder().encode(JSON.stringify({ name, people: people.map(writePerson) }));
}

/** What cannot be read is not there. */
export function readBelongings(bytes: Uint8Array): Belongings {
	const json = parsed(bytes);
	const { name, people } = isRecord(json) ? json : {};
	return {
		name: cleanText(textIn(name), NAME_BYTES_MAX),
		people: listIn(people, readPerson).slice(0, FOLLOWS_MAX)
	};
}
