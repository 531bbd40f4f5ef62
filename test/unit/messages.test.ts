/** The texts of the interface: every language has all of them, and none that nothing says. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Variants {
	readonly declarations: readonly string[];
	readonly match: Readonly<Record<string, string>>;
}
type Message = string | readonly [Variants];
type Texts = Readonly<Record<string, Message>>;

const tags = readdirSync('messages').map((name) => name.replace(/\.json$/, ''));
const languages = tags.map((tag) => [tag, textsOf(tag)] as const);
const first = textsOf('en');
const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
	.filter((name) => /\.(svelte|ts)$/.test(name) && !name.includes('paraglide'))
	.map((name) => readFileSync(join('src', name), 'utf8'))
	.join('\n');

function textsOf(tag: string): Texts {
	const { $schema, ...texts } = JSON.parse(readFileSync(`messages/${tag}.json`, 'utf8')) as Texts;
	expect($schema).toBeDefined();
	return texts;
}

const wordings = (message: Message): readonly string[] =>
	typeof message === 'string' ? [message] : Object.values(message[0].match);

/** What is put into it: its `{names}`, and what it chooses by. */
function inputsOf(message: Message): string[] {
	const declared = typeof message === 'string' ? [] : message[0].declarations;
	const inputs = declared.flatMap((one) => /^input (\w+)$/.exec(one)?.[1] ?? []);
	const locals = declared.flatMap((one) => /^local (\w+)/.exec(one)?.[1] ?? []);
	const named = wordings(message).flatMap((text) =>
		[...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
	);
	return [...new Set([...inputs, ...named])].filter((name) => !locals.includes(name)).sort();
}

/** Kinds of number the language tells apart that this message has no words for. */
function forgotten(tag: string, message: Message): string[] {
	if (typeof message === 'string') return [];
	const [{ match }] = message;
	const keys = Object.keys(match);
	const chosenBy = keys[0]?.split('=')[0] ?? '';
	if (!/plural/i.test(chosenBy) || keys.some((key) => key.endsWith('=*'))) return [];
	const kinds = new Intl.PluralRules(tag).resolvedOptions().pluralCategories;
	return kinds.filter((kind) => !keys.includes(`${chosenBy}=${kind}`));
}

const offending = (texts: Texts, wrong: (key: string, message: Message) => boolean): string[] =>
	Object.entries(texts).flatMap(([key, message]) => (wrong(key, message) ? [key] : []));

describe('the texts', () => {
	it('are all said somewhere', () => {
		const said = new Set([...source.matchAll(/\bm\.(\w+)/g)].map((match) => match[1]));
		expect(said.size).toBeGreaterThan(400);
		expect(offending(first, (key) => !said.has(key))).toEqual([]);
	});

	it('are the languages that the compiler knows of', () => {
		const settings = readFileSync('project.inlang/settings.json', 'utf8');
		const { locales } = JSON.parse(settings) as { locales: string[] };
		expect([...locales].sort()).toEqual([...tags].sort());
		expect(tags.length).toBeGreaterThan(1);
	});

	it.each(languages)('in %s are all there, and no others', (_, texts) => {
		expect(Object.keys(texts).sort()).toEqual(Object.keys(first).sort());
		expect(offending(texts, (_key, message) => wordings(message).includes(''))).toEqual([]);
	});

	it.each(languages)('in %s take the same names and numbers', (_, texts) => {
		const wrong = offending(
			texts,
			(key, message) => inputsOf(message).join() !== inputsOf(first[key] ?? '').join()
		);
		expect(wrong).toEqual([]);
	});

	it.each(languages)('in %s have words for every kind of number', (tag, texts) => {
		expect(offending(texts, (_, message) => forgotten(tag, message).length > 0)).toEqual([]);
	});
});
