/**
 * What captions load, as the seed lays it out: a list of packs, and for each pack what it is and which files it has.
 * Nothing in them is believed: what does not have this form is no pack. docs/ARCHITECTURE.md tells it in words.
 */
import type { CaptionPack } from '../ports.ts';

/** A pack names four files; more than these are not ours. */
const FILES_MAX = 16;
/** The largest file a browser is asked to hold: ten times today's. */
const FILE_BYTES_MAX = 256 * 1024 * 1024;
/** Languages one seed serves. */
const PACKS_MAX = 64;
const FORMAT = 1;

export interface PackFile {
	/** Below the folder of the pack.json. */
	readonly path: string;
	readonly bytes: number;
	/** As the seed sends it, compressed. */
	readonly transferBytes: number;
	/** Hex. */
	readonly sha256: string;
}

export interface PackOfFiles {
	readonly id: string;
	readonly licence: string;
	/** By what each is for. */
	readonly files: Readonly<Record<string, PackFile>>;
}

/** How a model of this kind is built inside. */
export interface MoonshineModel {
	readonly kind: 'moonshine';
	readonly layers: number;
	readonly heads: number;
	readonly dim: number;
	/** No speech has more pieces of words than this. */
	readonly tokensPerSecond: number;
}

export interface LanguagePack extends PackOfFiles {
	/** BCP 47. */
	readonly language: string;
	readonly model: MoonshineModel;
	/** Least confidence (0..1) of words that are shown. */
	readonly gate: number;
}

type Json = Readonly<Record<string, unknown>>;

/** What a list holds that can be read; null where it is no list of ours. */
export function readPackList(json: unknown): readonly CaptionPack[] | null {
	if (!isRecord(json) || json['format'] !== FORMAT || !Array.isArray(json['packs'])) return null;
	return (json['packs'] as unknown[]).slice(0, PACKS_MAX).flatMap((one) => {
		if (!isRecord(one)) return [];
		const { language, path } = one;
		return isLanguage(language) && isPath(path) ? [{ language, path }] : [];
	});
}

/** Null where it is malformed, of a later format, or lacks one of `needed`. */
export function readPack(json: unknown, needed: readonly string[]): PackOfFiles | null {
	if (!isRecord(json) || json['format'] !== FORMAT || !isRecord(json['files'])) return null;
	const { id, licence } = json;
	if (!isText(id) || !isText(licence)) return null;
	const entries = Object.entries(json['files']);
	if (entries.length > FILES_MAX || !needed.every((name) => name in (json['files'] as Json)))
		return null;
	const files = entries.flatMap(([name, file]) => (isFile(file) ? [[name, file] as const] : []));
	return files.length < entries.length ? null : { id, licence, files: Object.fromEntries(files) };
}

export function readLanguagePack(json: unknown): LanguagePack | null {
	const pack = readPack(json, ['encoder', 'decoder', 'vocabulary']);
	if (pack === null || !isRecord(json)) return null;
	const { language, model, gate } = json;
	const isGate = typeof gate === 'number' && gate > 0 && gate < 1;
	return isLanguage(language) && isModel(model) && isGate
		? { ...pack, language, model, gate }
		: null;
}

/** The pack for a language: the very same one, or one of the same language wherever it is spoken. */
export function packFor(packs: readonly CaptionPack[], language: string): CaptionPack | null {
	const base = baseOf(language);
	return (
		packs.find((pack) => pack.language === language) ??
		packs.find((pack) => baseOf(pack.language) === base) ??
		null
	);
}

/** 'en' of 'en-GB'. */
export const baseOf = (language: string): string => (language.split('-')[0] ?? '').toLowerCase();

const isRecord = (value: unknown): value is Json =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string =>
	typeof value === 'string' && value.length > 0 && value.length <= 200;
const isLanguage = (value: unknown): value is string =>
	typeof value === 'string' && /^[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8}){0,3}$/.test(value);
/** Within the folder it stands in. */
const isPath = (value: unknown): value is string =>
	typeof value === 'string' && /^[\w-]+([./][\w-]+){0,5}$/.test(value);
const isCount = (value: unknown, max: number): value is number =>
	Number.isInteger(value) && (value as number) > 0 && (value as number) <= max;

function isFile(value: unknown): value is PackFile {
	if (!isRecord(value)) return false;
	const { path, bytes, transferBytes, sha256 } = value;
	return (
		isPath(path) &&
		isCount(bytes, FILE_BYTES_MAX) &&
		isCount(transferBytes, FILE_BYTES_MAX) &&
		typeof sha256 === 'string' &&
		/^[0-9a-f]{64}$/.test(sha256)
	);
}

function isModel(value: unknown): value is MoonshineModel {
	if (!isRecord(value) || value['kind'] !== 'moonshine') return false;
	const { layers, heads, dim, tokensPerSecond } = value;
	const isShape = isCount(layers, 64) && isCount(heads, 64) && isCount(dim, 1024);
	return isShape && typeof tokensPerSecond === 'number' && tokensPerSecond > 0;
}
