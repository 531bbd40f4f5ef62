/** What a person's menu offers, by who looks and who is looked at. */
import { describe, expect, it } from 'vitest';
import { actsOn, personIn } from '#lib/app/state/person-acts.ts';
import type { RoomView } from '#lib/p2p/peer/view.ts';
import { POWERS, type Power } from '#lib/p2p/wire/act.ts';
import { SEATS_MAX } from '#lib/p2p/wire/limits.ts';
import { fakeListener, fakePeer, fakePerson, fakeSeat, fakeView } from '../lib/fake-session.ts';

const cora = { ...fakePerson('Cora'), powers: POWERS, untilMs: null };
const away = fakePeer('Nobody');

/** Ana is the host, Béla and Cora are on stage, Cora is a co-host; Noor has a hand up, Priya is invited. */
function room(me: Partial<RoomView['me']>, more: Partial<RoomView> = {}): RoomView {
	return fakeView({
		me: { ...fakeView().me, ...me },
		stage: [
			fakeSeat('Ana', { role: 'host' }),
			fakeSeat('Béla'),
			fakeSeat('Cora', { cohost: true, muted: true })
		],
		listeners: [
			fakeListener('Me', { me: true }),
			fakeListener('Noor', { handUp: true }),
			fakeListener('Priya', { invited: true })
		],
		cohosts: [cora],
		...more
	});
}

const asHost = (more: Partial<RoomView> = {}): RoomView =>
	room({ peer: fakePeer('Ana'), role: 'host', powers: POWERS }, more);
const asCohost = (...powers: Power[]): RoomView => room({ cohost: true, powers });

describe('what the host can do', () => {
	it('with a speaker: mute, take the microphone back, name, remove', () => {
		const acts = actsOn(asHost(), fakePeer('Béla'));
		expect(acts).toEqual(['mute', 'unseat', 'name-cohost', 'remove']);
	});

	it('with a co-host: the same, and change or take back what it may do', () => {
		const acts = actsOn(asHost(), fakePeer('Cora'));
		expect(acts).toEqual(['unseat', 'change-cohost', 'unname-cohost', 'remove']);
	});

	it('with a raised hand: invite it or decline it', () => {
		const acts = actsOn(asHost(), fakePeer('Noor'));
		expect(acts).toEqual(['invite', 'lower', 'name-cohost', 'remove']);
	});

	it('with an invited person: not invite it again', () => {
		expect(actsOn(asHost(), fakePeer('Priya'))).toEqual(['name-cohost', 'remove']);
	});

	it('with a full stage: no more invitations', () => {
		const others = Array.from({ length: SEATS_MAX - 1 }, (_, i) => fakeSeat(`Guest ${i}`));
		const stage = [fakeSeat('Ana', { role: 'host' }), ...others];
		expect(actsOn(asHost({ stage }), fakePeer('Noor'))).not.toContain('invite');
	});

	it('with itself: nothing', () => {
		expect(actsOn(asHost(), fakePeer('Ana'))).toEqual([]);
	});

	it('with who is out: let in again, or block as well', () => {
		const removal = { ...fakePerson('Zoe'), by: fakePerson('Cora'), canReadmit: true };
		const removed = asHost({ removed: [{ ...removal, blocked: false }] });
		expect(actsOn(removed, removal.peer)).toEqual(['readmit', 'block']);
		const blocked = asHost({ removed: [{ ...removal, blocked: true }] });
		expect(actsOn(blocked, removal.peer)).toEqual(['readmit']);
	});
});

describe('what a co-host can do', () => {
	it('is what its powers cover', () => {
		expect(actsOn(asCohost('stage'), fakePeer('Béla'))).toEqual(['unseat']);
		expect(actsOn(asCohost('sound'), fakePeer('Béla'))).toEqual(['mute']);
		expect(actsOn(asCohost('people'), fakePeer('Béla'))).toEqual(['remove']);
		expect(actsOn(asCohost('room'), fakePeer('Béla'))).toEqual([]);
		expect(actsOn(asCohost('stage'), fakePeer('Noor'))).toEqual(['invite', 'lower']);
	});

	it('is nothing with the host or another co-host', () => {
		expect(actsOn(asCohost(...POWERS), fakePeer('Ana'))).toEqual([]);
		expect(actsOn(asCohost(...POWERS), fakePeer('Cora'))).toEqual([]);
	});

	it('does not undo what the host has decided', () => {
		const removal = { ...fakePerson('Zoe'), by: fakePerson('Ana'), canReadmit: false };
		const view = room(
			{ cohost: true, powers: POWERS },
			{ removed: [{ ...removal, blocked: false }] }
		);
		expect(actsOn(view, removal.peer)).toEqual([]);
	});
});

describe('everybody else', () => {
	it('is offered nothing', () => {
		for (const { peer } of [...room({}).stage, ...room({}).listeners]) {
			expect(actsOn(room({}), peer)).toEqual([]);
		}
	});

	it('is somebody wherever it is known', () => {
		expect(personIn(room({}), fakePeer('Cora'))).toMatchObject({
			name: 'Cora',
			cohost: cora,
			seat: { muted: true },
			listener: null,
			removed: null
		});
		expect(personIn(room({}), away)).toMatchObject({ name: '', seat: null, listener: null });
	});
});
