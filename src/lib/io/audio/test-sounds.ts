/** Sounds by which a person finds out whether they hear anything: a tone, and what the microphone heard. */
import { SAMPLE_RATE } from '#lib/p2p/playout/units.ts';

/** Two notes, a fifth apart, so that it is not taken for a fault; half as loud as speech may be. */
const NOTES_HZ = [440, 660] as const;
const NOTE_S = 0.45;
const PEAK = 0.2;
/** Without a glide at its ends a note clicks. */
const GLIDE_S = 0.02;

/** Resolves when it is over. */
export async function playTestTone(context: AudioContext): Promise<void> {
	const length = Math.round(2 * NOTE_S * SAMPLE_RATE);
	const samples = Float32Array.from({ length }, (_, i) => {
		const atS = i / SAMPLE_RATE;
		const note = atS < NOTE_S ? 0 : 1;
		const within = atS - note * NOTE_S;
		const edge = Math.min(1, within / GLIDE_S, (NOTE_S - within) / GLIDE_S);
		return PEAK * edge * Math.sin(2 * Math.PI * NOTES_HZ[note] * within);
	});
	await playSamples(context, [samples]);
}

/** Channels of equal length, 48 kHz. Resolves when they were played, or the context is closed. */
export async function playSamples(
	context: AudioContext,
	channels: readonly Float32Array<ArrayBuffer>[]
): Promise<void> {
	const [first] = channels;
	if (first === undefined || first.length === 0) return;
	if (context.state === 'suspended') await context.resume();
	const buffer = context.createBuffer(channels.length, first.length, SAMPLE_RATE);
	channels.forEach((samples, i) => buffer.copyToChannel(samples, i));
	const source = new AudioBufferSourceNode(context, { buffer });
	source.connect(context.destination);
	await new Promise<void>((resolve) => {
		source.addEventListener('ended', () => resolve(), { once: true });
		source.start();
	});
	source.disconnect();
}
