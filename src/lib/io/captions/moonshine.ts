/**
 * Speech to text by a model of the Moonshine family (an encoder of sound, a decoder of pieces of words), greedily: each
 * time the likeliest piece. A draft, what was made of the same sound's beginning, is checked in one pass, and what
 * it still holds of is taken; the words are the same as without it.
 */
import type { LanguagePack } from './pack.ts';
import { floats, floatsOf, given, openModel, wholes, yesOrNo } from './runtime.ts';
import type { Session, Tensor } from './runtime.ts';
import { BEGIN, END, goesInCircles, readVocabulary, textOf } from './vocabulary.ts';

const SAMPLE_RATE = 16_000;
/** Some pieces are allowed to the shortest sound. */
const PIECES_LEAST = 4;

export interface Words {
	readonly text: string;
	/** As pieces: a draft for more of the same sound. */
	readonly pieces: readonly number[];
	/** Geometric mean of how likely each piece was, 0..1. */
	readonly confidence: number;
}

export interface Recogniser {
	/** Mono, 16 kHz, some ten seconds at most. */
	words(samples: Float32Array, draft: readonly number[]): Promise<Words>;
}

type Outputs = Awaited<ReturnType<Session['run']>>;

interface Model {
	readonly encoder: Session;
	readonly decoder: Session;
	readonly vocabulary: readonly string[];
	readonly pack: LanguagePack;
}

/** Rejects where these files are no such model. */
export async function openMoonshine(
	pack: LanguagePack,
	files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>
): Promise<Recogniser> {
	const none = new Uint8Array(0);
	const vocabulary = readVocabulary(files['vocabulary'] ?? none);
	if (vocabulary === null) throw new Error('The vocabulary of this pack cannot be read.');
	const encoder = await openModel(files['encoder'] ?? none);
	const decoder = await openModel(files['decoder'] ?? none);
	const model = { encoder, decoder, vocabulary, pack };
	return { words: (samples, draft) => recognise(model, samples, draft) };
}

async function recognise(
	model: Model,
	samples: Float32Array,
	draft: readonly number[]
): Promise<Words> {
	const encoded = await model.encoder.run({ input_values: floats(samples, 1, samples.length) });
	const hidden = given(encoded, 'last_hidden_state');
	const memory = createMemory(model.pack);
	const seconds = samples.length / SAMPLE_RATE;
	const most = Math.max(PIECES_LEAST, Math.ceil(seconds * model.pack.model.tokensPerSecond));
	const said: Said = { pieces: [], logSum: 0, isOver: false, most };
	let input = [BEGIN, ...draft.slice(0, most - 1)];
	try {
		while (!said.isOver) {
			const outputs = await model.decoder.run({
				input_ids: wholes(input, 1, input.length),
				encoder_hidden_states: hidden,
				use_cache_branch: yesOrNo(!memory.isEmpty),
				...memory.tensors
			});
			const taken = take(said, given(outputs, 'logits'), input);
			memory.keep(outputs, taken < input.length ? taken : null);
			input = said.pieces.slice(-1);
		}
	} finally {
		hidden.dispose();
		memory.clear();
	}
	const confidence = Math.exp(said.logSum / (said.pieces.length + 1));
	return { text: textOf(said.pieces, model.vocabulary), pieces: said.pieces, confidence };
}

interface Said {
	readonly pieces: number[];
	logSum: number;
	isOver: boolean;
	/** Pieces this sound can hold. */
	readonly most: number;
}

/** Takes the likeliest piece after each of `input`, until one is not what the draft has. How many of `input` hold. */
function take(said: Said, logits: Tensor, input: readonly number[]): number {
	const width = logits.dims[2] ?? 0;
	const all = floatsOf(logits);
	for (let at = 0; at < input.length; at++) {
		const { piece, log } = likeliest(all.subarray(at * width, (at + 1) * width));
		said.logSum += log;
		said.isOver = piece === END;
		if (!said.isOver) {
			said.pieces.push(piece);
			said.isOver = said.pieces.length >= said.most || goesInCircles(said.pieces);
		}
		if (said.isOver || input[at + 1] !== piece) return at + 1;
	}
	return input.length;
}

/** And the logarithm of how likely it is. */
function likeliest(logits: Float32Array): { readonly piece: number; readonly log: number } {
	let piece = 0;
	let highest = -Infinity;
	for (let i = 0; i < logits.length; i++) {
		const value = logits[i] ?? -Infinity;
		if (value > highest) [piece, highest] = [i, value];
	}
	let sum = 0;
	for (const value of logits) sum += Math.exp(value - highest);
	return { piece, log: -Math.log(sum) };
}

/** What the decoder has worked out of the pieces before, so that it need not do so again. */
interface Memory {
	readonly isEmpty: boolean;
	readonly tensors: Readonly<Record<string, Tensor>>;
	/** `pieces`: after the first pass, how many of its pieces hold; null for all. */
	keep(outputs: Outputs, pieces: number | null): void;
	clear(): void;
}

function createMemory({ model: { layers, heads, dim } }: LanguagePack): Memory {
	const tensors: Record<string, Tensor> = {};
	let isEmpty = true;
	for (let layer = 0; layer < layers; layer++) {
		for (const part of ['decoder.key', 'decoder.value', 'encoder.key', 'encoder.value']) {
			tensors[`past_key_values.${layer}.${part}`] = floats(new Float32Array(0), 0, heads, 1, dim);
		}
	}
	return {
		get isEmpty() {
			return isEmpty;
		},
		tensors,
		keep(outputs, pieces) {
			for (const [name, value] of Object.entries(outputs)) {
				const tensor = value;
				const past = name.replace('present', 'past_key_values');
				const isOfPieces = name.includes('.decoder.');
				// What is made of the sound is made in the first pass, and does not change.
				if (name.startsWith('present') && (isEmpty || isOfPieces)) {
					tensors[past]?.dispose();
					tensors[past] = isOfPieces && pieces !== null ? firstOf(tensor, pieces) : tensor;
				} else tensor.dispose();
			}
			isEmpty = false;
		},
		clear() {
			for (const tensor of Object.values(tensors)) tensor.dispose();
		}
	};
}

/** The first of the pieces in a tensor of [1, heads, pieces, dim]; lets go of the whole. */
function firstOf(tensor: Tensor, pieces: number): Tensor {
	const [, heads = 0, length = 0, dim = 0] = tensor.dims;
	const all = floatsOf(tensor);
	const kept = new Float32Array(heads * pieces * dim);
	for (let head = 0; head < heads; head++) {
		const from = head * length * dim;
		kept.set(all.subarray(from, from + pieces * dim), head * pieces * dim);
	}
	tensor.dispose();
	return floats(kept, 1, heads, pieces, dim);
}
