/**
 * Lays out what captions load, in static/captions: the runtime with its voice activity detection, and one pack for each
 * language. Each file has its hash in its name and, compressed, lies beside itself for the seed. Run by `prepare`; safe
 * to run twice. A folder with a `pack.json` that is put there by hand is a pack as well, and is listed.
 *
 * docs/ARCHITECTURE.md, "Captions", tells what stands in a pack.json.
 */
import { createHash } from 'node:crypto';
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import tokenizer from 'llama-tokenizer-js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'static/captions');
const packages = join(root, 'node_modules');

const FORMAT = 1;
/** 5 of 11: 26 MB in half a second; 9 takes eight times as long for 0.4 % less. */
const BROTLI_QUALITY = 5;
/** So much of a file's hash stands in its name. */
const NAME_HASH_LETTERS = 8;

const moonshine = '@moonshine-ai/moonshine-js';
const model = join(packages, moonshine, 'dist/model/tiny/quantized');

const engine = {
	name: 'engine',
	head: {
		format: FORMAT,
		id: `onnxruntime-web ${versionOf('onnxruntime-web')}`,
		licence: 'MIT',
		source: `npm: onnxruntime-web ${versionOf('onnxruntime-web')}; silero_vad_v6 (MIT) from @ricky0123/vad-web ${versionOf('@ricky0123/vad-web')}`
	},
	files: {
		runtime: [join(packages, 'onnxruntime-web/dist/ort-wasm-simd-threaded.wasm'), 'wasm'],
		voiceActivity: [join(packages, '@ricky0123/vad-web/dist/silero_vad_v6.onnx'), 'onnx']
	}
};

const english = {
	name: 'en',
	head: {
		format: FORMAT,
		id: 'moonshine-tiny-en',
		language: 'en',
		licence: 'MIT',
		source: `npm: ${moonshine} ${versionOf(moonshine)}`,
		model: { kind: 'moonshine', layers: 6, heads: 8, dim: 36, tokensPerSecond: 6.5 },
		/** Least confidence of words that are shown: French taken for English has 0.56 at most. */
		gate: 0.6
	},
	files: {
		encoder: [join(model, 'encoder_model.onnx'), 'onnx'],
		decoder: [join(model, 'decoder_model_merged.onnx'), 'onnx'],
		vocabulary: [vocabulary, 'json']
	},
	licence: join(packages, moonshine, 'LICENSE')
};

await Promise.all([engine, english].map(lay));
listPacks();

function versionOf(name) {
	return JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8')).version;
}

/** Piece by number, as the model counts them. */
function vocabulary() {
	return Buffer.from(JSON.stringify(tokenizer.vocabById));
}

async function lay({ name, head, files, licence }) {
	const place = join(folder, name);
	const entries = Object.entries(files).map(([role, [source, ending]]) => {
		const bytes = typeof source === 'string' ? readFileSync(source) : source();
		const sha256 = createHash('sha256').update(bytes).digest('hex');
		return { role, bytes, sha256, path: `${role}-${sha256.slice(0, NAME_HASH_LETTERS)}.${ending}` };
	});
	const isThere = entries.every(({ path }) => existsSync(join(place, `${path}.br`)));
	if (isThere && existsSync(join(place, 'pack.json')) && headIn(place) === JSON.stringify(head))
		return;
	rmSync(place, { recursive: true, force: true });
	mkdirSync(place, { recursive: true });
	if (licence !== undefined) copyFileSync(licence, join(place, 'LICENSE.txt'));
	const told = await Promise.all(entries.map((entry) => layFile(place, entry)));
	// Last: where it stands, all it names is there.
	const pack = { ...head, files: Object.fromEntries(told) };
	writeFileSync(join(place, 'pack.json'), `${JSON.stringify(pack, null, '\t')}\n`);
}

function headIn(place) {
	const pack = JSON.parse(readFileSync(join(place, 'pack.json'), 'utf8'));
	delete pack.files;
	return JSON.stringify(pack);
}

async function layFile(place, { role, bytes, sha256, path }) {
	const params = {
		[constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
		[constants.BROTLI_PARAM_SIZE_HINT]: bytes.length
	};
	const packed = await promisify(brotliCompress)(bytes, { params });
	writeFileSync(join(place, path), bytes);
	writeFileSync(join(place, `${path}.br`), packed);
	return [role, { path, bytes: bytes.length, transferBytes: packed.length, sha256 }];
}

function listPacks() {
	const names = readdirSync(folder, { withFileTypes: true })
		.filter((entry) => entry.isDirectory() && entry.name !== engine.name)
		.map(({ name }) => name)
		.filter((name) => existsSync(join(folder, name, 'pack.json')));
	const packs = names.map((name) => {
		const { language } = JSON.parse(readFileSync(join(folder, name, 'pack.json'), 'utf8'));
		return { language, path: `${name}/pack.json` };
	});
	const list = join(folder, 'packs.json');
	const text = `${JSON.stringify({ format: FORMAT, packs }, null, '\t')}\n`;
	// Written again it would be younger than the built app, which would then be built again (setup.mjs).
	if (existsSync(list) && readFileSync(list, 'utf8') === text) return;
	writeFileSync(list, text);
}
