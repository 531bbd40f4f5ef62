/** How likely it is that somebody speaks: Silero's model, which remembers what it heard before. */
import { PIECE_SAMPLES } from './phrases.ts';
import { floats, floatsOf, given, openModel, wholes, type Tensor } from './runtime.ts';

/** The model hears the end of the piece before once more. */
const CONTEXT_SAMPLES = 64;
const STATE_FLOATS = 2 * 128;
const SAMPLE_RATE = 16_000;

export interface VoiceDetector {
	/** Of the next piece of PIECE_SAMPLES, 0..1. */
	hear(piece: Float32Array): Promise<number>;
	/** What comes next does not follow what was heard. */
	forget(): void;
}

export async function openVoiceDetector(model: Uint8Array<ArrayBuffer>): Promise<VoiceDetector> {
	const session = await openModel(model);
	const sampleRate = wholes([SAMPLE_RATE]);
	const silence = (): Tensor => floats(new Float32Array(STATE_FLOATS), 2, 1, STATE_FLOATS / 2);
	let state = silence();
	let context = new Float32Array(CONTEXT_SAMPLES);
	return {
		async hear(piece) {
			const input = new Float32Array(CONTEXT_SAMPLES + PIECE_SAMPLES);
			input.set(context);
			input.set(piece, CONTEXT_SAMPLES);
			context = input.slice(PIECE_SAMPLES);
			const outputs = await session.run({
				input: floats(input, 1, input.length),
				state,
				sr: sampleRate
			});
			state = given(outputs, 'stateN');
			return floatsOf(given(outputs, 'output'))[0] ?? 0;
		},
		forget() {
			state = silence();
			context = new Float32Array(CONTEXT_SAMPLES);
		}
	};
}
