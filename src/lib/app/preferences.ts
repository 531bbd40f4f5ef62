/** What this person chose, kept on this device: a name, and how much to pass on. */
import type { Store } from '#lib/io/ports.ts';
import { FANOUT_MAX, NAME_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';
import { readAnnouncements, type AnnouncementChoice } from './announcements.ts';
import { readSignals, type SignalChoice } from './signals.ts';
import { readShortcuts, type ShortcutChoice } from './shortcuts.ts';
import { readNetworkChoice, type NetworkChoice } from './network/network-choice.ts';
import { readSoundChoice, type SoundChoice } from './sound/sound-choice.ts';
import {
	CAPTION_SIZES,
	readCaptionChoice,
	type CaptionChoice,
	type CaptionSize
} from './captions/caption-choice.ts';

export interface Settings {
	/** Children to pass sound on to at most; null for what suits the device. */
	readonly fanout: number | null;
	/** How captions look, and whether our own words are among them. */
	readonly captions: CaptionChoice;
	/** Which keys act in a room. */
	readonly shortcuts: ShortcutChoice;
	/** What is read out of what happens in a room. */
	readonly announcements: AnnouncementChoice;
	/** What calls this person who looks elsewhere. */
	readonly signals: SignalChoice;
	/** How large what people write is shown. */
	readonly chatSize: CaptionSize;
	/** Which devices, and what is done to the sound. */
	readonly sound: SoundChoice;
	/** Which seeds and servers; from the next start on. */
	readonly network: NetworkChoice;
}

export interface Preferences {
	/** Empty where none was chosen. */
	readonly name: string;
	readonly settings: Settings;
	/** Rejects where the browser refuses to keep it; the old one then stays in force. */
	rename(name: string): Promise<void>;
	save(changes: Partial<Settings>): Promise<void>;
}

const NAME_RECORD = 'name';
const SETTINGS_RECORD = 'settings';

export async function loadPreferences(store: Store): Promise<Preferences> {
	let name = readName(await store.get(NAME_RECORD));
	let settings = readSettings(await store.get(SETTINGS_RECORD));
	return {
		get name() {
			return name;
		},
		get settings() {
			return settings;
		},
		async rename(next) {
			const clean = cleanText(next, NAME_BYTES_MAX);
			await store.put(NAME_RECORD, new TextEncoder().encode(clean));
			name = clean;
		},
		async save(changes) {
			let next = settings;
			// On top of what is kept by then: another tab may have chosen something else.
			await store.change(SETTINGS_RECORD, (record) => {
				next = { ...readSettings(record), ...changes };
				return new TextEncoder().encode(JSON.stringify(next));
			});
			settings = next;
		}
	};
}

function readName(record: Uint8Array | null): string {
	return record === null ? '' : cleanText(new TextDecoder().decode(record), NAME_BYTES_MAX);
}

/** What cannot be read of a record is as good as not there. */
function readSettings(record: Uint8Array | null): Settings {
	const json = readJson(record);
	const { fanout, captions, chatSize, shortcuts, announcements, signals, sound, network } = json;
	const isCount = typeof fanout === 'number' && Number.isInteger(fanout);
	const isInRange = isCount && fanout >= 0 && fanout <= FANOUT_MAX;
	return {
		fanout: isInRange ? fanout : null,
		captions: readCaptionChoice(captions),
		chatSize: CAPTION_SIZES.find((size) => size === chatSize) ?? 'medium',
		shortcuts: readShortcuts(shortcuts),
		announcements: readAnnouncements(announcements),
		signals: readSignals(signals),
		sound: readSoundChoice(sound),
		network: readNetworkChoice(network)
	};
}

function readJson(record: Uint8Array | null): Partial<Record<keyof Settings, unknown>> {
	try {
		const json = JSON.parse(new TextDecoder().decode(record ?? new Uint8Array(0))) as unknown;
		return typeof json === 'object' && json !== null ? json : {};
	} catch {
		return {};
	}
}
