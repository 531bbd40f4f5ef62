import { RATE, voiceLike } from '../lib/sound.ts';

const VOICE_S = 30;
/** Half of each is a pause (`voiceLike`). */
const SYLLABLE_S = 1 / 1.7;

/** A voice with another in its pauses: who comes in the middle of a pause would seem to hear late. */
export function steadyVoice(): Float32Array {
	const voice = voiceLike(VOICE_S);
	const shift = Math.round((SYLLABLE_S * RATE) / 2);
	return voice.map((sample, i) => sample + (voice[(i + shift) % voice.length] ?? 0));
}
