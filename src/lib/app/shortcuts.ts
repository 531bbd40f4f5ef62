/**
 * Keys that act in a room without going to the button first: which key does what, and when it does nothing.
 * They can be switched off or given other keys (WCAG 2.2, 2.1.4).
 */

export const SHORTCUTS = ['mute', 'talk', 'hand', 'react', 'silence', 'list'] as const;
export type Shortcut = (typeof SHORTCUTS)[number];

export interface ShortcutChoice {
	readonly on: boolean;
	/** As `KeyboardEvent.key` says it; letters small. */
	readonly keys: Readonly<Record<Shortcut, string>>;
}

export const FIRST_SHORTCUTS: ShortcutChoice = {
	on: true,
	keys: { mute: 'm', talk: ' ', hand: 'h', react: 'r', silence: 's', list: '?' }
};

/** Where the keyboard stands as a key goes down. */
export interface KeyPlace {
	/** Keys write there, or choose by letter. */
	readonly writes: boolean;
	/** On something that Space presses. */
	readonly presses: boolean;
	/** In a dialog, which covers the rest of the room. */
	readonly covered: boolean;
}

export type KeyPress = Pick<
	KeyboardEvent,
	'key' | 'ctrlKey' | 'altKey' | 'metaKey' | 'isComposing' | 'defaultPrevented'
>;

/** What can be heard from under a dialog; the others open things that it covers. */
const IN_DIALOGS: readonly Shortcut[] = ['mute', 'talk', 'silence'];

/** What this key does here; null where it is somebody else's. */
export function shortcutOf(
	press: KeyPress,
	place: KeyPlace,
	{ on, keys }: ShortcutChoice
): Shortcut | null {
	if (!on || place.writes || press.isComposing || press.defaultPrevented) return null;
	if (press.ctrlKey || press.altKey || press.metaKey) return null;
	const key = keyOf(press.key);
	if (key === ' ' && place.presses) return null;
	const found = SHORTCUTS.find((shortcut) => keys[shortcut] === key) ?? null;
	if (place.covered && found !== null && !IN_DIALOGS.includes(found)) return null;
	return found;
}

/** One character, as it is kept: the same with Shift held or not. */
export const keyOf = (key: string): string => key.toLowerCase();

export type KeyProblem =
	/** Not one character: Escape, Tab, arrows and the like have their own uses. */
	| 'no-letter'
	/** Another shortcut has it. */
	| 'taken';

/** Gives a shortcut another key, or says why not. */
export function withKey(
	choice: ShortcutChoice,
	shortcut: Shortcut,
	key: string
): { readonly ok: true; readonly choice: ShortcutChoice } | { ok: false; reason: KeyProblem } {
	const kept = keyOf(key);
	if (!isKey(kept)) return { ok: false, reason: 'no-letter' };
	const taken = SHORTCUTS.some((one) => one !== shortcut && choice.keys[one] === kept);
	if (taken) return { ok: false, reason: 'taken' };
	return { ok: true, choice: { ...choice, keys: { ...choice.keys, [shortcut]: kept } } };
}

/** What was kept; where it cannot be read, or two would share a key, as it is at first. */
export function readShortcuts(json: unknown): ShortcutChoice {
	const { on, keys } = (json ?? {}) as { on?: unknown; keys?: unknown };
	return { on: on !== false, keys: readKeys(keys) ?? FIRST_SHORTCUTS.keys };
}

/** What was kept before there was this one says nothing of it. */
const CAME_LATER: Shortcut = 'silence';
const freeKey = (taken: Record<string, unknown>): string | null =>
	['s', 'l', 'q', 'z', '0', '9'].find((key) => !Object.values(taken).includes(key)) ?? null;

function readKeys(json: unknown): ShortcutChoice['keys'] | null {
	if (typeof json !== 'object' || json === null) return null;
	const given = json as Record<string, unknown>;
	const keys = { ...FIRST_SHORTCUTS.keys };
	for (const shortcut of SHORTCUTS) {
		const key = given[shortcut] ?? (shortcut === CAME_LATER ? freeKey(given) : null);
		if (typeof key !== 'string' || !isKey(key)) return null;
		keys[shortcut] = key;
	}
	return new Set(Object.values(keys)).size === SHORTCUTS.length ? keys : null;
}

/** Names of keys that write nothing (Escape, F5) are longer. */
const isKey = (key: string): boolean => /^.$/u.test(key) && key === keyOf(key);
