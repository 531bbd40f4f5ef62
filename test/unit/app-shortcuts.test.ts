/** Keys that act in a room: whose they are, how they are changed, and speaking while one is held. */
import { describe, expect, it } from 'vitest';
import {
	FIRST_SHORTCUTS,
	readShortcuts,
	shortcutOf,
	withKey,
	type KeyPlace,
	type KeyPress
} from '#lib/app/shortcuts.ts';
import { createRoomKeys, type RoomKeysParts } from '#lib/app/state/room-keys.ts';

const PAGE: KeyPlace = { writes: false, presses: false, covered: false };
const key = (name: string, more: Partial<KeyPress> = {}): KeyPress => ({
	key: name,
	...{ ctrlKey: false, altKey: false, metaKey: false, isComposing: false, defaultPrevented: false },
	...more
});
const of = (press: KeyPress, place: Partial<KeyPlace> = {}) =>
	shortcutOf(press, { ...PAGE, ...place }, FIRST_SHORTCUTS);

describe('a key in a room', () => {
	it('does what stands in the list, with Shift or without', () => {
		expect(['m', 'M', ' ', 'h', 'r', '?', 'x'].map((name) => of(key(name)))).toEqual([
			...['mute', 'mute', 'talk', 'hand', 'react', 'list', null]
		]);
	});

	it('is never taken from who writes, nor from what the browser does with it', () => {
		expect(of(key('m'), { writes: true })).toBeNull();
		expect(of(key(' '), { writes: true })).toBeNull();
		for (const more of ['ctrlKey', 'altKey', 'metaKey', 'isComposing', 'defaultPrevented'])
			expect(of(key('m', { [more]: true }))).toBeNull();
	});

	it('leaves Space to what it presses; letters press nothing', () => {
		expect(of(key(' '), { presses: true })).toBeNull();
		expect(of(key('m'), { presses: true })).toBe('mute');
	});

	it('opens nothing under a dialog, but mutes there', () => {
		const inDialog = ['m', ' ', 'h', 'r', '?'].map((name) => of(key(name), { covered: true }));
		expect(inDialog).toEqual(['mute', 'talk', null, null, null]);
	});

	it('does nothing once they are switched off', () => {
		expect(shortcutOf(key('m'), PAGE, { ...FIRST_SHORTCUTS, on: false })).toBeNull();
	});
});

describe('another key', () => {
	it('takes the place of the first one', () => {
		const next = withKey(FIRST_SHORTCUTS, 'mute', 'X');
		expect(next).toMatchObject({ ok: true, choice: { keys: { mute: 'x', hand: 'h' } } });
	});

	it('is one character that no other shortcut has', () => {
		expect(withKey(FIRST_SHORTCUTS, 'mute', 'h')).toEqual({ ok: false, reason: 'taken' });
		for (const name of ['Escape', 'Enter', 'F5', ''])
			expect(withKey(FIRST_SHORTCUTS, 'mute', name)).toEqual({ ok: false, reason: 'no-letter' });
	});

	it('is read from what was kept, and only as a whole', () => {
		const kept = { on: false, keys: { ...FIRST_SHORTCUTS.keys, mute: 'x' } };
		expect(readShortcuts(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
		const twice = { ...FIRST_SHORTCUTS.keys, mute: 'h' };
		for (const keys of [twice, { mute: 'x' }, 'm', null])
			expect(readShortcuts({ keys })).toEqual(FIRST_SHORTCUTS);
		expect(readShortcuts(undefined)).toEqual(FIRST_SHORTCUTS);
	});

	it('finds a free one for what came later', () => {
		const { silence, ...before } = FIRST_SHORTCUTS.keys;
		expect(silence).toBe('s');
		expect(readShortcuts({ keys: before })).toEqual(FIRST_SHORTCUTS);
		expect(readShortcuts({ keys: { ...before, mute: 's' } }).keys).toEqual({
			...before,
			mute: 's',
			silence: 'l'
		});
	});
});

/** On stage and muted, unless it is said otherwise. */
function setup(more: { onStage?: boolean; muted?: boolean; asksConsent?: boolean } = {}) {
	const calls: string[] = [];
	const say = (what: string) => (): void => void calls.push(what);
	const room = {
		onStage: more.onStage ?? true,
		asksConsent: more.asksConsent ?? false,
		view: { me: { muted: more.muted ?? true } } as RoomKeysParts['room']['view'],
		may: () => false,
		toggleMute: say('toggle'),
		hush: say('hush'),
		toggleHand: say('hand'),
		goUp: say('up'),
		toggleSilence: say('silence')
	};
	const keys = createRoomKeys({
		room,
		choice: () => FIRST_SHORTCUTS,
		react: say('react'),
		list: say('list')
	});
	const down = (name: string, repeat = false): boolean =>
		keys.down({ ...key(name), repeat } as KeyboardEvent, PAGE);
	return { calls, room, keys, down };
}

describe('holding a key to talk', () => {
	it('opens the microphone for as long as it is held', () => {
		const { calls, keys, down } = setup();
		expect([down(' '), down(' ', true), down(' ', true)]).toEqual([true, true, true]);
		expect(calls).toEqual(['toggle']);
		keys.up({ key: 'm' });
		expect(calls).toEqual(['toggle']);
		keys.up({ key: ' ' });
		expect(calls).toEqual(['toggle', 'hush']);
	});

	it('asks for nothing where the seat was taken away meanwhile', () => {
		const { calls, room, keys, down } = setup();
		down(' ');
		room.onStage = false;
		keys.up({ key: ' ' });
		expect(calls).toEqual(['toggle']);
	});

	it('mutes where the window loses the keyboard', () => {
		const { calls, keys, down } = setup();
		down(' ');
		keys.letGo();
		keys.up({ key: ' ' });
		expect(calls).toEqual(['toggle', 'hush']);
	});

	it('does nothing for who speaks already, listens, or has a question to answer', () => {
		for (const more of [{ muted: false }, { onStage: false }, { asksConsent: true }]) {
			const { calls, keys, down } = setup(more);
			down(' ');
			keys.up({ key: ' ' });
			expect(calls).toEqual([]);
		}
	});
});

describe('the other keys', () => {
	it('mute on stage, and raise the hand below it', () => {
		const above = setup();
		above.down('m');
		above.down('h');
		expect(above.calls).toEqual(['toggle']);
		const below = setup({ onStage: false });
		below.down('m');
		below.down('h');
		expect(below.calls).toEqual(['hand']);
	});

	it('act once, however long they are held', () => {
		const { calls, down } = setup();
		for (const repeat of [false, true, true]) expect(down('r', repeat)).toBe(true);
		expect(calls).toEqual(['react']);
	});
});
