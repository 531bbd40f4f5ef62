/** What happens to devices without our doing. */

export interface SoundNews {
	/** Another device hears or plays now than the one that was chosen. */
	readonly type: 'microphone-instead' | 'speaker-instead';
	/** By its name, which may be empty. */
	readonly label: string;
}
