import { describe, expect, it } from 'vitest';
import { createShownView } from '#lib/app/shown-view.ts';
import { fakePeer, fakeSeat, fakeView } from '../lib/fake-session.ts';

const me = fakeSeat('Me', { me: true });
const together = fakeView({ stage: [me, fakeSeat('Ana')], listeners: [], listenerCount: 0 });
const apart = { ...together, stage: [me, fakeSeat('Ana', { reachable: false })] };

describe('a room as it is shown', () => {
	it('says of a speaker without any link or seed that it looks for a way back, and no more once it is back', () => {
		const show = createShownView();
		expect(show(together, [], 1)).toBe(together);
		expect(show(apart, [], 0)).toEqual({ ...apart, phase: 'reconnecting' });
		expect(show(together, [], 0)).toBe(together);
	});

	it('says so of a host alone on stage that loses its listeners with the seeds', () => {
		const show = createShownView();
		const listenedTo = { ...together, stage: [me], listenerCount: 3 };
		expect(show(listenedTo, [], 0).phase).toBe('joined');
		expect(show({ ...listenedTo, listenerCount: 0 }, [], 0).phase).toBe('reconnecting');
	});

	it('does not take one lost speaker for a lost room', () => {
		const show = createShownView();
		show(together, [], 1);
		expect(show(apart, [], 1).phase).toBe('joined');
		expect(show({ ...apart, listenerCount: 1 }, [], 0).phase).toBe('joined');
		const third = { ...apart, stage: [...apart.stage, fakeSeat('Sam')] };
		expect(show(third, [], 0).phase).toBe('joined');
	});

	it('says nothing of a way back before anybody was reached, or after it is over', () => {
		const opened = { ...together, stage: [me] };
		expect(createShownView()(opened, [], 0).phase).toBe('joined');
		const show = createShownView();
		show(opened, [], 1);
		expect(show({ ...opened, phase: 'left' }, [], 0).phase).toBe('left');
	});

	it('is the very same object while nothing changes, and has my names', () => {
		const show = createShownView();
		const people = [{ peer: fakePeer('Ana'), name: 'Aunt Ana', secret: null, sinceMs: 1 }];
		show(together, people, 1);
		const shown = show(apart, people, 0);
		expect(show(apart, people, 0)).toBe(shown);
		expect(shown.stage[1]?.name).toBe('Aunt Ana');
		expect(shown.phase).toBe('reconnecting');
	});
});
