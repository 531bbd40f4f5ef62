/**
 * The languages of the interface: each is one file, messages/<its tag>.json. What the compiler of texts is told of
 * them is written from that.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SETTINGS = join(root, 'project.inlang/settings.json');

/** The one that texts are first written in, then the others by their tags. */
export function languages() {
	const { baseLocale } = JSON.parse(readFileSync(SETTINGS, 'utf8'));
	const tags = readdirSync(join(root, 'messages'))
		.filter((name) => name.endsWith('.json'))
		.map((name) => name.slice(0, -'.json'.length))
		.sort();
	return [baseLocale, ...tags.filter((tag) => tag !== baseLocale)];
}

/** Touches the settings only where a language has come or gone. */
export function tellLanguages() {
	const before = readFileSync(SETTINGS, 'utf8');
	const list = languages().map((tag) => JSON.stringify(tag));
	const after = before.replace(/"locales": \[[^\]]*\]/, `"locales": [${list.join(', ')}]`);
	if (after !== before) writeFileSync(SETTINGS, after);
}
