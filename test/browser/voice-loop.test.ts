/** Our own voice on its way out, and what we play coming back in with it: told once, and forgotten where we mute. */
import { expect, it } from 'vitest';
import { createVoice } from '#lib/app/engine/voice.ts';
import type { CapturedFrame } from '#lib/io/audio/worklet-names.ts';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import type { PeerInput } from '#lib/p2p/peer/io.ts';
import type { Feedback } from '#lib/p2p/voice/feedback.ts';
import { soundOfFrame } from '#lib/p2p/voice/frame-sound.ts';
import { RATE, voiceLike } from '../lib/sound.ts';

const FRAME = RATE / 50;
const START_MS = 1_800_000_000_000;

it('is told to whoever speaks when the loudspeaker comes back in, and not once muted', async () => {
	const told: (Feedback | null)[] = [];
	const sent: PeerInput[] = [];
	const voice = createVoice(
		createSystemClock(),
		(input) => sent.push(input),
		(error) => expect.unreachable(error),
		(what) => told.push(what)
	);
	const { port1, port2 } = new MessageChannel();
	voice.take(port2, false);
	voice.setOpen(true);
	const played = voiceLike(10);
	const at = (sound: Float32Array<ArrayBuffer>, i: number): Float32Array<ArrayBuffer> =>
		sound.slice(i * FRAME, (i + 1) * FRAME);
	for (let i = 0; i < 500; i++) {
		if (i % 25 === 24) {
			const frames = Array.from({ length: 25 }, (_, k) => soundOfFrame(at(played, i - 24 + k)));
			voice.played({ type: 'heard', frames, untilMs: START_MS + 20 * i });
		}
		// 100 ms later, a third as loud.
		const samples = at(played, Math.max(0, i - 5)).map((x) => x / 3);
		const frame: CapturedFrame = {
			type: 'captured',
			...{ samples, right: null, atMs: START_MS + 20 * i }
		};
		// Behind the voice, which heard of it first.
		const taken = new Promise((resolve) => {
			port2.addEventListener('message', resolve, { once: true });
		});
		port1.postMessage(frame);
		await taken;
	}
	await expect.poll(() => told).toEqual(['echo']);
	await expect.poll(() => sent.filter(({ type }) => type === 'voice').length).toBeGreaterThan(100);
	voice.setOpen(false);
	expect(told).toEqual(['echo', null]);
	voice.close();
});
