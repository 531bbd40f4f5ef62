/** What keeps sound from being tried out, in words. */
import type { SoundTestProblem } from '#lib/app/state/sound-state.svelte.ts';
import * as m from '#lib/paraglide/messages.js';
import { microphoneWords } from '../words.ts';

export function soundProblemWords(problem: SoundTestProblem): { title: string; hint: string } {
	switch (problem) {
		case 'failed':
			return { title: m.sound_failed(), hint: m.sound_failed_hint() };
		case 'taken-away':
			return { title: m.sound_lost(), hint: m.mic_taken_away_hint() };
		case 'refused':
		case 'missing':
		case 'in-use':
		case 'unsupported':
			return microphoneWords(problem);
	}
}
