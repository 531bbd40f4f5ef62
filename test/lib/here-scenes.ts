/** A room that goes on, or is over, while another page is looked at. */
import type { SessionState } from '#lib/app/session.ts';
import { ROOM_SCENES } from './room-scenes.ts';

const changed = (state: SessionState, view: Partial<SessionState['view']>): SessionState => ({
	...state,
	view: { ...state.view, ...view }
});

/** Where it is told of, a moment after the rest is drawn. */
export const HERE = '.dock :is(.here, .note)';

export const HERE_SCENES = {
	elsewhere: () => ROOM_SCENES.listening(),
	'elsewhere-on-stage': () => ROOM_SCENES.full(),
	'elsewhere-invited': () => ROOM_SCENES.invited(),
	'elsewhere-recorded': () => ROOM_SCENES.recorded(),
	'elsewhere-to-tap': () => ({ ...ROOM_SCENES.listening(), needsTap: true }),
	'elsewhere-connecting': () => ROOM_SCENES.reconnecting(),
	'elsewhere-ended': () =>
		changed(ROOM_SCENES.ended(), { ending: 'Thank you all. We meet again on Friday.' })
} satisfies Record<string, () => SessionState>;
