/** The microphones and loudspeakers of this device, as far as the browser tells of them. */

export interface SoundDevice {
	/** Stays the same for this app on this browser, until its site data is deleted. */
	readonly id: string;
	readonly label: string;
}

export interface SoundDevices {
	readonly microphones: readonly SoundDevice[];
	readonly speakers: readonly SoundDevice[];
	/** False where the browser does not say what they are called: before it was let use a microphone. */
	readonly named: boolean;
}

export const NO_DEVICES: SoundDevices = { microphones: [], speakers: [], named: false };

/** Chromium lists what the system has chosen once more, under these names. */
const CHOSEN_BY_SYSTEM = ['', 'default', 'communications'];

/** None where this browser, or this page without TLS, tells of none. */
export async function listSoundDevices(): Promise<SoundDevices> {
	const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
	if (mediaDevices === undefined) return NO_DEVICES;
	const all = await mediaDevices.enumerateDevices();
	const of = (kind: MediaDeviceKind): SoundDevice[] =>
		all
			.filter((device) => device.kind === kind && !CHOSEN_BY_SYSTEM.includes(device.deviceId))
			.map(({ deviceId, label }) => ({ id: deviceId, label }));
	const microphones = of('audioinput');
	return {
		microphones,
		speakers: of('audiooutput'),
		named: microphones.some(({ label }) => label !== '')
	};
}

/** Calls when a device was plugged in or out. Returns how to stop. */
export function watchSoundDevices(listener: () => void): () => void {
	const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
	mediaDevices?.addEventListener('devicechange', listener);
	return () => mediaDevices?.removeEventListener('devicechange', listener);
}

/** Whether the person has let us use a microphone already, so that opening one asks nothing. */
export async function mayUseMicrophone(): Promise<boolean> {
	try {
		const { state } = await navigator.permissions.query({ name: 'microphone' });
		return state === 'granted';
	} catch {
		// Some browsers do not know this question.
		return false;
	}
}
