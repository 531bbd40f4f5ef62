/** What the system is told of the room that we are in: media controls, the screen, and who calls us. */
import { describe, expect, it } from 'vitest';
import { watchRoom } from '#lib/app/here/room-signs.ts';
import { FIRST_SIGNALS, readSignals, type SignalChoice } from '#lib/app/signals.ts';
import { createSummons } from '#lib/app/summons.ts';
import type { MediaDeed, MediaPlaying } from '#lib/io/system/ports.ts';
import { FAKE_INVITATION, fakeSession } from '../lib/fake-session.ts';
import { ROOM_SCENES, type RoomScene } from '../lib/room-scenes.ts';

function setup(scene: RoomScene, { elsewhere = true, choice = FIRST_SIGNALS } = {}) {
	const room = fakeSession(ROOM_SCENES[scene]());
	const playing: (MediaPlaying | null)[] = [];
	const screen: string[] = [];
	const called: string[] = [];
	const marks: number[] = [];
	let deed: (deed: MediaDeed) => void = () => undefined;
	const summons = createSummons({
		notices: { show: ({ title, body, path }) => called.push(`${title}: ${body} ${path}`) },
		mark: (count) => marks.push(count),
		ring: () => called.push('ring'),
		choice: (): SignalChoice => choice
	});
	const stop = watchRoom({
		session: room.session,
		summons,
		isElsewhere: () => elsewhere,
		words: {
			app: 'Grapevine',
			title: ({ title }) => title,
			name: (name) => name,
			invited: (by) => `${by} invites you`
		},
		href: () => '/r/key',
		system: {
			media(onDeed) {
				deed = onDeed;
				return (now) => playing.push(now);
			},
			screen: () => ({
				hold: (on) => screen.push(on ? 'on' : 'off'),
				close: () => screen.push('closed')
			})
		}
	});
	return {
		...{ room, playing, screen, called, marks, stop },
		press: (what: MediaDeed) => deed(what)
	};
}

const invitation = { id: FAKE_INVITATION, fromName: 'Ana' };

describe('media controls', () => {
	it('show the room and its host, and a microphone to whoever is on stage', () => {
		const { room, playing } = setup('listening');
		const shown = {
			title: 'Evening garden talk',
			artist: 'Ana',
			app: 'Grapevine',
			silent: false,
			microphone: null
		};
		expect(playing).toEqual([shown]);
		room.set({ levels: new Map() });
		expect(playing).toHaveLength(1);
		room.setMe({ role: 'speaker' });
		room.setMe({ muted: false });
		expect(playing.slice(1)).toEqual([
			{ ...shown, microphone: false },
			{ ...shown, microphone: true }
		]);
	});

	it('are gone with the room', () => {
		const { room, playing, stop } = setup('listening');
		room.setView({ phase: 'ended' });
		expect(playing.at(-1)).toBeNull();
		stop();
		expect(playing.at(-1)).toBeNull();
	});

	it('mute, speak, silence and leave', () => {
		const { room, playing, press } = setup('on-stage-muted');
		press('toggle-microphone');
		room.setMe({ muted: false });
		press('toggle-microphone');
		press('pause');
		room.set({ silenced: true });
		expect(playing.at(-1)?.silent).toBe(true);
		press('play');
		room.set({ silenced: false });
		expect(playing.at(-1)?.silent).toBe(false);
		press('hang-up');
		expect(room.calls).toEqual(['unmute', 'mute', 'silence on', 'silence off', 'listen', 'leave']);
	});

	it('do not open a microphone before it is answered what may be recorded', () => {
		const { room, press } = setup('recorded');
		press('toggle-microphone');
		expect(room.calls).toEqual([]);
	});
});

describe('the screen', () => {
	it('stays on for whoever is on stage, until they are not', () => {
		const { room, screen, stop } = setup('listening');
		room.setMe({ role: 'speaker' });
		room.setView({ phase: 'reconnecting' });
		room.setMe({ role: 'listener' });
		stop();
		expect(screen).toEqual(['off', 'on', 'on', 'off', 'closed']);
	});
});

describe('an invitation to speak', () => {
	it('calls whoever looks elsewhere, once, and is marked until it is answered', () => {
		const { room, called, marks } = setup('listening');
		room.setMe({ invitation });
		room.setMe({ invitation, handUp: true });
		expect(called).toEqual(['ring', 'Evening garden talk: Ana invites you /r/key']);
		expect(marks.at(-1)).toBe(1);
		room.setMe({ invitation: null });
		expect(marks.at(-1)).toBe(0);
	});

	it('calls nobody who looks at the room', () => {
		const { room, called } = setup('listening', { elsewhere: false });
		room.setMe({ invitation });
		expect(called).toEqual([]);
	});

	it.each([
		[{ sound: false }, ['Evening garden talk: Ana invites you /r/key']],
		[{ stage: false }, []]
	])('is switched off by kind, and its sound alone: %o', (off, expected) => {
		const { room, called } = setup('listening', { choice: { ...FIRST_SIGNALS, ...off } });
		room.setMe({ invitation });
		expect(called).toEqual(expected);
	});
});

describe('what was chosen of signals', () => {
	it.each([
		[undefined, FIRST_SIGNALS],
		['on', FIRST_SIGNALS],
		[
			{ sound: false, stage: 'no' },
			{ ...FIRST_SIGNALS, sound: false }
		]
	])('is read from %o', (json, choice) => {
		expect(readSignals(json)).toEqual(choice);
	});
});
