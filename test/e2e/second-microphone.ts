/**
 * A second microphone that is unplugged after a while, told apart by its tone: every microphone of Chromium's that is faked
 * plays the same file, and none can be pulled out. `plugInSecondMicrophone` runs in the page and must stand by itself.
 */

/** Opened by its id, a microphone hears the file; when that is over its track ends by itself, as of one that is unplugged. */
export function plugInSecondMicrophone(waveBase64: string): void {
	const { mediaDevices } = navigator;
	const real = mediaDevices.getUserMedia.bind(mediaDevices);
	const wave = Uint8Array.from(atob(waveBase64), (letter) => letter.charCodeAt(0));
	mediaDevices.getUserMedia = async (constraints) => {
		const { audio } = constraints ?? {};
		if (typeof audio !== 'object' || audio.deviceId === undefined) return real(constraints);
		const url = URL.createObjectURL(new Blob([wave], { type: 'audio/wav' }));
		const player = new Audio(url) as HTMLAudioElement & { captureStream(): MediaStream };
		await new Promise((resolve) => {
			player.oncanplaythrough = resolve;
		});
		const stream = player.captureStream();
		await player.play();
		return stream;
	};
}
