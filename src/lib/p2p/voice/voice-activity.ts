/**
 * Is somebody speaking? By energy against a noise floor that follows the room. Errs on the side of sending:
 * a packet too many costs 40 bytes, a word cut off costs the word.
 */
import { LEVEL_SILENT } from '../wire/packet.ts';
import { loudnessOf } from './loudness.ts';

/** Levels in dBFS, 0 for a square wave at full scale. Anything this loud is sent, whatever it is. */
const ALWAYS_DBFS = -45;
/** Anything below this is sent by nobody: the hiss of a quiet microphone. */
const NEVER_DBFS = -68;
/** Speech stands out from the noise by at least this much, at its softest. */
const ABOVE_NOISE_DB = 7;
/** The floor falls at once to what is quieter and rises slowly, so that a long vowel is not taken for noise. */
const FLOOR_RISE_DB_PER_FRAME = 0.03;
/** Sound goes on for 300 ms after its last loud frame: the ends of words are soft. */
const HANGOVER_FRAMES = 15;

export interface VoiceFrame {
	readonly active: boolean;
	/** Level of the frame in -dBov, 0 (loudest) to 127 (silence), as in RFC 6464. */
	readonly level: number;
}

/** A detector; feed it each captured frame of 20 ms, samples from -1 to 1, in order. */
export function createVoiceActivity(): (frame: Float32Array) => VoiceFrame {
	let floor = NEVER_DBFS;
	let hangover = 0;
	return (frame) => {
		const loudness = loudnessOf(frame);
		const loud = loudness > thresholdOver(floor);
		const risen = Math.min(loudness, floor + FLOOR_RISE_DB_PER_FRAME, ALWAYS_DBFS);
		floor = Math.max(NEVER_DBFS, risen);
		hangover = loud ? HANGOVER_FRAMES : Math.max(0, hangover - 1);
		return { active: hangover > 0, level: levelOf(loudness) };
	};
}

/** Below this not even the softest note is sent: what a device makes by itself. */
const MUSIC_NEVER_DBFS = -75;
/** A rest or the end of a note is part of the music: 2 s. */
const MUSIC_HANGOVER_FRAMES = 100;

/** The same for music: what is steady is no noise there, and what is soft is no silence. */
export function createMusicActivity(): (frame: Float32Array) => VoiceFrame {
	let hangover = 0;
	return (frame) => {
		const loudness = loudnessOf(frame);
		const sounds = loudness > MUSIC_NEVER_DBFS;
		hangover = sounds ? MUSIC_HANGOVER_FRAMES : Math.max(0, hangover - 1);
		return { active: hangover > 0, level: levelOf(loudness) };
	};
}

function thresholdOver(floor: number): number {
	return Math.min(ALWAYS_DBFS, Math.max(NEVER_DBFS, floor + ABOVE_NOISE_DB));
}

function levelOf(loudness: number): number {
	return Math.max(0, Math.min(LEVEL_SILENT, Math.round(-loudness)));
}
