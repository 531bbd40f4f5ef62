/** A short friendly sound that calls somebody: two notes, made on the spot. */

/** E5 and A5, and when each begins, seconds. */
const NOTES = [
	[659.26, 0],
	[880, 0.16]
] as const;
/** Soft: it comes on top of whoever speaks. */
const LOUDNESS = 0.12;
const RISE_S = 0.012;
const FADE_S = 0.9;
/** Where no sound may play, there is none after this either. */
const GIVE_UP_MS = 3_000;

/** Plays it once. Nothing happens where the browser lets no sound out yet. */
export function ring(): void {
	const context = new AudioContext();
	const close = (): void => {
		clearTimeout(giveUp);
		// A context that is closed already is all that can fail.
		context.close().catch(() => undefined);
	};
	const giveUp = setTimeout(close, GIVE_UP_MS);
	const last = NOTES.map(([hz, afterS]) => note(context, hz, context.currentTime + afterS)).at(-1);
	if (last !== undefined) last.onended = close;
}

/** A struck bar: its tone and, weaker and sooner gone, the octave above. */
function note(context: AudioContext, hz: number, atS: number): OscillatorNode {
	partial(context, { hz: 2 * hz, atS, loudness: LOUDNESS / 4, fadeS: FADE_S / 3 });
	return partial(context, { hz, atS, loudness: LOUDNESS, fadeS: FADE_S });
}

interface Partial {
	readonly hz: number;
	readonly atS: number;
	/** 0 to 1. */
	readonly loudness: number;
	readonly fadeS: number;
}

function partial(context: AudioContext, { hz, atS, loudness, fadeS }: Partial): OscillatorNode {
	const tone = new OscillatorNode(context, { frequency: hz });
	const gain = new GainNode(context, { gain: 0 });
	gain.gain.setValueAtTime(0, atS);
	gain.gain.linearRampToValueAtTime(loudness, atS + RISE_S);
	gain.gain.exponentialRampToValueAtTime(loudness / 1_000, atS + fadeS);
	tone.connect(gain).connect(context.destination);
	tone.start(atS);
	tone.stop(atS + fadeS);
	return tone;
}
