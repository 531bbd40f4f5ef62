/** A room by keys: what each does, and speaking for as long as one is held. */
import {
	keyOf,
	shortcutOf,
	type KeyPlace,
	type Shortcut,
	type ShortcutChoice
} from '../shortcuts.ts';
import type { RoomState } from './room-state.svelte.ts';

export interface RoomKeysParts {
	readonly room: Pick<RoomState, 'onStage' | 'view' | 'asksConsent' | 'may'> &
		Pick<RoomState, 'toggleMute' | 'hush' | 'toggleHand' | 'goUp' | 'toggleSilence'>;
	readonly choice: () => ShortcutChoice;
	/** Opens and closes the bar of reactions. */
	readonly react: () => void;
	/** Shows the list of keys. */
	readonly list: () => void;
}

export interface RoomKeys {
	/** A key went down; true where it was one of ours. `repeat`: it was down already. */
	down(press: KeyboardEvent, place: KeyPlace): boolean;
	up(press: Pick<KeyboardEvent, 'key'>): void;
	/** The window lost the keyboard: no key is held any more, as far as we will ever hear. */
	letGo(): void;
}

export function createRoomKeys(parts: RoomKeysParts): RoomKeys {
	const { room } = parts;
	/** The key that is held to talk. */
	let held: string | null = null;

	/** Only from silence: who speaks already goes on. A question that is open is answered first. */
	function talk(key: string): void {
		if (held !== null || !room.onStage || !room.view.me.muted || room.asksConsent) return;
		held = key;
		room.toggleMute();
	}

	function letGo(): void {
		if (held === null) return;
		held = null;
		if (room.onStage) room.hush();
	}

	function act(shortcut: Shortcut, key: string): void {
		switch (shortcut) {
			case 'mute':
				if (room.onStage) room.toggleMute();
				return;
			case 'talk':
				return talk(key);
			case 'hand':
				if (room.onStage) return;
				if (room.may('stage')) room.goUp();
				else room.toggleHand();
				return;
			case 'react':
				return parts.react();
			case 'silence':
				return room.toggleSilence();
			case 'list':
				return parts.list();
		}
	}

	return {
		down(press, place) {
			const shortcut = shortcutOf(press, place, parts.choice());
			if (shortcut === null) return false;
			if (!press.repeat) act(shortcut, keyOf(press.key));
			return true;
		},
		up({ key }) {
			if (held === keyOf(key)) letGo();
		},
		letGo
	};
}
