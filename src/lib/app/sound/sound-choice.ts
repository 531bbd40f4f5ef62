/** How this person hears and is heard, on this device: which devices, and what is done to the sound. */
import { isRecord, textIn } from '../json-record.ts';

/** A device as it was chosen; its name says which one is meant when it is not there. */
export interface ChosenDevice {
	readonly id: string;
	readonly label: string;
}

export interface SoundChoice {
	/** Null: as the system chooses. */
	readonly microphone: ChosenDevice | null;
	readonly speaker: ChosenDevice | null;
	/** Noise suppressed, echo cancelled, loudness evened out. */
	readonly processing: boolean;
	/** Stereo, at a higher bitrate, with nothing done to the sound, whatever `processing` says. */
	readonly music: boolean;
	/** Of all that is heard, 0 to 1. */
	readonly volume: number;
	/** Voices come from places between left and right. */
	readonly placed: boolean;
}

export const FIRST_SOUND: SoundChoice = {
	microphone: null,
	speaker: null,
	processing: true,
	music: false,
	volume: 1,
	placed: false
};

/** A browser's id of a device is 64 letters, its name a line. */
const DEVICE_TEXT_MAX = 256;

/** Each part that cannot be read is as it is at first. */
export function readSoundChoice(json: unknown): SoundChoice {
	if (!isRecord(json)) return FIRST_SOUND;
	const { microphone, speaker, processing, music, volume, placed } = json;
	return {
		microphone: readDevice(microphone),
		speaker: readDevice(speaker),
		processing: typeof processing === 'boolean' ? processing : FIRST_SOUND.processing,
		music: music === true,
		volume: typeof volume === 'number' && volume >= 0 && volume <= 1 ? volume : FIRST_SOUND.volume,
		placed: placed === true
	};
}

function readDevice(json: unknown): ChosenDevice | null {
	if (!isRecord(json)) return null;
	const [id, label] = [textIn(json['id']), textIn(json['label'])];
	if (id === '' || id.length > DEVICE_TEXT_MAX) return null;
	return { id, label: label.slice(0, DEVICE_TEXT_MAX) };
}
