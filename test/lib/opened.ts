/** Dialogs and open forms: the scene beneath, and the button that opens them; several, with ` > ` between them. */
import { NETWORK_SCENES } from './network-scenes.ts';

export const OPENED: readonly (readonly [string, string])[] = [
	['home', 'Settings'],
	['settled', 'Settings'],
	['home', 'Settings > Sound'],
	['home', 'Settings > Erase everything…'],
	['on-stage-muted', 'Sound'],
	['elsewhere', 'Settings'],
	['home', 'Start a room'],
	['people', 'Make a copy'],
	['people', 'Bring one in'],
	['listening', 'Share'],
	['reacting', 'React'],
	['listening', 'More about Chidi'],
	['listening', 'More about Chidi > Report…'],
	['moderating', 'Desk'],
	['moderating', 'Desk > Listeners and speaking times'],
	['recording', 'Desk'],
	['recordings', 'Delete now'],
	['shared-list', 'Share…'],
	['shared-list', 'Share… > Take it back…'],
	['shared-whole', 'Delete my copy'],
	['captioned', 'Captions'],
	['cohosting', 'Desk'],
	['moderating', 'Who did what'],
	['moderating', 'More about Chidi'],
	['moderating', 'Desk > End the room…'],
	['moderating', 'More about Noor'],
	['moderating', 'More about Noor > Make co-host…'],
	['moderating', 'More about Noor > Remove…'],
	...Object.keys(NETWORK_SCENES).map((scene) => [scene, 'Network'] as const)
];
