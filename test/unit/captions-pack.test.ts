import { existsSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { packFor, readLanguagePack, readPack, readPackList } from '#lib/io/captions/pack.ts';

const file = {
	path: 'encoder-00112233.onnx',
	bytes: 100,
	transferBytes: 60,
	sha256: '0'.repeat(64)
};
const files = { encoder: file, decoder: file, vocabulary: file };
const pack = {
	format: 1,
	id: 'moonshine-tiny-en',
	language: 'en',
	licence: 'MIT',
	model: { kind: 'moonshine', layers: 6, heads: 8, dim: 36, tokensPerSecond: 6.5 },
	gate: 0.6,
	files
};

describe('a pack of captions', () => {
	it('is read as it is written', () => {
		const read = readLanguagePack({ ...pack, source: 'somewhere' });
		expect({ format: 1, ...read }).toEqual(pack);
	});

	it.each([
		['a later format', { format: 2 }],
		['no licence', { licence: '' }],
		['no language', { language: 'English!' }],
		['no gate', { gate: 0 }],
		['another kind of model', { model: { ...pack.model, kind: 'parrot' } }],
		['a model of no shape', { model: { ...pack.model, layers: 1e9 } }],
		['a file too few', { files: { encoder: file, decoder: file } }],
		['a file elsewhere', { files: { ...files, decoder: { ...file, path: '../../x.onnx' } } }],
		['a file at another address', { files: { ...files, decoder: { ...file, path: '//x.y/z' } } }],
		['a file without a hash', { files: { ...files, decoder: { ...file, sha256: '' } } }],
		['a file too large to hold', { files: { ...files, decoder: { ...file, bytes: 1e12 } } }]
	])('is none with %s', (_, changes) => {
		expect(readLanguagePack({ ...pack, ...changes })).toBeNull();
	});

	it('is none where it is something else', () => {
		for (const json of [null, 7, 'pack', [], {}]) expect(readPack(json, [])).toBeNull();
	});
});

describe('the list of packs', () => {
	it('has those that can be read', () => {
		const packs = [
			{ language: 'en', path: 'en/pack.json' },
			{ language: 'fr', path: '../fr/pack.json' },
			'de'
		];
		expect(readPackList({ format: 1, packs })).toEqual([packs[0]]);
		expect(readPackList({ format: 1 })).toBeNull();
	});

	it('has one for a language wherever it is spoken, and the nearest one first', () => {
		const places = ['pt', 'en', 'en-GB'].map((language) => ({ language, path: language }));
		expect(packFor(places, 'en-GB')?.path).toBe('en-GB');
		expect(packFor(places, 'en-US')?.path).toBe('en');
		expect(packFor(places, 'pt-BR')?.path).toBe('pt');
		expect(packFor(places, 'fr')).toBeNull();
	});
});

describe('what is laid out for the seed', () => {
	const folder = new URL('../../static/captions/', import.meta.url);
	const json = (path: string): unknown => JSON.parse(readFileSync(new URL(path, folder), 'utf8'));

	it('is what its packs say, whole and compressed', () => {
		expect(readPackList(json('packs.json'))).toContainEqual({
			language: 'en',
			path: 'en/pack.json'
		});
		const english = readLanguagePack(json('en/pack.json'));
		const engine = readPack(json('engine/pack.json'), ['runtime', 'voiceActivity']);
		const all = [
			...Object.values(english?.files ?? {}).map((one) => ({ at: 'en/', ...one })),
			...Object.values(engine?.files ?? {}).map((one) => ({ at: 'engine/', ...one }))
		];
		expect(all).toHaveLength(5);
		for (const { at, path, bytes, transferBytes, sha256 } of all) {
			const whole = readFileSync(new URL(at + path, folder));
			expect(whole.length).toBe(bytes);
			expect(createHash('sha256').update(whole).digest('hex')).toBe(sha256);
			expect(path).toContain(sha256.slice(0, 8));
			expect(readFileSync(new URL(`${at}${path}.br`, folder)).length).toBe(transferBytes);
		}
		expect(all.reduce((sum, { transferBytes }) => sum + transferBytes, 0)).toBeLessThan(26e6);
		expect(existsSync(new URL('en/LICENSE.txt', folder))).toBe(true);
	});
});
