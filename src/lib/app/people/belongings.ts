/** What goes along with an identity to another device: the name, and whom I follow. */
import { FOLLOWS_MAX, NAME_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';
import { textIn } from '../json-record.ts';
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
	try {
		const json = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown> | null;
		const people: unknown = json?.['people'];
		const items: unknown[] = Array.isArray(people) ? people.slice(0, FOLLOWS_MAX) : [];
		return {
			name: cleanText(textIn(json?.['name']), NAME_BYTES_MAX),
			people: items.flatMap((item) => {
				const isRecord = typeof item === 'object' && item !== null;
				const person = isRecord ? readPerson(item as Record<string, unknown>) : null;
				return person === null ? [] : [person];
			})
		};
	} catch {
		return { name: '', people: [] };
	}
}
